//! Logging in: attempts are counted before passwords are compared.

use sea_orm::DbErr;

use super::email;
use super::login_attempt::{LoginAttempt, account};
use super::queries;
use super::register::{NewAccount, RegisterError};
use crate::Failure;
use crate::db::{UserId, user};
use crate::rate_limit::{self, LimitError, Rule};
use crate::services::Services;

/// Why a login is refused.
#[derive(Debug, thiserror::Error)]
pub enum LogInError {
    /// There were too many wrong passwords.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// The name or the password is wrong.
    #[error("the name or the password is wrong")]
    WrongCredentials,
    /// The operator has disabled the account.
    #[error("the account is disabled")]
    Disabled,
    /// It could not be checked.
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl From<DbErr> for LogInError {
    fn from(error: DbErr) -> Self {
        Self::Failure(error.into())
    }
}

/// Logs in by username or e-mail address. An unknown name and a wrong password take as long.
pub async fn log_in(
    services: &Services,
    caller: &str,
    name: &str,
    password: &str,
) -> Result<user::Model, LogInError> {
    let login = email::canonical(name).unwrap_or_else(|_| name.trim().to_ascii_lowercase());
    // PostgreSQL's text holds no NUL.
    let user = if login.contains('\0') {
        None
    } else {
        queries::find_by_login(&services.db, &login).await?
    };
    let attempt = LoginAttempt::count(services, caller, &login, user.as_ref()).await?;
    let kept = user.as_ref().map(|user| user.password_hash.as_str());
    if !attempt.fits(services, password, kept).await? {
        return Err(LogInError::WrongCredentials);
    }
    let user = user.ok_or_else(|| Failure::unexpected("a password fits nobody"))?;
    if user.disabled_at.is_some() {
        return Err(LogInError::Disabled);
    }
    remember(services, user.id, caller).await;
    renew_hash(services, &user, password).await;
    Ok(user)
}

/// Checks the password again: a session left open or stolen is not enough. Wrong passwords count as failed logins.
pub async fn ask_again(
    services: &Services,
    user: &user::Model,
    caller: &str,
    password: &str,
) -> Result<(), LogInError> {
    let attempt = LoginAttempt::count(services, caller, &user.username, Some(user)).await?;
    if attempt
        .fits(services, password, Some(&user.password_hash))
        .await?
    {
        Ok(())
    } else {
        Err(LogInError::WrongCredentials)
    }
}

/// Registers an account and logs it in.
pub async fn register(
    services: &Services,
    caller: &str,
    account: NewAccount<'_>,
) -> Result<user::Model, RegisterError> {
    let tried = rate_limit::count(services, Rule::RegistrationsPerAddress, caller).await?;
    let (passwords, now) = (&services.passwords, services.clock.now());
    match account.open(&services.db, passwords, now).await {
        Ok(user) => {
            remember(services, user.id, caller).await;
            Ok(user)
        }
        // An invalid form is no registration. Taken names are not revealed without a limit.
        Err(error @ RegisterError::Invalid(_)) => {
            rate_limit::give_back(&services.db, tried)
                .await
                .map_err(Failure::from)?;
            Err(error)
        }
        Err(error) => Err(error),
    }
}

/// Records a login from this address. A failure to record it is no reason to refuse a right password.
async fn remember(services: &Services, user_id: UserId, caller: &str) {
    let (known, now) = (&services.known_addresses, services.clock.now());
    if let Err(error) = known
        .add(&services.db, &account(user_id), caller, now)
        .await
    {
        tracing::warn!(%error, "a known address was not saved");
    }
}

/// Rehashes the password if the stored hash has an old cost or scheme. If that fails, the next login does it.
async fn renew_hash(services: &Services, user: &user::Model, password: &str) {
    if services.passwords.is_current(&user.password_hash) {
        return;
    }
    let renewed = async {
        let hash = services.passwords.hash(password).await?;
        let renewed = queries::renew_hash(&services.db, user, &hash).await;
        renewed.map_err(Failure::from)
    };
    if let Err(error) = renewed.await {
        tracing::warn!(%error, "a password was not rehashed");
    }
}
