//! API tokens: made and revoked by a person's session, used by programs.

mod queries;

use chrono::TimeDelta;
use rand::RngExt;
use rand::distr::Alphanumeric;
use sea_orm::DbErr;
use tintype_dto::{
    CreateApiToken, FieldError, MAX_TOKEN_DAYS, Scope, TOKEN_PREFIX, check_token_name, nfc,
};

use self::queries::{KeyHolder, find};
pub use self::queries::{list, revoke};
use crate::Failure;
use crate::accounts::{By, SessionKey};
use crate::db::api_token::Model;
use crate::db::{Scopes, Sha256, TokenId, UserId};
use crate::services::Services;

/// Letters and digits behind the prefix: 190 bits.
const LENGTH: usize = 32;
/// What was used within this time counts as used now.
const USED: TimeDelta = TimeDelta::days(1);

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

/// A token that works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Working {
    /// Whose rows it may see.
    pub session: SessionKey,
    /// What it may do.
    pub scopes: Scopes,
}

/// The token with this secret, if it works: one read by an index, with its account. That it was used is written once a day.
///
/// # Errors
/// When the database fails.
pub async fn use_secret(services: &Services, secret: &str) -> Result<Option<Working>, DbErr> {
    let now = services.clock.now();
    let Some(holder) = find(&services.db, Sha256::of(secret.as_bytes())).await? else {
        return Ok(None);
    };
    let KeyHolder {
        id,
        user_id,
        token_version,
        scopes,
        expires_at,
        last_used_at,
    } = holder;
    if expires_at.is_some_and(|end| end <= now) {
        return Ok(None);
    }
    if last_used_at.is_none_or(|last| now - last >= USED) {
        queries::was_used(&services.db, id, now).await?;
    }
    let by = By::Token {
        id,
        sees_all: scopes.0.contains(&Scope::Read),
        writes: scopes.0.contains(&Scope::Write),
    };
    Ok(Some(Working {
        session: SessionKey {
            user_id,
            version: token_version,
            by,
        },
        scopes,
    }))
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
