//! API tokens: named, scoped and revocable secrets for programs.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::names::{Nfc, one_line};
use crate::{RuleError, moment};

/// The most API tokens of an account.
pub const MAX_API_TOKENS: u64 = 50;
/// The longest that an API token with an end may work, days.
pub const MAX_TOKEN_DAYS: u32 = 3650;
/// What the secret of every API token begins with.
pub const TOKEN_PREFIX: &str = "tt_";

/// What an API token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Upload files, and see what became of them. Without `read`, a token sees only what it uploaded itself.
    Upload,
    /// List images and albums, and look at them.
    Read,
    /// Change titles, descriptions and visibility, restore what was deleted, make albums and change what is in them.
    Write,
    /// Delete images and albums.
    Delete,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 4] = [Self::Upload, Self::Read, Self::Write, Self::Delete];

    /// The name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Upload => "upload",
            Self::Read => "read",
            Self::Write => "write",
            Self::Delete => "delete",
        }
    }
}

/// A new API token.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateApiToken {
    /// What its owner calls it: up to 100 characters on one line.
    #[cfg_attr(
        feature = "openapi",
        schema(example = "ShareX on the laptop", max_length = 100, min_length = 1)
    )]
    pub name: String,
    /// What it may do: one scope at least.
    #[cfg_attr(feature = "openapi", schema(min_items = 1))]
    pub scopes: Vec<Scope>,
    /// It works for so many days, 1 to 3,650; until it is revoked, when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 3650))]
    pub expires_in_days: Option<u32>,
}

/// An API token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiToken {
    /// Stable id.
    pub id: Uuid,
    /// What its owner calls it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// When it was made.
    #[serde(deserialize_with = "moment::read")]
    pub created_at: DateTime<Utc>,
    /// When it stops working; absent: not by itself.
    #[serde(
        default,
        deserialize_with = "moment::read_option",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was used last, to a day; absent: never.
    #[serde(
        default,
        deserialize_with = "moment::read_option",
        skip_serializing_if = "Option::is_none"
    )]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub last_used_at: Option<DateTime<Utc>>,
}

/// An API token that was made just now.
#[derive(Clone, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreatedApiToken {
    /// The secret, shown this once: send it as `Authorization: Bearer`.
    #[cfg_attr(
        feature = "openapi",
        schema(
            example = "tt_Zk3vT9mQx1Lr7bWc5NfYh8sDp2Gj4aKe",
            pattern = "^tt_[A-Za-z0-9]{32}$"
        )
    )]
    pub secret: String,
    /// The token.
    pub token: ApiToken,
}

/// The API tokens of an account.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiTokens {
    /// The newest first, at most 50.
    #[cfg_attr(feature = "openapi", schema(max_items = 50))]
    pub items: Vec<ApiToken>,
}

/// The name of a token: 1 to 100 characters on one line, tidied.
///
/// # Errors
/// A sentence that says what to change.
pub fn check_token_name(text: &str, nfc: Nfc) -> Result<String, RuleError> {
    one_line(
        text,
        100,
        nfc,
        ["Keep the name on one line.", "Use at most 100 characters."],
    )?
    .ok_or("Give it a name, so that you know it again.")
}
