//! Login attempts, counted.

use sea_orm::DbErr;

use super::queries;
use crate::Failure;
use crate::db::UserId;
use crate::db::user;
use crate::rate_limit::{self, LimitError, Rule, Try};
use crate::services::Services;

/// An attempt to give an account's password, counted before the password is checked.
#[must_use]
pub struct LoginAttempt {
    /// `None` if the address has no tries left, but the account still has some from there.
    from: Option<Try>,
    to: Try,
}

impl LoginAttempt {
    /// Counts an attempt for its address, and for the account from that address, by whichever name the account is called. Unknown names are
    /// counted in the same steps. A refused attempt counts for neither.
    ///
    /// # Errors
    /// There were too many wrong passwords: this one must not be checked.
    pub async fn count(
        services: &Services,
        caller: &str,
        login: &str,
        user: Option<&user::Model>,
    ) -> Result<Self, LimitError> {
        let account = user.map_or_else(|| format!("name {login}"), |user| account(user.id));
        let pair = pair(caller, &account);
        // Before the address: an attempt refused here never counts there, not even for a moment.
        rate_limit::look(services, Rule::FailedLoginsPerAccount, &pair).await?;
        let from = match rate_limit::count(services, Rule::FailedLoginsPerAddress, caller).await {
            Ok(tried) => Some(tried),
            Err(LimitError::Limited { .. }) if is_known(services, &account, caller).await? => None,
            Err(error) => return Err(error),
        };
        match rate_limit::count(services, Rule::FailedLoginsPerAccount, &pair).await {
            Ok(to) => Ok(Self { from, to }),
            Err(error) => {
                give_back(services, from).await?;
                Err(error)
            }
        }
    }

    /// Whether the password matches the stored hash. Only wrong passwords count, not right ones and not attempts that fail.
    ///
    /// # Errors
    /// Too many passwords are being checked; the database.
    pub async fn fits(
        self,
        services: &Services,
        password: &str,
        kept: Option<&str>,
    ) -> Result<bool, Failure> {
        let fits = match queries::dearest_cost(&services.db).await {
            Ok(dearest) => services.passwords.fits(password, kept, dearest).await,
            Err(error) => Err(error.into()),
        };
        if let Ok(false) = fits {
            services.metrics.login_failures.inc();
            return Ok(false);
        }
        give_back(services, self.from).await?;
        give_back(services, Some(self.to)).await?;
        fits
    }
}

/// Whether the account logged in from this address lately.
async fn is_known(services: &Services, account: &str, caller: &str) -> Result<bool, DbErr> {
    let (known, now) = (&services.known_addresses, services.clock.now());
    known.contain(&services.db, account, caller, now).await
}

/// The account's key for counting, whichever name was typed.
#[must_use]
pub fn account(user_id: UserId) -> String {
    format!("id {user_id}")
}

fn pair(caller: &str, account: &str) -> String {
    format!("{caller} {account}")
}

/// The key of an unknown name, tried from this address.
#[must_use]
pub fn name_nobody_has(caller: &str, login: &str) -> String {
    pair(caller, &format!("name {login}"))
}

async fn give_back(services: &Services, tried: Option<Try>) -> Result<(), DbErr> {
    match tried {
        Some(tried) => rate_limit::give_back(&services.db, tried).await,
        None => Ok(()),
    }
}
