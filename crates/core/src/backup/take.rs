//! Takes a backup.

use sea_orm::DatabaseConnection;
use serde_json::Value as Json;
use tintype_storage::failpoint;
use uuid::Uuid;

use super::BackupError;
use super::archive::{Archive, Names};
use super::copy::{Copied, Copying};
use super::hold::Hold;
use super::index::Known;
use super::manifest::{FORMAT, Manifest, Missing, OBJECTS, Rows, rows_path};
use super::progress::{Progress, Step};
use super::snapshot::Snapshot;
use super::tables::{self, Table};
use crate::clock::Clock;
use crate::db::{installation, schema};
use crate::objects::Objects;

/// The table that names objects.
const IMAGES: &str = "images";

/// A backup of fewer objects may lose half of them and more, as people do who tidy up a few pictures; but not all.
const FEW: u64 = 20;

/// What is backed up.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// The database. It is written to once in a while, to hold what would be deleted.
    pub db: &'a DatabaseConnection,
    /// The bucket.
    pub store: &'a Objects,
    /// The time.
    pub clock: &'a Clock,
    /// What becomes of a backup of far fewer objects than the last one has.
    pub shrunk: Shrunk,
}

/// What becomes of a backup that has lost most of its objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shrunk {
    /// It ends before anything is removed.
    Refused,
    /// It is meant: the others are removed.
    Meant,
}

/// How a backup went.
#[derive(Clone, Debug)]
pub struct Taken {
    /// What it has.
    pub manifest: Manifest,
    /// How many objects were copied, the others being there already.
    pub new: u64,
    /// The same in bytes.
    pub new_bytes: u64,
    /// What it has and the bucket has lost since the last one: at most 1,000 objects.
    pub lost: Vec<Missing>,
    /// How many there are.
    pub lost_count: u64,
}

/// Takes a backup into this archive, in place of the one that is there. What it has already is not copied again. Until everything is there,
/// the one before stays a whole backup.
///
/// # Errors
/// See [`BackupError`].
pub async fn back_up(
    source: Source<'_>,
    archive: &Archive,
    progress: &dyn Progress,
) -> Result<Taken, BackupError> {
    let last = Manifest::find(archive).await?;
    let own = installation::find(source.db).await?;
    let own = own.ok_or(BackupError::NoInstallation)?.id;
    if let Some(last) = &last
        && last.installation != own
    {
        return Err(BackupError::AnotherInstallation {
            place: archive.to_string(),
            installation: last.installation.to_string(),
        });
    }
    archive.claim(own).await?;
    let hold = Hold::begin(source.db, source.clock).await?;
    let work = Box::pin(copy(source, archive, progress, (own, last.as_ref())));
    let (taken, names) = hold.during(work).await?;
    if let Some(last) = last
        && source.shrunk == Shrunk::Refused
        && is_far_less(taken.manifest.objects.count, last.objects.count)
    {
        return Err(BackupError::Shrunk {
            place: archive.to_string(),
            before: last.objects.count,
            now: taken.manifest.objects.count,
        });
    }
    taken.manifest.write(archive).await?;
    failpoint("backup.written");
    archive.retain(names).await?;
    Ok(taken)
}

/// Whether so few objects are left that something may be wrong with the database: what it does not name is removed from the backup.
fn is_far_less(now: u64, before: u64) -> bool {
    (before >= FEW && now < before / 2) || (before > 0 && now == 0)
}

/// Everything but the manifest, and the names of all files.
async fn copy(
    source: Source<'_>,
    archive: &Archive,
    progress: &dyn Progress,
    (installation, last): (Uuid, Option<&Manifest>),
) -> Result<(Taken, Names), BackupError> {
    let backup = Uuid::now_v7();
    let path = |name: &str| rows_path(backup, name);
    let snapshot = Snapshot::begin(source.db).await?;
    let taken_at = source.clock.now();
    progress.begin(Step::Rows, 0);
    let mut rows = Vec::new();
    for table in tables::all() {
        rows.push(write(&snapshot, &table, archive, path(table.name), progress).await?);
    }
    snapshot.end().await?;
    archive.settle().await?;
    failpoint("backup.rows-written");
    let copying = Copying {
        store: source.store,
        archive,
        progress,
        known: Known::of(archive, last).await?,
    };
    let images = rows.iter().find(|rows| rows.table == IMAGES);
    let images = images.ok_or_else(|| BackupError::Damaged("it has no images".into()))?;
    let (copied, objects) = copying.all(images, &path(OBJECTS)).await?;
    archive.settle().await?;
    failpoint("backup.objects-copied");
    let Copied { mut names, .. } = copied;
    let files = rows.iter().map(|rows| &rows.file).chain([&objects.file]);
    files.for_each(|file| names.add(&file.path));
    let manifest = Manifest {
        format: FORMAT,
        tintype: env!("CARGO_PKG_VERSION").into(),
        schema: schema::latest(),
        backup,
        installation,
        taken_at,
        tables: rows,
        objects,
        missing: copied.missing,
        missing_count: copied.missing_count,
    };
    let taken = Taken {
        manifest,
        new: copied.new,
        new_bytes: copied.new_bytes,
        lost: copied.lost,
        lost_count: copied.lost_count,
    };
    Ok((taken, names))
}

/// The rows of a table, a line each.
async fn write(
    snapshot: &Snapshot,
    table: &Table,
    archive: &Archive,
    path: String,
    progress: &dyn Progress,
) -> Result<Rows, BackupError> {
    let mut spool = archive.spool()?;
    let (mut count, mut last) = (0, None::<Vec<Json>>);
    loop {
        let page = snapshot.page(table, last.as_deref()).await?;
        let mut lines = Vec::new();
        for row in &page {
            serde_json::to_writer(&mut lines, row)
                .map_err(|error| BackupError::file(&*path)(error.into()))?;
            lines.push(b'\n');
        }
        spool.write(&lines).await?;
        count += page.len() as u64;
        progress.advance(page.len() as u64);
        last = page.into_iter().next_back();
        if last.is_none() {
            break;
        }
    }
    let spooled = spool.end().await?;
    let file = spooled.named(&path);
    archive.keep(&path, spooled).await?;
    Ok(Rows {
        table: table.name.to_owned(),
        columns: table.columns.clone(),
        count,
        file,
    })
}

impl Taken {
    /// How many rows it has.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.manifest.tables.iter().map(|table| table.count).sum()
    }
}
