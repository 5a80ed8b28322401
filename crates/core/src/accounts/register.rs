//! A new account.

use chrono::{DateTime, Utc};
use sea_orm::DatabaseConnection;
use tintype_dto::{FieldError, check_password, check_username};

use super::{email, queries};
use crate::Failure;
use crate::db::{UserId, user};
use crate::passwords::Passwords;
use crate::rate_limit::LimitError;

/// Why an account was not opened.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// Fields break their rules.
    #[error("{}", .0.iter().map(|e| format!("{}: {}", e.field, e.message)).collect::<Vec<_>>().join(" "))]
    Invalid(Vec<FieldError>),
    /// The name is taken.
    #[error("someone has this username")]
    UsernameTaken,
    /// There is an account with the address.
    #[error("there is an account with this e-mail address")]
    EmailTaken,
    /// There were too many registrations.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// It could not be done.
    #[error(transparent)]
    Failure(#[from] Failure),
}

/// A request for a new account.
#[derive(Clone, Copy)]
pub struct NewAccount<'a> {
    /// 3 to 32 of `a-z 0-9 _ -`; upper case is lowered.
    pub username: &'a str,
    /// An e-mail address.
    pub email: &'a str,
    /// 8 to 256 characters.
    pub password: &'a str,
}

impl NewAccount<'_> {
    /// Checks every rule, then opens the account.
    ///
    /// # Errors
    /// All broken rules at once; a name or address that is taken; the database.
    pub async fn open(
        self,
        db: &DatabaseConnection,
        passwords: &Passwords,
        now: DateTime<Utc>,
    ) -> Result<user::Model, RegisterError> {
        let (username, email) = self.check()?;
        let user = user::Model {
            id: UserId::generate(),
            username,
            email,
            password_hash: passwords.hash(self.password).await?,
            token_version: 0,
            created_at: now,
            used_bytes: 0,
            unfinished_uploads: 0,
            unfinished_ms: 0,
            disabled_at: None,
            deleted_at: None,
        };
        queries::insert(db, &user).await?;
        Ok(user)
    }

    /// The username and e-mail address in canonical form.
    pub(crate) fn check(&self) -> Result<(String, String), RegisterError> {
        let username = check_username(self.username);
        let email = email::canonical(self.email);
        let password = check_password(self.password);
        let mut errors = Vec::new();
        let mut note = |field: &str, fault: Option<&&str>| {
            errors.extend(fault.map(|message| FieldError {
                field: field.into(),
                message: (*message).into(),
            }));
        };
        note("username", username.as_ref().err());
        note("email", email.as_ref().err());
        note("password", password.as_ref().err());
        match (username, email) {
            (Ok(username), Ok(email)) if errors.is_empty() => Ok((username, email)),
            _ => Err(RegisterError::Invalid(errors)),
        }
    }
}
