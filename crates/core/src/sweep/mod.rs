//! `tintype sweep`: moves objects that no row needs out of the way while uploads run, and deletes them some days later.
//!
//! The audit defines orphans ([`crate::inventory::Orphans`]); a sweep takes those past their grace. Its steps:
//!
//! 1. The bucket's marker has to name this installation.
//! 2. Everything is listed and the orphans are counted. Are they more than so many and more than such a share of it, then the database is
//!    not this bucket's or not whole, and nothing is touched.
//! 3. What has been in quarantine for long enough is deleted, unless a row names it by now.
//! 4. Orphans are looked at once more with their uploads' rows locked, and moved to `quarantine/{time}/{key}`, from where
//!    `tintype sweep restore` puts them back.
//!
//! Why an orphan stays one: whatever can come to be in the bucket is named by an upload's row first, and ids are made once. So an object
//! whose id has no row never gets one; the row of an upload is forgotten after its URL has expired; and an upload that is over is not
//! published again. What arrives in staging while its URL still works (late PUTs) is removed by the worker's last visits, and what comes
//! even later is an orphan. Only an operator who puts another database in place can change that, and that is what quarantine is for.

mod lease;
mod marker;
mod moving;
mod quarantine;
mod report;
mod run;
mod scheduled;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{DatabaseConnection, DbErr};
use tintype_storage::StoreError;

pub use self::marker::{claim, owned_since, owner};
pub use self::quarantine::{Quarantine, Taken};
pub use self::report::{Refusal, Report, Restored};
pub use self::run::sweep;
pub use self::scheduled::{mark, run as run_scheduled, tick};
use crate::clock::Clock;
use crate::inventory::InventoryError;
use crate::keys;
use crate::metrics::Metrics;
use crate::objects::Objects;
use crate::settings;
use lease::Lease;

/// The prefixes of our objects; others are never touched.
const PREFIXES: [&str; 2] = [keys::IMAGES, keys::STAGING];

/// What a sweep needs.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// The database.
    pub db: &'a DatabaseConnection,
    /// The bucket.
    pub store: &'a Objects,
    /// The time.
    pub clock: &'a Clock,
    /// The metrics.
    pub metrics: &'a Metrics,
    /// Thresholds and times.
    pub rules: &'a settings::Sweep,
}

/// How to sweep.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Younger objects are left alone.
    pub grace: TimeDelta,
    /// Whether to report only.
    pub dry_run: bool,
    /// Whether to ignore the thresholds.
    pub force: bool,
}

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// The database does not answer.
    #[error("the database can't be used: `tintype doctor` says what is wrong")]
    Database(#[from] DbErr),
    /// Its tables are not of this version.
    #[error(
        "the database's schema is not up to date: run `tintype migrate up`, or start `tintype serve`, which does it"
    )]
    Schema,
    /// The store does not answer.
    #[error(
        "the storage can't be used: `tintype doctor` says what is wrong (the embedded store answers while `tintype serve` runs)"
    )]
    Store(#[from] StoreError),
    /// Another process sweeps.
    #[error("another sweep is running; should it have died, the next one can start at {}", .0.format("%F %T UTC"))]
    Busy(DateTime<Utc>),
    /// Another process has taken the lease, because this one stalled for too long.
    #[error("another sweep has begun: this one stood still for too long")]
    Lost,
}

impl From<InventoryError> for SweepError {
    fn from(error: InventoryError) -> Self {
        match error {
            InventoryError::Database(error) => Self::Database(error),
            InventoryError::Store(error) => Self::Store(error),
        }
    }
}

/// Restores objects from quarantine whose key begins with `prefix`. Restored objects count as new: sweeps leave them alone for their grace.
///
/// # Errors
/// See [`SweepError`].
pub async fn restore(place: &Place<'_>, prefix: &str) -> Result<Restored, SweepError> {
    let mut lease = Lease::take(place).await?;
    let result = lease
        .hold(place, Box::pin(quarantine::restore(place, prefix)))
        .await;
    lease.release(place, None, false).await?;
    result
}
