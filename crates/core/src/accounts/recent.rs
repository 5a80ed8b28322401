//! What this process remembers of credentials that were used lately. Nothing of it can change, so that it is right on every replica, but for the
//! version of the account, which `SessionKey::read` and `checked` bring up to date; whether a credential still works is asked of the database each time.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::{By, sessions};
use crate::api_tokens;
use crate::api_tokens::Known;
use crate::db::Sha256;
use crate::memory::Memory;
use crate::services::Services;

/// What was used within this time counts as used now.
pub const USED: TimeDelta = TimeDelta::days(1);

/// See the module.
#[derive(Default)]
pub struct RecentCredentials {
    /// API tokens, by the hash of their secret.
    pub tokens: Memory<Sha256, Known>,
    /// When it was last written that a session or a token was used.
    pub uses: Memory<Uuid, DateTime<Utc>>,
}

/// Writes that this credential was used, unless that was done within a day. When it can't be written, that is no reason to refuse it.
pub async fn was_used(services: &Services, by: By) {
    let (now, uses) = (services.clock.now(), &services.recent.uses);
    let id = by.id();
    if uses.get(&id).is_some_and(|written| now - written < USED) {
        return;
    }
    let saved = match by {
        By::Session { id } => sessions::was_used(&services.db, id, now).await,
        By::Token { id, .. } => api_tokens::was_used(&services.db, id, now).await,
    };
    match saved {
        Ok(()) => uses.keep(id, now),
        Err(error) => tracing::warn!(%error, "that a credential was used was not saved"),
    }
}
