//! `tintype rebuild`: makes a database again from the bucket alone, by the manifests of its images.
//!
//! The bucket is read once, in the order of its keys, and an image's objects come together: memory holds a page of the listing (1,000 objects)
//! and a batch of images (200), however many there are. Each batch is one transaction, with the accounts that it needs and what they use. An
//! object at the bucket's root names the installation from the first step to the last: what was broken off goes on when it is run again, and
//! until it has ended no mark is removed.
//!
//! What the bucket says is compared with what it has; an image that does not fit is reported and left out. What a mark names comes back as
//! private: it was about to be shown to fewer people, and its manifest may be of before.

mod fit;
mod groups;
mod load;
mod report;

use bytes::Bytes;
use chrono::TimeDelta;
use futures::{StreamExt, stream};
use sea_orm::{DatabaseConnection, DbErr};
use serde::{Deserialize, Serialize};
use tintype_storage::{StoreError, failpoint};
use uuid::Uuid;

use self::fit::{Fitting, fit};
use self::groups::{Group, Groups};
use self::load::Loading;
pub use self::report::{Fault, Report};
use crate::Failure;
use crate::backup::{Progress, Step, not_empty};
use crate::clock::Clock;
use crate::db::{self, OpenError, installation, schema};
use crate::inventory::{Listing, ids, rows};
use crate::keys;
use crate::manifests::marks::Marked;
use crate::objects::Objects;
use crate::sweep;

/// How many images are put into the database at once, and how many manifests are read at once.
const BATCH: usize = 200;
const AT_ONCE: usize = 16;
/// A larger object is no note of a rebuild, bytes.
const MOST: u64 = 4096;

/// How the addresses of accounts end that have none yet: nobody can have one there.
pub(crate) const NO_ADDRESS: &str = "@rebuilt.invalid";

/// What is made again from what.
#[derive(Clone, Copy)]
pub struct Target<'a> {
    /// The address of the database. One of SQLite is made where it is missing.
    pub database_url: &'a str,
    /// The bucket.
    pub store: &'a Objects,
    /// The time.
    pub clock: &'a Clock,
    /// Whether every original is read and its SHA-256 compared.
    pub hashes: bool,
    /// How long what was in the trash stays there from now on.
    pub trash: TimeDelta,
    /// How many objects the store has lost the keys of: each may have been a mark.
    pub keyless: u64,
    /// The hash of a password that nobody has.
    pub password_hash: &'a str,
}

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// The database does not answer.
    #[error(
        "the database can't be used: `tintype doctor` says what is wrong. Run the same command again, which goes on from here"
    )]
    Database(#[from] DbErr),
    /// Its schema can't be made.
    #[error(transparent)]
    Schema(#[from] OpenError),
    /// The store does not answer, or a mark can't be read.
    #[error(
        "the storage can't be used: `tintype doctor` says what is wrong. Run the same command again, which goes on from here"
    )]
    Store(#[source] Failure),
    /// The bucket has a part of a backup.
    #[error("`tintype restore` was broken off here: run it again, which goes on and ends it")]
    HalfRestored,
    /// The database has rows.
    #[error(
        "the database is not empty ({0} has rows): rebuild into a new one (DATABASE_URL; for SQLite, move tintype.db out of TINTYPE_DATA_DIR)"
    )]
    NotEmpty(&'static str),
}

impl From<StoreError> for RebuildError {
    fn from(error: StoreError) -> Self {
        Self::Store(error.into())
    }
}

/// The object that names the installation while it is made again.
#[derive(Deserialize, Serialize)]
struct Note {
    note: String,
    installation: Uuid,
}

/// Makes the database again.
///
/// # Errors
/// See [`RebuildError`].
pub async fn rebuild(target: Target<'_>, progress: &dyn Progress) -> Result<Report, RebuildError> {
    let db = begin(target).await?;
    let mut marked = Marked::read(target.store)
        .await
        .map_err(RebuildError::Store)?;
    marked.unreadable += target.keyless;
    let mut run = Run {
        target,
        db: &db,
        progress,
        report: Report {
            unreadable_marks: marked.unreadable,
            ..Report::default()
        },
        marked,
    };
    progress.begin(Step::Rebuild, 0);
    run.all().await?;
    run.staging().await?;
    let report = run.report;
    // An empty database is none of this bucket: a server that went on with it would take what is there for orphans.
    if report.images + report.before == 0 {
        installation::forget(&db).await?;
    }
    db.close().await?;
    failpoint("rebuild.rows-put");
    target.store.delete(keys::REBUILDING).await?;
    Ok(report)
}

