//! API tokens: made and revoked by a person's session, used by programs.

mod queries;

use chrono::{DateTime, TimeDelta, Utc};
use rand::RngExt;
use rand::distr::Alphanumeric;
use sea_orm::DbErr;
use tintype_dto::{
    CreateApiToken, FieldError, MAX_TOKEN_DAYS, Scope, TOKEN_PREFIX, check_token_name, nfc,
};

use self::queries::{KeyHolder, find};
pub use self::queries::{list, revoke, was_used, with_hash};
use crate::Failure;
use crate::accounts::{By, SessionKey};
use crate::db::api_token::Model;
use crate::db::{Scopes, Sha256, TokenId, UserId};
use crate::services::Services;

/// Letters and digits behind the prefix: 190 bits.
const LENGTH: usize = 32;

/// Why no token was made.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// Some fields break their rules.
    #[error("some fields break their rules")]
    Invalid(Vec<FieldError>),
    /// The account has as many as it may have.
    #[error("the account has too many API tokens")]
    TooMany,
    /// It could not be done.
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl From<DbErr> for CreateError {
    fn from(error: DbErr) -> Self {
        Self::Failure(error.into())
    }
}

/// Makes a token of this account, and returns its secret, which is kept nowhere.
///
/// # Errors
/// See [`CreateError`].
pub async fn create(
    services: &Services,
    user_id: UserId,
    request: &CreateApiToken,
) -> Result<(String, Model), CreateError> {
    let (name, scopes) = check(request).map_err(CreateError::Invalid)?;
    let secret = secret();
    let now = services.clock.now();
    let token = Model {
        id: TokenId::generate(),
        user_id,
        name,
        sha256: Sha256::of(secret.as_bytes()),
        scopes,
        created_at: now,
        expires_at: request
            .expires_in_days
            .map(|days| now + TimeDelta::days(days.into())),
        last_used_at: None,
    };
    if queries::insert(&services.db, token.clone()).await? {
        Ok((secret, token))
    } else {
        Err(CreateError::TooMany)
    }
}

fn secret() -> String {
    let letters = rand::rng().sample_iter(Alphanumeric).take(LENGTH);
    TOKEN_PREFIX
        .chars()
        .chain(letters.map(char::from))
        .collect()
}

fn check(request: &CreateApiToken) -> Result<(String, Scopes), Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut broken = |field: &str, message: &str| {
        errors.push(FieldError {
            field: field.into(),
            message: message.into(),
        });
    };
    let name = check_token_name(&request.name, nfc).unwrap_or_else(|message| {
        broken("name", message);
        String::new()
    });
    let scopes = Scopes::of(&request.scopes);
    if scopes.0.is_empty() {
        broken("scopes", "Name what it may do.");
    }
    let days = request.expires_in_days;
    if days.is_some_and(|days| !(1..=MAX_TOKEN_DAYS).contains(&days)) {
        broken("expires_in_days", "Choose 1 to 3,650 days.");
    }
    if errors.is_empty() {
        Ok((name, scopes))
    } else {
        Err(errors)
    }
}

/// What a token is. But for the version of its account it never changes; whether it still works is asked of the database with each request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Whose rows it may see.
    pub session: SessionKey,
    /// What it may do.
    pub scopes: Scopes,
    expires_at: Option<DateTime<Utc>>,
}

/// The token with this secret: remembered, or read by an index with its account. Whether it works at this moment is not asked of one that is
/// remembered.
///
/// # Errors
/// When the database fails.
pub async fn by_secret(services: &Services, secret: &str) -> Result<Option<Known>, DbErr> {
    let (sha256, now) = (Sha256::of(secret.as_bytes()), services.clock.now());
    let known = match services.recent.tokens.get(&sha256) {
        Some(known) => known,
        None => match find(&services.db, sha256).await? {
            Some(holder) => {
                let known = Known::from(holder);
                services.recent.tokens.keep(sha256, known.clone());
                known
            }
            None => return Ok(None),
        },
    };
    Ok(Some(known).filter(|known| known.expires_at.is_none_or(|end| end > now)))
}

impl From<KeyHolder> for Known {
    fn from(holder: KeyHolder) -> Self {
        let scopes = holder.scopes;
        let by = By::Token {
            id: holder.id,
            sees_all: scopes.0.contains(&Scope::Read),
            writes: scopes.0.contains(&Scope::Write),
        };
        Self {
            session: SessionKey {
                user_id: holder.user_id,
                version: holder.token_version,
                by,
            },
            scopes,
            expires_at: holder.expires_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_long_and_never_the_same() {
        let (one, other) = (secret(), secret());
        assert_ne!(one, other);
        assert!(one.starts_with("tt_") && one.len() == 35);
    }
}
