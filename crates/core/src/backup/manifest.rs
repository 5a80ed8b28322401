//! The manifest: written last, and without it there is no backup.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::BackupError;
use super::archive::Archive;
use super::column::Column;
use super::sealed;
use crate::db::{ImageId, Sha256};

/// Where it is.
pub const PATH: &str = "manifest.json";
/// The form of backups that this program writes, and the newest that it reads.
pub const FORMAT: u32 = 1;
/// A larger one is no manifest, bytes.
pub const MOST: u64 = 4 * 1024 * 1024;

/// The list of the objects, beside the rows.
pub const OBJECTS: &str = "objects";

/// Where a backup has the rows of a table, or the list of the objects.
pub fn rows_path(backup: Uuid, name: &str) -> String {
    format!("rows/{backup}/{name}.jsonl")
}

/// What a backup has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// See `FORMAT`.
    pub format: u32,
    /// The version of Tintype that wrote it.
    pub tintype: String,
    /// The last change of the schema that its rows have.
    pub schema: String,
    /// Its id.
    pub backup: Uuid,
    /// Whose it is.
    pub installation: Uuid,
    /// The moment that it shows.
    pub taken_at: DateTime<Utc>,
    /// The rows.
    pub tables: Vec<Rows>,
    /// The list of the objects.
    pub objects: Objects,
    /// Objects that rows name and that could not be copied: at most 1,000 of them.
    pub missing: Vec<Missing>,
    /// How many there are.
    pub missing_count: u64,
}

/// The rows of a table: a file with a line for each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rows {
    /// The table.
    pub table: String,
    /// What stands in each line, in this order.
    pub columns: Vec<Column>,
    /// How many there are.
    pub count: u64,
    /// The file.
    pub file: Named,
}

/// The objects: a file with a line for each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Objects {
    /// How many there are.
    pub count: u64,
    /// All of them together.
    pub bytes: u64,
    /// The file.
    pub file: Named,
}

/// A file of the backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// Where it is.
    pub path: String,
    /// Its size, before it is encrypted.
    pub bytes: u64,
    /// The same of its SHA-256.
    pub sha256: Sha256,
}

/// An object that could not be copied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// Its key.
    pub key: String,
    /// The image that names it.
    pub image: ImageId,
    /// What is wrong with it.
    pub why: String,
}

/// What every format has.
#[derive(Deserialize)]
struct Version {
    format: u32,
    tintype: String,
}

impl Manifest {
    /// That of the backup in this place, `None` if there is none.
    ///
    /// # Errors
    /// It can't be read, or is newer than this program.
    pub async fn find(archive: &Archive) -> Result<Option<Self>, BackupError> {
        let Some(bytes) = archive.get(PATH, MOST).await? else {
            return Ok(None);
        };
        if sealed::is_sealed(&bytes) {
            return Err(BackupError::KeyLost(archive.to_string()));
        }
        let damaged = |error: serde_json::Error| BackupError::Damaged(format!("{PATH}: {error}"));
        let version: Version = serde_json::from_slice(&bytes).map_err(damaged)?;
        if version.format > FORMAT {
            return Err(BackupError::NewerFormat {
                format: version.format,
                tintype: version.tintype.escape_debug().to_string(),
            });
        }
        let manifest: Self = serde_json::from_slice(&bytes).map_err(damaged)?;
        if !manifest.is_of_its_backup() {
            let why = format!("{PATH} names files that are none of this backup's");
            return Err(BackupError::Damaged(why));
        }
        Ok(Some(manifest))
    }

    /// Whether each table stands there once, and every file is where this backup has it.
    fn is_of_its_backup(&self) -> bool {
        let is_at = |file: &Named, name: &str| file.path == self.path(name);
        let mut tables = HashSet::new();
        let mut rows = self.tables.iter();
        rows.all(|rows| tables.insert(&rows.table) && is_at(&rows.file, &rows.table))
            && is_at(&self.objects.file, OBJECTS)
    }

    fn path(&self, name: &str) -> String {
        rows_path(self.backup, name)
    }

    /// The same of a backup that has to be there.
    ///
    /// # Errors
    /// There is none, or see [`Self::find`].
    pub async fn load(archive: &Archive) -> Result<Self, BackupError> {
        Self::find(archive)
            .await?
            .ok_or_else(|| BackupError::NoManifest(archive.to_string()))
    }

    /// Makes this the backup.
    pub async fn write(&self, archive: &Archive) -> Result<(), BackupError> {
        let mut text = serde_json::to_vec_pretty(self)
            .map_err(|error| BackupError::file(PATH)(error.into()))?;
        text.push(b'\n');
        let mut spool = archive.spool()?;
        spool.write(&text).await?;
        archive.keep(PATH, spool.end().await?).await?;
        archive.settle().await
    }
}
