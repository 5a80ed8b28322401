use tintype_dto::ProblemCode;
use uuid::Uuid;

use super::{known, queries};
use crate::app::App;
use crate::db::user;
use crate::problems::ApiError;
use crate::rates::{self, Rule, Try};

/// A password that someone is about to give for an account, counted before it is looked at.
#[must_use]
pub struct Guess {
    /// None where the address has no tries left, and the account has some of its own there.
    from: Option<Try>,
    to: Try,
}

impl Guess {
    /// Counts it for the address it comes from, and for the account from that address, by whichever name it is called. Names that nobody
    /// has are counted in the same steps. One that is refused counts for neither.
    ///
    /// # Errors
    /// There were too many wrong ones: the password is not to be looked at.
    pub async fn count(app: &App, caller: &str, login: &str, user: Option<&user::Model>) -> Result<Self, ApiError> {
        let account = user.map_or_else(|| format!("name {login}"), |user| account(user.id));
        let pair = pair(caller, &account);
        // Before the address: what is refused here holds no place there, not even for a moment.
        rates::look(app, Rule::FailedLoginsPerAccount, &pair).await?;
        let from = match rates::count(app, Rule::FailedLoginsPerAddress, caller).await {
            Ok(tried) => Some(tried),
            Err(error) if error.code() == ProblemCode::RateLimited && known::is_known(app, &account, caller).await? => None,
            Err(error) => return Err(error),
        };
        match rates::count(app, Rule::FailedLoginsPerAccount, &pair).await {
            Ok(to) => Ok(Self { from, to }),
            Err(error) => {
                give_back(app, from).await?;
                Err(error)
            }
        }
    }

    /// Whether the password fits the kept hash. Only wrong ones count: neither what goes well nor what never comes to an answer.
    ///
    /// # Errors
    /// Too many passwords are being checked; the database.
    pub async fn fits(self, app: &App, password: &str, kept: Option<&str>) -> Result<bool, ApiError> {
        let fits = match queries::dearest_cost(&app.db).await {
            Ok(dearest) => app.passwords.fits(password, kept, dearest).await,
            Err(error) => Err(error.into()),
        };
        if let Ok(false) = fits {
            app.metrics.login_failures.inc();
            return Ok(false);
        }
        give_back(app, self.from).await?;
        give_back(app, Some(self.to)).await?;
        fits
    }
}

/// What an account is called where tries are counted, whatever people call it.
pub fn account(user_id: Uuid) -> String {
    format!("id {user_id}")
}

fn pair(caller: &str, account: &str) -> String {
    format!("{caller} {account}")
}

/// What is counted for a name that nobody has, tried from this address.
pub fn name_nobody_has(caller: &str, login: &str) -> String {
    pair(caller, &format!("name {login}"))
}

async fn give_back(app: &App, tried: Option<Try>) -> Result<(), ApiError> {
    match tried {
        Some(tried) => Ok(rates::give_back(&app.db, tried).await?),
        None => Ok(()),
    }
}
