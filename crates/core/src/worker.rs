//! The background worker: finds landed files, expires missing ones, sweeps and deletes.

use std::time::Duration;

use chrono::TimeDelta;
use futures::{StreamExt, TryStreamExt, stream};
use sea_orm::{ConnAcquireErr, DbErr};
use tintype_storage::failpoint;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::Failure;
use crate::db::{claim_due, image, upload};
use crate::manifests::{marks, outbox};
use crate::metrics::{Due, Outcome};
use crate::services::Services;
use crate::uploads::state_machine::Found;
use crate::{accounts, idempotency, images, known_addresses, purge, rate_limit, uploads};

/// How many images of an older cleaner one query fetches, and the pause when there are none left.
const RENEWED: u64 = 4;
const RENEW_PAUSE: Duration = Duration::from_mins(1);
/// The pause between two rounds.
pub const PAUSE: Duration = Duration::from_secs(2);
const BATCH: u64 = 50;
/// How many rows are processed concurrently: most of the time is spent waiting for the store.
const AT_ONCE: usize = 4;
/// How long a found row is claimed. If this worker dies, others take over after that.
pub const CLAIM: TimeDelta = TimeDelta::seconds(30);
/// The delay after a failed row, so that failing rows don't crowd out the others.
const PUT_OFF: TimeDelta = TimeDelta::seconds(15);
/// The time limit for one row, longer than a check may hold its lease, and for the worker's own queries: a silently dead connection may
/// hang for a quarter of an hour.
const VISIT: Duration = Duration::from_mins(3);
const QUESTION: Duration = Duration::from_secs(30);
/// How often marks are looked through.
const MARKS_PAUSE: Duration = Duration::from_mins(10);

/// Runs rounds until it is stopped. Images are renewed in parallel: they wait for turns, which uploads and deletions don't.
pub async fn run(services: Services, stop: CancellationToken) {
    tokio::join!(
        go_round(services.clone(), stop.clone()),
        clear_marks(services.clone(), stop.clone()),
        renew_all(services, stop)
    );
}

async fn clear_marks(services: Services, stop: CancellationToken) {
    let clearing = async {
        loop {
            tokio::time::sleep(MARKS_PAUSE).await;
            if let Err(error) = within(VISIT, Box::pin(marks::clear(&services))).await {
                tracing::warn!(%error, "marks are left for later");
            }
        }
    };
    stop.run_until_cancelled(clearing).await;
}

/// Work dropped at shutdown is started again later.
async fn renew_all(services: Services, stop: CancellationToken) {
    let renewing = async {
        loop {
            let found = renew(&services).await.unwrap_or_else(|error| {
                tracing::warn!(%error, "renewing images is deferred");
                0
            });
            if found < RENEWED {
                tokio::time::sleep(RENEW_PAUSE).await;
            }
        }
    };
    stop.run_until_cancelled(renewing).await;
}

async fn go_round(services: Services, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let more = match look_round(&services).await {
            Ok((found, landed)) => {
                services.metrics.worker_round(Outcome::Ok);
                // The round does not wait for their turns: the next one finds other rows meanwhile.
                for upload in landed {
                    let services = services.clone();
                    services
                        .shutdown
                        .tasks
                        .clone()
                        .spawn(async move { check(&services, upload).await });
                }
                found == BATCH
            }
            Err(error) => {
                services.metrics.worker_round(Outcome::Failed);
                tracing::warn!(%error, "a round of the worker failed: it retries");
                false
            }
        };
        if !more {
            tokio::select! {
                () = tokio::time::sleep(PAUSE) => {}
                () = stop.cancelled() => {}
            }
        }
    }
}

/// Processes everything that is due now, and returns the highest row count of one kind.
///
/// # Errors
/// When the database does not answer.
pub async fn round(services: &Services) -> Result<u64, Failure> {
    let (found, landed) = look_round(services).await?;
    futures::future::join_all(landed.into_iter().map(|upload| check(services, upload))).await;
    let more = if renew(services).await? == RENEWED {
        BATCH
    } else {
        0
    };
    Ok(found.max(more))
}

/// The same, but leaves the check of landed files to their turns. One failing row does not hold up the others.
async fn look_round(services: &Services) -> Result<(u64, Vec<upload::Model>), Failure> {
    let now = services.clock.now();
    let stopping = || services.shutdown.draining.cancelled();
    // First: what an upload has left is swept when no manifest names it any more.
    let found_manifests = write_manifests(services).await?;
    let due_uploads = claim_due::<upload::Entity>(
        &services.db,
        (upload::Column::Id, upload::Column::DueAt),
        now,
        now + CLAIM,
        BATCH,
    );
    let due_uploads = within(QUESTION, due_uploads).await?;
    let found_uploads = due_uploads.len();
    failpoint("worker.uploads-claimed");
    // If that fails, each is looked up on its own.
    let in_staging = uploads::check_many(services, &due_uploads)
        .await
        .unwrap_or_default();
    let uploads = stream::iter(due_uploads)
        .take_until(stopping())
        .map(|upload| {
            let span = tracing::info_span!("visit upload", id = %upload.id);
            let found = in_staging.get(&upload.id).copied();
            visit_upload(services, upload, found).instrument(span)
        });
    let landed: Vec<_> = uploads.buffer_unordered(AT_ONCE).try_collect().await?;
    let due_images = claim_due::<image::Entity>(
        &services.db,
        (image::Column::Id, image::Column::DueAt),
        now,
        now + CLAIM,
        BATCH,
    );
    let due_images = within(QUESTION, due_images).await?;
    let found_images = due_images.len();
    failpoint("worker.images-claimed");
    let images = stream::iter(due_images)
        .take_until(stopping())
        .map(|image| {
            let span = tracing::info_span!("visit image", id = %image.id);
            visit_image(services, image).instrument(span)
        });
    images
        .buffer_unordered(AT_ONCE)
        .try_for_each(async |()| Ok(()))
        .await?;
    within(QUESTION, rate_limit::forget(&services.db, now)).await?;
    within(QUESTION, known_addresses::forget(&services.db, now)).await?;
    within(QUESTION, accounts::sessions::forget(&services.db, now)).await?;
    within(QUESTION, idempotency::forget(&services.db, now)).await?;
    within(QUESTION, accounts::queries::forget_deleted(&services.db)).await?;
    services.metrics.worker_due(Due::Uploads, found_uploads);
    services.metrics.worker_due(Due::Images, found_images);
    Ok((
        found_uploads.max(found_images).max(found_manifests) as u64,
        landed.into_iter().flatten().collect(),
    ))
}

