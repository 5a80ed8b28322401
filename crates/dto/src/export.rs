//! What an account takes away: everything of its own, in one archive.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{ContentType, Visibility, moment};

/// What a manifest calls its form.
pub const EXPORT_FORMAT: &str = "tintype-export";
/// The newest version of that form.
pub const EXPORT_VERSION: u32 = 1;

/// Where everything of an account is, in one archive.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Export {
    /// The archive: a ZIP with the originals in `images/`, behind `manifest.json` (`ExportManifest`), which says the rest.
    #[cfg_attr(feature = "openapi", schema(format = "uri"))]
    pub url: String,
    /// Until then its download can be begun. It ends with the sessions of the account, too.
    #[serde(deserialize_with = "moment::read", serialize_with = "moment::write")]
    pub expires_at: DateTime<Utc>,
}

/// `manifest.json` of an export: what its pictures and albums are. What is in the trash is not in it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExportManifest {
    /// `tintype-export`.
    pub format: String,
    /// Of this form: 1. One that can't be read by those who know an older one has a higher number.
    #[cfg_attr(feature = "openapi", schema(minimum = 1))]
    pub version: u32,
    /// The name of the account.
    pub username: String,
    /// When it was written.
    #[serde(deserialize_with = "moment::read", serialize_with = "moment::write")]
    pub exported_at: DateTime<Utc>,
    /// All pictures, the newest first.
    pub images: Vec<ExportedImage>,
    /// All albums, the newest first.
    pub albums: Vec<ExportedAlbum>,
}

/// A picture of an export.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExportedImage {
    /// Its id where it comes from: albums name it by that.
    pub id: Uuid,
    /// Its file in the archive.
    #[cfg_attr(feature = "openapi", schema(example = "images/lake.jpg"))]
    pub file: String,
    /// The short name in its links where it comes from.
    pub slug: String,
    /// The name that it was uploaded with.
    pub filename: String,
    /// What its owner calls it.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub title: Option<String>,
    /// What is to be seen in it.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub alt: Option<String>,
    /// Its type.
    pub content_type: ContentType,
    /// Of the file, bytes.
    pub size_bytes: u64,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// SHA-256 of the file, as hex.
    pub sha256: String,
    /// Who could see it.
    pub visibility: Visibility,
    /// Where it stood in lists.
    #[serde(deserialize_with = "moment::read", serialize_with = "moment::write")]
    pub created_at: DateTime<Utc>,
    /// When it was to end.
    #[serde(
        deserialize_with = "moment::read_option",
        serialize_with = "moment::write_option"
    )]
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub expires_at: Option<DateTime<Utc>>,
}

/// An album of an export.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExportedAlbum {
    /// Its id where it comes from.
    pub id: Uuid,
    /// The short name in its link where it comes from.
    pub slug: String,
    /// Its title.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub title: Option<String>,
    /// What its owner said about it.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub description: Option<String>,
    /// Who could see it.
    pub visibility: Visibility,
    /// When it was made.
    #[serde(deserialize_with = "moment::read", serialize_with = "moment::write")]
    pub created_at: DateTime<Utc>,
    /// When it was to end.
    #[serde(
        deserialize_with = "moment::read_option",
        serialize_with = "moment::write_option"
    )]
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub expires_at: Option<DateTime<Utc>>,
    /// The picture that was chosen to stand for it, of `images`.
    #[cfg_attr(feature = "openapi", schema(required = true))]
    pub cover: Option<Uuid>,
    /// The ids of its pictures, in its order.
    pub images: Vec<Uuid>,
}
