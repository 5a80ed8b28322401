//! `tintype audit`: compares the bucket with the database in both directions, and names what does not balance. It only reads.
//!
//! Rows are walked by id and the bucket by key. Keys begin with the id, so that both come in the same order: at any time a page of rows
//! (500), a page of the listing (1,000) and what was found are in memory, however many objects there are. Nothing but that bound depends on
//! the order, because uploads run meanwhile and so every suspicion is looked at a second time, row and object: what has changed since the
//! first look is no finding.

mod images;
pub(crate) mod listing;
pub(crate) mod orphans;
mod quarantine;
mod report;
pub(crate) mod rows;
mod shared;
mod uploads;
mod usage;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{DatabaseConnection, DbErr};
use tintype_storage::{Store, StoreError, embedded};

pub use self::orphans::{Found, Orphans};
pub use self::report::{Checked, Fault, Finding, Part, Report, Row};
use crate::clock::Clock;
use crate::config::Config;
use crate::metrics::Metrics;
use crate::objects::Objects;
use crate::{db, doctor};

/// How many calls to the store run at the same time.
pub(crate) const AT_ONCE: usize = 8;

/// How closely to look.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// An object that no row needs is no finding while it is younger than this.
    pub grace: TimeDelta,
    /// Whether every original is read and its SHA-256 compared.
    pub hashes: bool,
}

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The settings name no store, or one whose folder can't be read.
    #[error("{0}")]
    NoStore(String),
    /// The database does not answer.
    #[error("the database can't be read: `tintype doctor` says what is wrong")]
    Database(#[from] DbErr),
    /// Its tables are not of this version.
    #[error("the database's schema is not up to date: run `tintype migrate up`, or start `tintype serve`, which does it")]
    Schema,
    /// The store does not answer.
    #[error("the storage can't be read: `tintype doctor` says what is wrong (the embedded store answers while `tintype serve` runs)")]
    Store(#[from] StoreError),
}

/// Audits the installation that the settings describe. Nothing is made or changed, and the database is told so.
///
/// # Errors
/// See [`AuditError`].
pub async fn audit_installation(config: &Config, options: Options) -> Result<Report, AuditError> {
    let store = doctor::store_of(config).map_err(AuditError::NoStore)?;
    let db = db::connect_to_read(&config.database_url()).await?;
    if !db::schema::pending(&db).await?.is_empty() {
        return Err(AuditError::Schema);
    }
    let mut report = audit(&db, &Objects::new(Store::new(store), Arc::new(Metrics::new())), &Clock::default(), options).await?;
    db.close().await?;
    if config.has_embedded_store() {
        stale_files(&config.objects_dir(), &mut report)?;
    }
    Ok(report)
}

/// No PUT takes so long without a byte: these files are nobody's.
fn stale_files(folder: &Path, report: &mut Report) -> Result<(), AuditError> {
    let unreadable = |error| AuditError::NoStore(format!("{} can't be read: {error}", folder.display()));
    for file in embedded::unfinished(folder).map_err(unreadable)? {
        let modified = DateTime::<Utc>::from(file.modified);
        if Utc::now() - modified > TimeDelta::hours(1) {
            report.add(Fault::StaleFile { path: file.path, modified });
        }
    }
    Ok(())
}

/// Compares this bucket with this database.
///
/// # Errors
/// When one of them stops answering.
pub async fn audit(db: &DatabaseConnection, store: &Objects, clock: &Clock, options: Options) -> Result<Report, AuditError> {
    audit_naming(db, store, clock, options, None).await
}

/// As [`audit`], naming at most so many findings, the others being counted alone.
///
/// # Errors
/// When one of them stops answering.
pub async fn audit_naming(
    db: &DatabaseConnection,
    store: &Objects,
    clock: &Clock,
    options: Options,
    most: Option<usize>,
) -> Result<Report, AuditError> {
    let mut audit = Audit { db, store, clock, options, report: Report::naming(most), shared: BTreeSet::new() };
    audit.images().await?;
    audit.staging().await?;
    audit.uploads().await?;
    audit.usage().await?;
    audit.quarantine().await?;
    Ok(audit.report)
}

/// One run.
struct Audit<'a> {
    db: &'a DatabaseConnection,
    store: &'a Objects,
    clock: &'a Clock,
    options: Options,
    report: Report,
    /// Keys that were reported as shared: each is one finding, however many rows name it.
    shared: BTreeSet<String>,
}