/// Writes some of the manifests that are due. Returns how many there were.
async fn write_manifests(services: &Services) -> Result<usize, Failure> {
    let now = services.clock.now();
    let due = within(
        QUESTION,
        outbox::claim(&services.db, now, now + CLAIM, BATCH),
    )
    .await?;
    let found = due.len();
    stream::iter(due)
        .take_until(services.shutdown.draining.cancelled())
        .map(|due| write_manifest(services, due))
        .buffer_unordered(AT_ONCE)
        .try_for_each(async |()| Ok(()))
        .await?;
    Ok(found)
}

async fn write_manifest(services: &Services, due: outbox::DueManifest) -> Result<(), DbErr> {
    let id = due.image.id;
    if let Err(error) = within(VISIT, Box::pin(outbox::write(services, &due))).await {
        tracing::warn!(%error, image = %id, "a manifest is deferred");
        let later = services.clock.now() + PUT_OFF;
        within(QUESTION, outbox::put_off(&services.db, id, later)).await?;
    }
    Ok(())
}

/// Renews some images of an older cleaner. Returns how many there were.
async fn renew(services: &Services) -> Result<u64, Failure> {
    let outdated = within(QUESTION, images::queries::outdated(&services.db, RENEWED)).await?;
    let found = outdated.len() as u64;
    for image in outdated {
        let (id, span) = (image.id, tracing::info_span!("renew image", id = %image.id));
        if let Err(error) = within(VISIT, Box::pin(uploads::renew(services, image)))
            .instrument(span)
            .await
        {
            tracing::warn!(%error, image = %id, "renewing an image is deferred");
        }
    }
    if found > 0 || services.metrics.images_outdated.get() > 0 {
        let left = within(QUESTION, images::queries::count_outdated(&services.db)).await?;
        services.metrics.images_outdated.set(left.cast_signed());
    }
    Ok(found)
}

/// The upload, if its file has landed and has to be checked.
async fn visit_upload(
    services: &Services,
    upload: upload::Model,
    found: Option<Found>,
) -> Result<Option<upload::Model>, DbErr> {
    match within(
        VISIT,
        Box::pin(uploads::reconcile(services, &upload, found)),
    )
    .await
    {
        Ok(has_landed) => Ok(has_landed.then_some(upload)),
        Err(error) => {
            tracing::warn!(%error, upload = %upload.id, "an upload is deferred");
            within(
                QUESTION,
                uploads::queries::look_again(
                    &services.db,
                    &upload,
                    Some(services.clock.now() + PUT_OFF),
                ),
            )
            .await?;
            Ok(None)
        }
    }
}

/// A failed one is found again: its lease was released, or another process has it.
async fn check(services: &Services, upload: upload::Model) {
    let id = upload.id;
    let span = tracing::info_span!("check upload", %id);
    if let Err(error) = Box::pin(uploads::check_in_turn(services, upload))
        .instrument(span)
        .await
    {
        tracing::warn!(%error, upload = %id, "an upload is deferred");
    }
}

async fn visit_image(services: &Services, image: image::Model) -> Result<(), DbErr> {
    if let Err(error) = within(VISIT, Box::pin(purge::visit(services, &image))).await {
        tracing::warn!(%error, image = %image.id, "an image is deferred");
        within(
            QUESTION,
            images::queries::put_off(&services.db, image.id, services.clock.now() + PUT_OFF),
        )
        .await?;
    }
    Ok(())
}

async fn within<T, E: From<DbErr>>(
    limit: Duration,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let silence = || DbErr::ConnectionAcquire(ConnAcquireErr::Timeout).into();
    tokio::time::timeout(limit, work)
        .await
        .unwrap_or_else(|_| Err(silence()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_silent_database_does_not_hold_the_worker() {
        let silent = std::future::pending::<Result<(), DbErr>>();
        assert!(matches!(
            within(Duration::from_millis(1), silent).await,
            Err(DbErr::ConnectionAcquire(_))
        ));
        assert_eq!(
            within(Duration::from_mins(1), async { Ok::<_, DbErr>(1) }).await,
            Ok(1)
        );
    }
}
