//! A password that somebody tries, counted.

use sea_orm::DbErr;

use super::queries;
use crate::Failure;
use crate::db::UserId;
use crate::db::user;
use crate::rate_limit::{self, LimitError, Rule, Try};
use crate::services::Services;

/// A password that someone is about to give for an account, counted before it is looked at.
#[must_use]
pub struct LoginAttempt {
    /// None where the address has no tries left, and the account has some of its own there.
    from: Option<Try>,
    to: Try,
}

impl LoginAttempt {
    /// Counts it for the address it comes from, and for the account from that address, by whichever name it is called. Names that nobody
    /// has are counted in the same steps. One that is refused counts for neither.
    ///
    /// # Errors
    /// There were too many wrong ones: the password is not to be looked at.
    pub async fn count(
        services: &Services,
        caller: &str,
        login: &str,
        user: Option<&user::Model>,
    ) -> Result<Self, LimitError> {
        let account = user.map_or_else(|| format!("name {login}"), |user| account(user.id));
        let pair = pair(caller, &account);
        // Before the address: what is refused here holds no place there, not even for a moment.
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

    /// Whether the password fits the kept hash. Only wrong ones count: neither what goes well nor what never comes to an answer.
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

/// Whether the account was logged in to from this address lately.
async fn is_known(services: &Services, account: &str, caller: &str) -> Result<bool, DbErr> {
    let (known, now) = (&services.known_addresses, services.clock.now());
    known.contain(&services.db, account, caller, now).await
}

/// What an account is called where tries are counted, whatever people call it.
#[must_use]
pub fn account(user_id: UserId) -> String {
    format!("id {user_id}")
}

fn pair(caller: &str, account: &str) -> String {
    format!("{caller} {account}")
}

/// What is counted for a name that nobody has, tried from this address.
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
