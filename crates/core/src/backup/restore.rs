//! Restores a backup into an empty database and an empty bucket.
//!
//! The whole backup is read and compared first, and its tables and columns with those that its schema has. Then its objects go into the bucket,
//! and the rows follow in one transaction, so that whatever is in the database has its objects. An object at the bucket's root names the backup from the first step to the last: a restore that was
//! broken off is taken up again by the same command, and by no other.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tintype_storage::failpoint;
use uuid::Uuid;

use super::BackupError;
use super::archive::Archive;
use super::load;
use super::manifest::Manifest;
use super::progress::Progress;
use super::put_back::{Damaged, PuttingBack};
use super::shape;
use super::verify::compare_all;
use crate::clock::Clock;
use crate::db::{self, installation, schema};
use crate::keys;
use crate::manifests::outbox;
use crate::objects::Objects;

/// A larger object is no note of a restore, bytes.
const MOST: u64 = 4096;

/// Where a backup is restored to.
#[derive(Clone, Copy)]
pub struct Target<'a> {
    /// The address of the database. One of SQLite is made where it is missing.
    pub database_url: &'a str,
    /// The bucket.
    pub store: &'a Objects,
    /// The time.
    pub clock: &'a Clock,
}

/// The object that names the backup while it is being restored.
#[derive(Deserialize, Serialize)]
struct Note {
    note: String,
    backup: Uuid,
}

/// How a restore went.
#[derive(Clone, Debug)]
pub struct Restored {
    /// What the backup has.
    pub manifest: Manifest,
    /// Files of it that are damaged: at most 100.
    pub damaged: Vec<String>,
    /// How many objects were left out for that.
    pub left_out: u64,
}

/// Restores the backup in this archive. `damaged`: what becomes of its objects that are.
///
/// # Errors
/// See [`BackupError`].
pub async fn restore(
    target: Target<'_>,
    archive: &Archive,
    damaged: Damaged,
    progress: &dyn Progress,
) -> Result<Restored, BackupError> {
    let manifest = Manifest::load(archive).await?;
    shape::check(&manifest).await?;
    let is_continued = look_at_bucket(target.store, manifest.backup).await?;
    let has_rows = look_at_database(target.database_url, &manifest, is_continued).await?;
    let verified = compare_all(archive, manifest, progress).await?;
    let faults = verified.damaged.clone();
    let manifest = if damaged == Damaged::LeftOut && !verified.are_rows_damaged {
        verified.manifest
    } else {
        verified.must_be_whole()?
    };
    begin(target.store, manifest.backup).await?;
    let putting_back = PuttingBack {
        store: target.store,
        archive,
        progress,
        is_continued,
        damaged,
    };
    let left_out = putting_back.all(&manifest).await?;
    failpoint("restore.objects-put");
    if !has_rows {
        // Meanwhile, another process may have had the same in mind.
        look_at_bucket(target.store, manifest.backup).await?;
        look_at_database(target.database_url, &manifest, false).await?;
        schema::change_to(target.database_url, &manifest.schema).await?;
        let db = db::connect_beside(target.database_url).await?;
        load::load(&db, target.clock, archive, &manifest, progress).await?;
        db.close().await?;
    }
    schema::up(target.database_url).await?;
    // Backups have no manifests: they say what the rows say. The worker writes them.
    let db = db::connect_beside(target.database_url).await?;
    outbox::write_all_again(&db).await?;
    // The next start names the bucket's installation, which is the restored one now.
    target.store.delete(keys::MARKER).await?;
    target.store.delete(keys::RESTORING).await?;
    installation::hold(&db, None).await?;
    db.close().await?;
    Ok(Restored {
        manifest,
        damaged: faults,
        left_out,
    })
}

/// Whether a restore of this backup was broken off in this bucket. Otherwise it has to be empty.
async fn look_at_bucket(store: &Objects, backup: Uuid) -> Result<bool, BackupError> {
    if let Some(note) = store.get(keys::RESTORING, MOST).await? {
        let note = serde_json::from_slice::<Note>(&note);
        return match note {
            Ok(note) if note.backup == backup => Ok(true),
            Ok(note) => Err(BackupError::AnotherRestore(note.backup.to_string())),
            Err(_) => Err(BackupError::BucketNotEmpty(keys::RESTORING.into())),
        };
    }
    let page = store.list("", None).await?;
    let other = page.items.into_iter().find(|it| it.key != keys::MARKER);
    match other {
        Some(object) => Err(BackupError::BucketNotEmpty(object.key)),
        None => Ok(false),
    }
}

/// Whether the rows are there already, from a restore that was broken off. Otherwise the database has to be empty.
async fn look_at_database(
    url: &str,
    manifest: &Manifest,
    is_continued: bool,
) -> Result<bool, BackupError> {
    let db = db::connect(url, 2).await?;
    let Some(table) = load::not_empty(&db).await? else {
        db.close().await?;
        return Ok(false);
    };
    let is_ours = is_continued && installation::is_held_by(&db, manifest.backup).await?;
    db.close().await?;
    if is_ours {
        Ok(true)
    } else {
        Err(BackupError::DatabaseNotEmpty(table))
    }
}

async fn begin(store: &Objects, backup: Uuid) -> Result<(), BackupError> {
    let note = "A backup is being restored into this bucket. If that was broken off, run the same `tintype restore` again.".into();
    let bytes = serde_json::to_vec(&Note { note, backup }).unwrap_or_default();
    let put = store.put(keys::RESTORING, "application/json", Bytes::from(bytes));
    Ok(put.await?)
}
