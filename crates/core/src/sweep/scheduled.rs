//! The sweep that nobody has to start: in every process that works in the background, and one of them does it.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use tokio_util::sync::CancellationToken;

use super::lease::Lease;
use super::{Options, Place, Report, SweepError, marker, run as steps};
use crate::audit::{self, Finding};
use crate::db::{self, installation};
use crate::metrics::SweepOutcome;
use crate::services::Services;

/// How often a process looks whether a sweep is due.
const PAUSE: Duration = Duration::from_mins(1);
/// How soon one that failed is tried again.
const AGAIN: TimeDelta = TimeDelta::hours(1);
/// How many findings of the audit go to the log.
const LOGGED: usize = 20;

/// Looks until it is stopped. A sweep that is cut short has touched nothing by halves that matters: an object is at its key, in quarantine,
/// or at both; another process goes on when the lease has run out.
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

/// Writes our name into a bucket that is new. Whether the bucket has been looked at.
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

/// Audits and sweeps when that is due and nobody else does it.
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

/// With connections of its own, whose statements may take longer than those that people wait for.
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

/// The audit before it. What it finds is for the log and the metrics, and holds the sweep up only by its own thresholds.
async fn look_over(place: &Place<'_>, grace: TimeDelta) {
    let options = audit::Options {
        grace,
        hashes: false,
    };
    let start = Instant::now();
    match audit::audit_naming(place.db, place.store, place.clock, options, Some(LOGGED)).await {
        Ok(report) => {
            place.metrics.audit(report.counts(), start.elapsed());
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
