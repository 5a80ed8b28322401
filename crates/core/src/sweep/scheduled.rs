//! Scheduled sweeps: every process with background work checks, and one of them sweeps.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use tokio_util::sync::CancellationToken;

use super::lease::Lease;
use super::{Options, Place, Report, SweepError, marker, run as steps};
use crate::audit::{self, Fault, Finding};
use crate::db::{self, installation};
use crate::inventory::Part;
use crate::manifests::outbox;
use crate::metrics::SweepOutcome;
use crate::services::Services;

/// How often a process checks whether a sweep is due.
const PAUSE: Duration = Duration::from_mins(1);
/// The delay after a failed sweep.
const AGAIN: TimeDelta = TimeDelta::hours(1);
/// How many findings of the audit go to the log.
const LOGGED: usize = 20;

/// Checks until it is stopped. An interrupted sweep does no harm: an object is at its key, in quarantine, or at both, and another process
/// continues when the lease has run out.
pub async fn run(services: Services, stop: CancellationToken) {
    tokio::select! {
        () = look(&services) => {}
        () = stop.cancelled() => {}
    }
}

async fn look(services: &Services) {
    let mut is_marked = false;
    loop {
        is_marked = is_marked || mark(services).await;
        if let Err(error) = tick(services).await {
            tracing::warn!(%error, "a sweep failed: it is retried");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Writes the marker into a new bucket. Returns whether the bucket was checked.
pub async fn mark(services: &Services) -> bool {
    match marker::refusal(&place(services, &services.db), true).await {
        Ok(refusal) => {
            if let Some(refusal) = refusal {
                tracing::error!("nothing will be swept: {refusal}");
            }
            true
        }
        Err(error) => {
            tracing::debug!(%error, "the bucket's marker can't be read: it is retried");
            false
        }
    }
}

/// Audits and sweeps if a sweep is due and no other process does it.
///
/// # Errors
/// See [`SweepError`].
pub async fn tick(services: &Services) -> Result<Option<Report>, SweepError> {
    let every = TimeDelta::seconds(services.settings.sweep.every.into());
    if let Some(at) = installation::find(&services.db)
        .await?
        .and_then(|row| row.swept_at)
    {
        services.metrics.swept_at(at.timestamp());
    }
    if every.is_zero() {
        return Ok(None);
    }
    let Some(mut lease) = Lease::take_due(&place(services, &services.db)).await? else {
        return Ok(None);
    };
    let start = Instant::now();
    let result = lease
        .hold(&place(services, &services.db), Box::pin(work(services)))
        .await;
    let now = services.clock.now();
    let (outcome, due_at) = match &result {
        Ok(Report { refused: None, .. }) => (SweepOutcome::Ok, now + every),
        Ok(_) => (SweepOutcome::Refused, now + every),
        Err(_) => (SweepOutcome::Failed, now + AGAIN),
    };
    services.metrics.sweep(outcome, start.elapsed());
    lease
        .release(
            &place(services, &services.db),
            Some(due_at),
            outcome == SweepOutcome::Ok,
        )
        .await?;
    if outcome == SweepOutcome::Ok {
        services.metrics.swept_at(now.timestamp());
    }
    result.map(Some)
}

fn place<'a>(services: &'a Services, db: &'a sea_orm::DatabaseConnection) -> Place<'a> {
    Place {
        db,
        store: &services.store,
        clock: &services.clock,
        metrics: &services.metrics,
        rules: &services.settings.sweep,
    }
}

/// Uses its own connections, whose statements may take longer than a request's.
async fn work(services: &Services) -> Result<Report, SweepError> {
    let db = db::connect_beside(&services.settings.database_url).await?;
    let place = place(services, &db);
    let grace = services.settings.sweep_grace;
    if marker::refusal(&place, true).await?.is_none() {
        look_over(&place, grace).await;
    }
    let report = steps::run(
        &place,
        Options {
            grace,
            dry_run: false,
            force: false,
        },
    )
    .await?;
    db.close().await?;
    if let Some(refusal) = &report.refused {
        tracing::error!("the sweep was refused: {refusal}");
    } else {
        let Report {
            listed,
            quarantined,
            left,
            deleted,
            kept,
            ..
        } = report;
        tracing::info!(listed, quarantined, left, deleted, kept, "swept");
    }
    Ok(report)
}

/// The audit before a sweep. Its findings go to the log and the metrics; only its thresholds can stop the sweep.
async fn look_over(place: &Place<'_>, grace: TimeDelta) {
    let options = audit::Options {
        grace,
        hashes: false,
    };
    let start = Instant::now();
    match audit::audit_naming(place.db, place.store, place.clock, options, Some(LOGGED)).await {
        Ok(report) => {
            place.metrics.audit(report.counts(), start.elapsed());
            write_lost_manifests(place, &report).await;
            // Orphans are what the sweep is for.
            for Finding { fault, what, .. } in report
                .findings
                .iter()
                .filter(|finding| finding.fault.kind() != "orphan")
            {
                tracing::warn!(kind = fault.kind(), "{what}; `tintype audit` says more");
            }
        }
        Err(error) => {
            place.metrics.audit_failed();
            tracing::warn!(%error, "the audit failed");
        }
    }
}

/// Manifests say what rows say: those that the bucket has lost are written again.
async fn write_lost_manifests(place: &Place<'_>, report: &audit::Report) {
    let lost = report
        .findings
        .iter()
        .filter_map(|finding| match finding.fault {
            Fault::Missing {
                image,
                part: Part::Manifest,
                ..
            } => Some(image),
            _ => None,
        });
    if let Err(error) = outbox::write_again(place.db, lost.collect()).await {
        tracing::warn!(%error, "lost manifests are left for the next audit");
    }
}
