//! The keys of objects: made and read here, and nowhere else.

use uuid::Uuid;

use crate::db::ImageId;

/// Where files land that clients send.
pub const STAGING: &str = "staging/";
/// Where what is published stands.
pub const IMAGES: &str = "images/";
/// Where sweeps move what no row needs: the time and the old key stand behind it.
pub const QUARANTINE: &str = "quarantine/";
/// Says which installation the bucket belongs to.
pub const MARKER: &str = "tintype-installation";

/// The key that the presigned URL of an upload writes.
#[must_use]
pub fn staging(upload: ImageId) -> String {
    format!("{STAGING}{upload}")
}

/// The keys of what one attempt at an upload publishes. No client can write them, and no other attempt does.
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

/// What the keys of an image's objects begin with.
#[must_use]
pub fn images_of(id: ImageId) -> String {
    format!("{IMAGES}{id}/")
}

/// The key in front of which every object of this image stands, and behind which those of the next one do: `0` comes behind `/`.
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
