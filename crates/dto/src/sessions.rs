//! Where a person is logged in.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::moment;

/// One session, without its token.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OpenSession {
    /// Stable id: the `jti` of its token.
    pub id: Uuid,
    /// What it was begun with, as a person would call it.
    #[cfg_attr(feature = "openapi", schema(example = "Firefox on Linux"))]
    pub device: String,
    /// When it began.
    #[serde(deserialize_with = "moment::read")]
    pub created_at: DateTime<Utc>,
    /// When it was used last, to a day.
    #[serde(deserialize_with = "moment::read")]
    pub last_used_at: DateTime<Utc>,
    /// When it ends by itself.
    #[serde(deserialize_with = "moment::read")]
    pub expires_at: DateTime<Utc>,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// The sessions of an account.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OpenSessions {
    /// The one that asks, then the one that was used last, at most 100.
    #[cfg_attr(feature = "openapi", schema(max_items = 100))]
    pub items: Vec<OpenSession>,
}
