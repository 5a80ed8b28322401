//! The keys of objects: the only place that builds and parses them.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::db::ImageId;

/// Prefix of the files that clients send.
pub const STAGING: &str = "staging/";
/// Prefix of published objects.
pub const IMAGES: &str = "images/";
/// Prefix of orphans in quarantine, followed by the time and the old key.
pub const QUARANTINE: &str = "quarantine/";
/// Prefix of the marks that are made before something is shown to fewer people, followed by their time.
pub const MARKS: &str = "marks/";
/// Key of the object that names the bucket's installation.
pub const MARKER: &str = "tintype-installation";
/// Key of the object that names the backup that is being restored.
pub const RESTORING: &str = "tintype-restore";
/// Key of the object that names the database that is being made again from this bucket.
pub const REBUILDING: &str = "tintype-rebuild";

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
    /// Its number is the revision that the image begins with.
    pub manifest: String,
}

impl FinalKeys {
    #[must_use]
    pub fn of(upload: ImageId, attempt: i32) -> Self {
        let folder = format!("{}{attempt}", images_of(upload));
        Self {
            original: format!("{folder}/original"),
            preview: format!("{folder}/preview"),
            thumb: format!("{folder}/thumb"),
            manifest: manifest(upload, attempt),
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

/// The prefix of the keys of an image's manifests.
#[must_use]
pub fn manifests_of(id: ImageId) -> String {
    format!("{}manifest/", images_of(id))
}

/// The key of the manifest that says what an image was at this revision. It never says anything else.
#[must_use]
pub fn manifest(id: ImageId, revision: i32) -> String {
    format!("{}{revision}", manifests_of(id))
}

/// The revision in `images/{id}/manifest/{revision}`.
#[must_use]
pub fn revision_in(key: &str) -> Option<i32> {
    let (folder, revision) = key.rsplit_once('/')?;
    let revision = revision.parse().ok()?;
    let own = manifest(id_in(key)?, revision);
    (folder.ends_with("/manifest") && own == key).then_some(revision)
}

/// The attempt in `images/{id}/{attempt}/...`.
#[must_use]
pub fn attempt_in(key: &str) -> Option<i32> {
    key.split('/').nth(2)?.parse().ok()
}

/// Whether this is a key as [`FinalKeys`] has them.
#[must_use]
pub fn is_published(key: &str) -> bool {
    key.starts_with(IMAGES) && id_in(key).is_some() && attempt_in(key).is_some()
}

/// A new key for a mark that is made at this time.
#[must_use]
pub fn mark(now: DateTime<Utc>) -> String {
    format!("{MARKS}{}-{}", now.timestamp_millis(), Uuid::now_v7())
}

/// When the mark with this key was made.
#[must_use]
pub fn marked_at(key: &str) -> Option<DateTime<Utc>> {
    let (ms, _) = key.strip_prefix(MARKS)?.split_once('-')?;
    DateTime::from_timestamp_millis(ms.parse().ok()?)
}

/// The id in `images/{id}/...` or `staging/{id}`.
#[must_use]
pub fn id_in(key: &str) -> Option<ImageId> {
    let id: Uuid = key.split('/').nth(1)?.parse().ok()?;
    Some(id.into())
}