/// The database, with the schema of this program and the installation that the bucket belongs to. It has to be empty, unless its rebuild was
/// broken off.
async fn begin(target: Target<'_>) -> Result<DatabaseConnection, RebuildError> {
    let note = target.store.get(keys::REBUILDING, MOST).await?;
    let note: Option<Note> = note.and_then(|note| serde_json::from_slice(&note).ok());
    if target.store.head(keys::RESTORING).await?.is_some() {
        return Err(RebuildError::HalfRestored);
    }
    let db = db::connect(target.database_url, 2).await?;
    if let Some(table) = not_empty(&db).await? {
        let own = installation::id(&db).await?;
        let is_ours = |note: &Note| Some(note.installation) == own;
        if !note.as_ref().is_some_and(is_ours) {
            return Err(RebuildError::NotEmpty(table));
        }
    }
    db.close().await?;
    let owner = sweep::owner(target.store).await?;
    let id = note.map(|note| note.installation).or(owner);
    let id = id.unwrap_or_else(Uuid::now_v7);
    // Before the database can be taken for one that is whole.
    write_note(target.store, id).await?;
    failpoint("rebuild.noted");
    schema::up(target.database_url).await?;
    let db = db::connect_beside(target.database_url).await?;
    installation::name(&db, id).await?;
    failpoint("rebuild.begun");
    Ok(db)
}

async fn write_note(store: &Objects, installation: Uuid) -> Result<(), RebuildError> {
    let note = "A database is being made again from this bucket. If that was broken off, run `tintype rebuild` again.".into();
    let bytes = serde_json::to_vec(&Note { note, installation }).unwrap_or_default();
    let put = store.put(keys::REBUILDING, "application/json", Bytes::from(bytes));
    Ok(put.await?)
}

/// One run.
struct Run<'a> {
    target: Target<'a>,
    db: &'a DatabaseConnection,
    marked: Marked,
    progress: &'a dyn Progress,
    report: Report,
}

impl Run<'_> {
    async fn all(&mut self) -> Result<(), RebuildError> {
        let mut groups = Groups::new(self.target.store);
        loop {
            let batch = groups.next(BATCH).await?;
            if batch.is_empty() {
                self.report.others = groups.others;
                return Ok(());
            }
            let count = batch.len() as u64;
            self.batch(batch).await?;
            failpoint("rebuild.batch-committed");
            self.progress.advance(count);
        }
    }

    /// What keeps the URLs of ended uploads from writing. The worker removes those of images, a sweep the others once they are old enough.
    async fn staging(&self) -> Result<(), RebuildError> {
        let mut listing = Listing::new(self.target.store, keys::STAGING);
        while let Some(objects) = listing.page().await? {
            load::come_back(self.db, ids(&objects), self.target.clock.now()).await?;
        }
        Ok(())
    }

    async fn batch(&mut self, batch: Vec<Group>) -> Result<(), RebuildError> {
        let there =
            rows::images_again(self.db, batch.iter().map(|group| group.id).collect()).await?;
        self.report.before += there.len() as u64;
        let fitting = Fitting {
            store: self.target.store,
            hashes: self.target.hashes,
        };
        let mut fits: Vec<_> = stream::iter(batch)
            .filter(|group| std::future::ready(!there.contains_key(&group.id)))
            .map(|group| fit(fitting, group))
            .buffered(AT_ONCE)
            .collect()
            .await;
        let mut images = Vec::with_capacity(fits.len());
        for fit in fits.drain(..) {
            let fit = fit?;
            self.report.add(fit.faults);
            images.extend(fit.image);
        }
        let loading = Loading {
            db: self.db,
            marked: &self.marked,
            now: self.target.clock.now(),
            trash: self.target.trash,
            password_hash: self.target.password_hash,
        };
        loading.put_all(images, &mut self.report).await?;
        Ok(())
    }
}
