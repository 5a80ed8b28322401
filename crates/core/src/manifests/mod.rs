//! What the bucket says of its images itself, so that a database can be made again from it (`tintype rebuild`).
//!
//! Each image has a manifest among its objects: a small JSON object at `images/{id}/manifest/{revision}`. A key says one thing for ever, so
//! nothing that arrives late overwrites anything; the highest revision counts. The first is written before the image is published. Whatever
//! changes the row later makes the next one due in the same statement ([`outbox`]), and the worker writes it.
//!
//! Between the two, the bucket knows less than the database. So whoever is about to show an image to fewer people leaves a mark in the bucket
//! first ([`marks`]), which stays until the manifests of its images are current. A rebuild brings those back as private.

pub mod marks;
pub mod outbox;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::Failure;
use crate::db::image::{Model, State, Visibility};
use crate::db::{ImageId, Receipt, Sha256, Slug, UserId};
use crate::objects::Objects;

/// The form of the manifests that this program writes, and the only one that it reads.
pub const VERSION: u32 = 1;
/// A larger object is no manifest, bytes: a title, a description and a file's name are in it, each character six bytes at most.
pub const MOST: u64 = 65_536;

/// An image's row, without what only this database knows. No address, no secret.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Manifest {
    /// [`VERSION`].
    pub version: u32,
    /// As in its key.
    pub revision: i32,
    /// As in its key.
    pub id: ImageId,
    /// Whose it is.
    pub owner: Owner,
    pub slug: Slug,
    pub state: State,
    pub visibility: Visibility,
    pub title: Option<String>,
    pub alt: Option<String>,
    pub filename: String,
    /// A media type.
    pub content_type: String,
    /// Of the original.
    pub size_bytes: i64,
    pub width: i32,
    pub height: i32,
    /// Of the original, hex.
    pub sha256: Sha256,
    /// Of the bytes received, hex.
    pub source_sha256: Sha256,
    pub removed: Receipt,
    pub placeholder: Option<String>,
    pub original_key: String,
    pub preview_key: Option<String>,
    pub thumb_key: Option<String>,
    pub animated: bool,
    pub cleaner: i32,
    pub created_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
}

/// The account that an image belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Owner {
    /// Its id.
    pub id: UserId,
    /// Its name.
    pub username: String,
}

impl Manifest {
    /// What there is to say of this image of the account with this name.
    #[must_use]
    pub fn of(image: &Model, username: &str) -> Self {
        let image = image.clone();
        Self {
            version: VERSION,
            revision: image.revision,
            id: image.id,
            owner: Owner {
                id: image.user_id,
                username: username.to_owned(),
            },
            slug: image.slug,
            state: image.state,
            visibility: image.visibility,
            title: image.title,
            alt: image.alt,
            filename: image.filename,
            content_type: image.content_type.to_string(),
            size_bytes: image.size_bytes,
            width: image.width,
            height: image.height,
            sha256: image.sha256,
            source_sha256: image.source_sha256,
            removed: image.removed,
            placeholder: image.placeholder,
            original_key: image.original_key,
            preview_key: image.preview_key,
            thumb_key: image.thumb_key,
            animated: image.animated,
            cleaner: image.cleaner,
            created_at: image.created_at,
            expires_at: image.expires_at,
        }
    }
}

/// Stores the manifest of this image, whose owner has this name. Returns its key.
pub async fn put(store: &Objects, image: &Model, username: &str) -> Result<String, Failure> {
    let manifest = Manifest::of(image, username);
    let key = crate::keys::manifest(image.id, image.revision);
    let bytes = serde_json::to_vec(&manifest).map_err(Failure::unexpected)?;
    store
        .put(&key, "application/json", Bytes::from(bytes))
        .await?;
    Ok(key)
}
