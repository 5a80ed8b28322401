//! Accounts and sessions.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::moment;

/// What it takes to open an account.
#[derive(Clone, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RegisterUser {
    /// 3 to 32 of `a-z 0-9 _ -`; capitals are lowered.
    #[cfg_attr(
        feature = "openapi",
        schema(
            example = "ada",
            min_length = 3,
            max_length = 32,
            pattern = "^[A-Za-z0-9_-]+$"
        )
    )]
    pub username: String,
    /// An address with an `@`; international domains are accepted.
    #[cfg_attr(feature = "openapi", schema(example = "ada@example.com", format = Email, max_length = 318))]
    pub email: String,
    /// 8 to 256 characters, any.
    #[cfg_attr(feature = "openapi", schema(example = "correct horse battery", format = Password, min_length = 8, max_length = 256))]
    pub password: String,
}

/// Credentials of an existing account.
#[derive(Clone, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct LogIn {
    /// The username or the e-mail address.
    #[cfg_attr(feature = "openapi", schema(example = "ada"))]
    pub username: String,
    /// The password.
    #[cfg_attr(feature = "openapi", schema(example = "correct horse battery", format = Password))]
    pub password: String,
}

/// A new password in place of the present one.
#[derive(Clone, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// The current password.
    #[cfg_attr(feature = "openapi", schema(example = "correct horse battery", format = Password))]
    pub current_password: String,
    /// 8 to 256 characters, any.
    #[cfg_attr(feature = "openapi", schema(example = "staple of the battery", format = Password, min_length = 8, max_length = 256))]
    pub new_password: String,
}

/// What it takes to delete one's own account.
#[derive(Clone, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DeleteAccount {
    /// The current password.
    #[cfg_attr(feature = "openapi", schema(example = "correct horse battery", format = Password))]
    pub password: String,
}

/// A fresh session: send `token` as `Authorization: Bearer` until `expires_at`.
#[derive(Clone, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Session {
    /// The session token, a JWT.
    pub token: String,
    /// How to send it.
    pub token_type: TokenType,
    /// When the token stops working: 7 days after it was made.
    #[serde(deserialize_with = "moment::read")]
    pub expires_at: DateTime<Utc>,
    /// Whose session it is.
    pub user: User,
}

/// The only kind of session token there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum TokenType {
    /// `Authorization: Bearer <token>`.
    Bearer,
}

/// An account, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct User {
    /// Stable id.
    pub id: Uuid,
    /// Lower-case name.
    pub username: String,
    /// Canonical e-mail address.
    pub email: String,
    /// When the account was made.
    #[serde(deserialize_with = "moment::read")]
    pub created_at: DateTime<Utc>,
    /// What it holds.
    pub usage: Usage,
}

/// What an account holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Usage {
    /// Published images, without deleted ones.
    pub images: u64,
    /// Bytes it takes up: originals, those that can be restored too, and what is set aside for running uploads.
    pub bytes: u64,
    /// The most bytes allowed, when there is a limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    pub quota_bytes: Option<u64>,
}
