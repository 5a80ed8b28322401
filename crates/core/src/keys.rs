//! The keys of objects: the only place that builds and parses them.

use uuid::Uuid;

use crate::db::ImageId;

/// Prefix of the files that clients send.
pub const STAGING: &str = "staging/";
/// Prefix of published objects.
pub const IMAGES: &str = "images/";
/// Prefix of orphans in quarantine, followed by the time and the old key.
pub const QUARANTINE: &str = "quarantine/";
/// Key of the object that names the bucket's installation.
pub const MARKER: &str = "tintype-installation";
/// Key of the object that names the backup that is being restored.
pub const RESTORING: &str = "tintype-restore";

/// The key that an upload's presigned URL writes.
#[must_use]
pub fn staging(upload: ImageId) -> String {
    format!("{STAGING}{upload}")
}

/// The keys of the objects that one attempt at an upload publishes. No client and no other attempt can write them.
pub struct FinalKeys {
    pub original: String,
    pub preview: String,
    pub thumb: String,
}

impl FinalKeys {
    #[must_use]
    pub fn of(upload: ImageId, attempt: i32) -> Self {
        let folder = format!("{}{attempt}", images_of(upload));
        Self {
            original: format!("{folder}/original"),
            preview: format!("{folder}/preview"),
            thumb: format!("{folder}/thumb"),
        }
    }
}

/// The prefix of the keys of an image's objects.
#[must_use]
pub fn images_of(id: ImageId) -> String {
    format!("{IMAGES}{id}/")
}

/// The key after every object of this image and before those of the next: `0` follows `/`.
#[must_use]
pub fn behind_images_of(id: ImageId) -> String {
    format!("{IMAGES}{id}0")
}

/// The id in `images/{id}/...` or `staging/{id}`.
#[must_use]
pub fn id_in(key: &str) -> Option<ImageId> {
    let id: Uuid = key.split('/').nth(1)?.parse().ok()?;
    Some(id.into())
}
