use crate::app::App;
use crate::problems::ApiError;
use crate::rates::{self, Rule, Try};

/// A password that someone is about to give for an account, counted before it is looked at.
#[must_use]
pub struct Guess {
    from: Try,
    to: Try,
}

impl Guess {
    /// Counts it for the address it comes from, and for the account from that address.
    ///
    /// # Errors
    /// There were too many wrong ones.
    pub async fn count(app: &App, caller: &str, login: &str) -> Result<Self, ApiError> {
        let from = rates::count(app, Rule::FailedLoginsPerAddress, caller).await?;
        let to = rates::count(app, Rule::FailedLoginsPerAccount, &format!("{caller} {login}")).await?;
        Ok(Self { from, to })
    }

    /// Whether the password fits the kept hash. Only wrong ones count: neither what goes well nor what never comes to an answer.
    ///
    /// # Errors
    /// Too many passwords are being checked; the database.
    pub async fn fits(self, app: &App, password: &str, kept: Option<&str>) -> Result<bool, ApiError> {
        let fits = app.passwords.fits(password, kept).await;
        if let Ok(false) = fits {
            app.metrics.login_failures.inc();
            return Ok(false);
        }
        rates::give_back(&app.db, self.from).await?;
        rates::give_back(&app.db, self.to).await?;
        fits
    }
}
