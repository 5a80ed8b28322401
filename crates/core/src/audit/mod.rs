//! `tintype audit`: compares the bucket with the database in both directions, and names what does not balance. It only reads.
//!
//! Rows are read by id and the bucket by key. Keys begin with the id, so both come in the same order, and memory holds one page of rows
//! (500), one page of the listing (1,000) and the findings, however many objects there are. Only that bound depends on the order: uploads
//! run meanwhile, so every suspicion is checked a second time, row and object, and a change since the first look is no finding.

mod albums;
mod ends;
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
    /// Objects without a row are no finding while they are younger than this.
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

/// As [`audit`], but names at most this many findings and only counts the others.
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
    audit.albums().await?;
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
