//! How the worker handles an upload that is due.

use chrono::{DateTime, TimeDelta, Utc};
use rand::RngExt;
use sea_orm::DbErr;
use tintype_dto::{Problem, ProblemCode};
use tintype_storage::failpoint;

use super::finish::{empty, empty_ended, take};
use super::queries;
use super::state_machine::{Caller, Decision, Event, Found, IN_LINE, REMEMBER, decide, next_look};
use crate::Failure;
use crate::db::upload::{Model, State};
use crate::db::{image, installation};
use crate::images;
use crate::keys::FinalKeys;
use crate::metrics::UploadOutcome;
use crate::services::Services;

/// When to look again whether a manifest that was due is written.
const MANIFEST: TimeDelta = TimeDelta::seconds(15);

/// Handles an upload that is due: one that never landed expires, one that ended is swept. `true`: its file landed and has to be checked.
/// `found`: its file in staging, if that was looked up before.
pub async fn reconcile(
    services: &Services,
    upload: &Model,
    found: Option<Found>,
) -> Result<bool, Failure> {
    let now = services.clock.now();
    match decide(upload, Event::Reconcile, now) {
        Decision::CheckStorage if services.pipeline.is_in_line(upload.id) => {
            leave_in_line(services, upload).await?;
        }
        Decision::CheckStorage => return check_storage(services, upload, found).await,
        Decision::Empty => {
            empty(services, upload).await?;
            failpoint("visit.emptied");
            queries::look_again(&services.db, upload, Some(upload.expires_at)).await?;
        }
        Decision::Sweep => sweep(services, upload).await?,
        Decision::Forget if drop_objects(services, upload).await? => {
            failpoint("forget.dropped");
            queries::forget(&services.db, upload.id).await?;
        }
        _ => {}
    }
    Ok(false)
}

/// It is queued, or about to be.
async fn leave_in_line(services: &Services, upload: &Model) -> Result<(), Failure> {
    Ok(queries::look_again(&services.db, upload, Some(services.clock.now() + IN_LINE)).await?)
}

/// Whether it has to be checked.
async fn check_storage(
    services: &Services,
    upload: &Model,
    found: Option<Found>,
) -> Result<bool, Failure> {
    let found = match found {
        Some(found) => found,
        None => Found::of(services.store.head(&upload.staging_key).await?),
    };
    failpoint("visit.looked");
    let now = services.clock.now();
    match decide(
        upload,
        Event::StorageChecked {
            found,
            by: Caller::Worker,
        },
        now,
    ) {
        Decision::Claim => {
            leave_in_line(services, upload).await?;
            return Ok(!services.pipeline.is_full_for(upload.user_id));
        }
        Decision::RejectPoisoned => reject_poisoned(services, upload).await?,
        Decision::EndAborted => end_aborted(services, upload).await?,
        Decision::Expire => {
            if queries::end(&services.db, upload, State::Expired, now).await? {
                services.metrics.upload(UploadOutcome::Expired);
            }
        }
        _ => {
            let next = next_look(upload, now, rand::rng().random_range(0..1000));
            if upload.state == State::Processing {
                // Its lease ran out and nothing landed: an abort died before it did anything.
                queries::release(&services.db, upload, next).await?;
            } else {
                queries::look_again(&services.db, upload, Some(next)).await?;
            }
        }
    }
    Ok(false)
}

/// Rejects a file whose checks never finished.
pub async fn reject_poisoned(services: &Services, upload: &Model) -> Result<(), Failure> {
    let detail = "This picture could not be checked. Open it in an editor and save it again.";
    if let Some(taken) = take(services, upload, services.clock.now()).await?
        && queries::reject(
            &services.db,
            &taken.upload,
            &Problem::new(ProblemCode::ImageDamaged, detail),
        )
        .await?
    {
        services.metrics.upload(UploadOutcome::Rejected);
        empty_ended(services, &taken.upload).await;
    }
    Ok(())
}

/// Finishes an abort that got no further than its URL.
pub async fn end_aborted(services: &Services, upload: &Model) -> Result<(), Failure> {
    if queries::end(&services.db, upload, State::Aborted, services.clock.now()).await? {
        services.metrics.upload(UploadOutcome::Aborted);
    }
    Ok(())
}

/// Deletes what is left in staging and of dead attempts: the URL has expired, so nothing more can land.
async fn sweep(services: &Services, upload: &Model) -> Result<(), Failure> {
    if !drop_objects(services, upload).await? {
        return Ok(());
    }
    failpoint("visit.dropped");
    if upload.state != State::Ready {
        return Ok(
            queries::look_again(&services.db, upload, Some(upload.expires_at + REMEMBER)).await?,
        );
    }
    if images::queries::exists(&services.db, upload.id).await? {
        Ok(queries::look_again(&services.db, upload, None).await?)
    } else {
        Ok(queries::forget(&services.db, upload.id).await?)
    }
}

/// `false`: a backup that is under way may be copying them, or the bucket's manifest still names them, and the upload is looked at again after
/// that.
async fn drop_objects(services: &Services, upload: &Model) -> Result<bool, Failure> {
    services.store.delete(&upload.staging_key).await?;
    failpoint("visit.staging-dropped");
    let published = images::queries::find_any(&services.db, upload.id).await?;
    let published = published.as_ref();
    let original = published.map(|image| &image.original_key);
    let attempts =
        (1..=upload.attempts).map(|attempt| (attempt, FinalKeys::of(upload.id, attempt)));
    let dead: Vec<_> = attempts
        .filter(|(_, keys)| original != Some(&keys.original))
        .collect();
    if !dead.is_empty()
        && let Some(until) = needed_until(services, published).await?
    {
        queries::look_again(&services.db, upload, Some(until)).await?;
        return Ok(false);
    }
    for (attempt, keys) in dead {
        services.store.delete(&keys.original).await?;
        failpoint("visit.attempt-dropped");
        services.store.delete(&keys.preview).await?;
        services.store.delete(&keys.thumb).await?;
        // Later revisions are of changes.
        if published.is_none_or(|image| attempt < image.revision) {
            services.store.delete(&keys.manifest).await?;
        }
    }
    Ok(true)
}

/// Until when at least what an attempt has left is needed.
async fn needed_until(
    services: &Services,
    published: Option<&image::Model>,
) -> Result<Option<DateTime<Utc>>, DbErr> {
    let now = services.clock.now();
    if published.is_some_and(|image| image.manifest_due_at.is_some()) {
        return Ok(Some(now + MANIFEST));
    }
    installation::kept_until(&services.db, now).await
}
