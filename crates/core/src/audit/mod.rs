//! `tintype audit`: compares the bucket with the database in both directions, and names what does not balance. It only reads.
//!
//! Rows are walked by id and the bucket by key. Keys begin with the id, so that both come in the same order: at any time a page of rows
//! (500), a page of the listing (1,000) and what was found are in memory, however many objects there are. Nothing but that bound depends on
//! the order, because uploads run meanwhile and so every suspicion is looked at a second time, row and object: what has changed since the
//! first look is no finding.

mod images;
mod orphans;
mod quarantine;
mod report;
mod shared;
mod uploads;
mod usage;

use std::collections::BTreeSet;

use chrono::TimeDelta;
use sea_orm::DatabaseConnection;

pub use self::report::{Checked, Fault, Finding, Report};
use crate::clock::Clock;
use crate::inventory::InventoryError;
use crate::objects::Objects;

/// How closely to look.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// An object that no row needs is no finding while it is younger than this.
    pub grace: TimeDelta,
    /// Whether every original is read and its SHA-256 compared.
    pub hashes: bool,
}

/// Compares this bucket with this database.
///
/// # Errors
/// When one of them stops answering.
pub async fn audit(
    db: &DatabaseConnection,
    store: &Objects,
    clock: &Clock,
    options: Options,
) -> Result<Report, InventoryError> {
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
) -> Result<Report, InventoryError> {
    let mut audit = Audit {
        db,
        store,
        clock,
        options,
        report: Report::naming(most),
        shared: BTreeSet::new(),
    };
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
