//! The steps of a sweep.

use tintype_storage::ListedObject;

use super::lease::Lease;
use super::quarantine::{self, Quarantine, Taken};
use super::{Options, PREFIXES, Place, Refusal, Report, SweepError, marker};
use crate::inventory::{Listing, Orphans};

/// How many orphans are checked again at once, with their rows locked, before they are moved.
const BATCH: usize = 100;
/// How many orphans are named.
const NAMED: usize = 1000;

/// Sweeps this bucket. Only one sweep runs at a time, unless it does nothing.
///
/// # Errors
/// See [`SweepError`].
pub async fn sweep(place: &Place<'_>, options: Options) -> Result<Report, SweepError> {
    if options.dry_run {
        return Box::pin(run(place, options)).await;
    }
    let mut lease = Lease::take(place).await?;
    let result = lease.hold(place, Box::pin(run(place, options))).await;
    lease
        .release(
            place,
            None,
            result.as_ref().is_ok_and(|report| report.refused.is_none()),
        )
        .await?;
    result
}

/// The steps, once the lease is held.
pub(super) async fn run(place: &Place<'_>, options: Options) -> Result<Report, SweepError> {
    let mut run = Run {
        place,
        options,
        report: Report {
            dry_run: options.dry_run,
            ..Report::default()
        },
    };
    run.report.refused = marker::refusal(place, !options.dry_run).await?;
    if run.report.refused.is_none() {
        run.count().await?;
        run.report.refused = run.refusal(run.report.orphans);
    }
    if run.report.refused.is_none() && !options.dry_run {
        (run.report.deleted, run.report.kept) = quarantine::purge(place).await?;
        if run.report.orphans > 0 {
            run.remove().await?;
        }
    }
    Ok(run.report)
}

struct Run<'a> {
    place: &'a Place<'a>,
    options: Options,
    report: Report,
}

impl Run<'_> {
    fn orphans(&self) -> Orphans<'_> {
        let Place {
            db, store, clock, ..
        } = *self.place;
        Orphans {
            db,
            store,
            clock,
            grace: self.options.grace,
        }
    }

    /// Lists the orphans and changes nothing.
    async fn count(&mut self) -> Result<(), SweepError> {
        for prefix in PREFIXES {
            let mut listing = Listing::new(self.place.store, prefix);
            while let Some(objects) = listing.page().await? {
                self.report.listed += objects.len() as u64;
                let found = self.orphans().among(objects).await?;
                self.report.new_objects += found.new;
                for ListedObject {
                    key, size_bytes, ..
                } in found.orphans
                {
                    self.report.orphans += 1;
                    self.report.orphan_bytes += size_bytes;
                    if self.report.keys.len() < NAMED {
                        self.report.keys.push(key);
                    }
                }
            }
        }
        self.place.metrics.sweep_orphans(self.report.orphans);
        Ok(())
    }

    /// Why there are too many to take.
    fn refusal(&self, orphans: u64) -> Option<Refusal> {
        let (listed, max_objects, max_percent) = (
            self.report.listed,
            self.place.rules.max_objects,
            self.place.rules.max_percent,
        );
        let are_too_many = orphans > max_objects && orphans * 100 > u64::from(max_percent) * listed;
        (are_too_many && !self.options.force).then_some(Refusal::TooMany {
            orphans,
            listed,
            max_objects,
            max_percent,
        })
    }

    /// Moves the orphans into quarantine. It stops if more turn up than the thresholds allow.
    async fn remove(&mut self) -> Result<(), SweepError> {
        let quarantine = Quarantine::new(*self.place);
        for prefix in PREFIXES {
            let mut listing = Listing::new(self.place.store, prefix);
            while let Some(objects) = listing.page().await? {
                let orphans = self.orphans().among(objects).await?.orphans;
                for batch in orphans.chunks(BATCH) {
                    self.report.refused =
                        self.refusal(self.report.quarantined + batch.len() as u64);
                    if self.report.refused.is_some() {
                        return Ok(());
                    }
                    let Taken { moved, bytes, left } = quarantine.take(batch.to_vec()).await?;
                    self.report.quarantined += moved;
                    self.report.quarantined_bytes += bytes;
                    self.report.left += left;
                }
            }
        }
        Ok(())
    }
}
