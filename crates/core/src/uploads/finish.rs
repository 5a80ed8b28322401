//! Checking a landed file, then publishing or rejecting it.

use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::DbErr;
use tintype_dto::{Problem, ProblemCode, RemovedBy, check_filename, folded, nfc};
use tintype_imaging::CLEANER;
use tintype_storage::{StoreError, failpoint};
use tokio::time::Instant;

use super::queries;
use super::state_machine::{IN_LINE, LEASE};
use crate::Failure;
use crate::db::{MediaType, Receipt, Slug, image, upload};
use crate::keys::FinalKeys;
use crate::manifests;
use crate::metrics::UploadOutcome;
use crate::pipeline::Slot;
use crate::pipeline::{Announced, Checked, Outcome};
use crate::services::Services;

const RETRY_AFTER: TimeDelta = TimeDelta::seconds(10);
/// How long a check may hold its lease: it is released before it runs out, which would count against the file.
const HOLD: Duration = Duration::from_secs(110);
/// How often to retry releasing a lease while the database is down.
const ASK_AGAIN: Duration = Duration::from_millis(500);

/// How a turn ended.
#[derive(Debug)]
pub enum Turned {
    /// The upload is an image.
    Published(Box<image::Model>),
    /// The upload has ended without one, or another attempt continues.
    Ended,
    /// Decoding takes long and all slots for long work are taken: it has to wait for one.
    TooHeavy {
        /// The estimated time.
        ms: u32,
    },
}

/// Why a file was not checked.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// It disappeared.
    #[error("the file is gone from the storage")]
    FileGone,
    /// It could not be done.
    #[error(transparent)]
    Failure(#[from] Failure),
}

/// An upload whose lease is ours.
pub struct Taken {
    pub upload: upload::Model,
    /// The name of its account.
    pub owner: String,
}

/// Takes the lease if it is free. `None`: another was first.
pub async fn take(
    services: &Services,
    upload: &upload::Model,
    now: DateTime<Utc>,
) -> Result<Option<Taken>, DbErr> {
    let taken = queries::leased(upload, now);
    match queries::take(&services.db, upload, &taken, now).await {
        Ok(owner) => Ok(owner.map(|owner| Taken {
            upload: taken,
            owner,
        })),
        Err(error) => {
            // The write may have succeeded and only the answer was lost.
            give_back(services, taken);
            Err(error)
        }
    }
}

/// Releases the lease as soon as the database is back: otherwise everyone waits until it runs out, which counts against the file.
fn give_back(services: &Services, upload: upload::Model) {
    let services = services.clone();
    services.shutdown.tasks.clone().spawn(async move {
        let end = Instant::now() + LEASE.to_std().unwrap_or_default();
        while let Err(error) = queries::release(&services.db, &upload, services.clock.now() + RETRY_AFTER).await {
            if Instant::now() >= end {
                tracing::warn!(%error, upload = %upload.id, "a lease was not released before it expired");
                break;
            }
            tokio::select! {
                () = tokio::time::sleep(ASK_AGAIN) => {}
                () = services.shutdown.aborting.cancelled() => break,
            }
        }
    });
}

/// Checks the file of an upload whose lease is ours, and publishes or rejects it. If the storage or the database fails, or the file has to
/// wait again, the lease is released and the upload can be confirmed again.
pub async fn finish(services: &Services, taken: &Taken, slot: Slot) -> Result<Turned, CheckError> {
    let upload = &taken.upload;
    let turned = holding(
        services,
        upload,
        Box::pin(check_and_publish(services, taken, slot)),
    )
    .await?;
    if let Turned::TooHeavy { .. } = turned
        && let Err(error) =
            queries::release(&services.db, upload, services.clock.now() + IN_LINE).await
    {
        give_back(services, upload.clone());
        return Err(Failure::from(error).into());
    }
    Ok(turned)
}

/// Runs work on an upload whose lease is ours, within the time limit. A failure releases the lease.
pub async fn holding<T, E: From<Failure>>(
    services: &Services,
    upload: &upload::Model,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let result = tokio::select! {
        result = work => result,
        () = services.shutdown.aborting.cancelled() => Err(Failure::Overloaded { seconds: 5 }.into()),
        () = tokio::time::sleep(HOLD) => Err(Failure::Overloaded { seconds: 5 }.into()),
    };
    if result.is_err() {
        let released =
            queries::release(&services.db, upload, services.clock.now() + RETRY_AFTER).await;
        if released.is_err() {
            give_back(services, upload.clone());
        }
    }
    result
}

async fn check_and_publish(
    services: &Services,
    taken: &Taken,
    slot: Slot,
) -> Result<Turned, CheckError> {
    let upload = &taken.upload;
    failpoint("check.begun");
    let mut turned = Turned::Ended;
    let has_ended = match checked(services, upload, slot).await? {
        Some(Outcome::Passed(checked)) => match publish(services, taken, *checked).await? {
            Some(image) => {
                turned = Turned::Published(Box::new(image));
                true
            }
            None => false,
        },
        Some(Outcome::Refused(problem)) => reject(services, upload, &problem).await?,
        Some(Outcome::TooHeavy { ms }) => return Ok(Turned::TooHeavy { ms }),
        None => {
            queries::abort(&services.db, upload)
                .await
                .map_err(Failure::from)?;
            return Ok(Turned::Ended);
        }
    };
    failpoint("check.ended");
    // A late attempt leaves the file to the current holder of the lease.
    if has_ended {
        empty_ended(services, upload).await;
    }
    failpoint("check.staging-emptied");
    Ok(turned)
}

/// Overwrites the file with an empty object. The URL then stops working, because it only writes where no object is; the worker deletes the
/// object once the URL has expired.
pub async fn empty(services: &Services, upload: &upload::Model) -> Result<(), StoreError> {
    services
        .store
        .put(
            &upload.staging_key,
            "application/octet-stream",
            Bytes::new(),
        )
        .await
}

/// The same for an upload that has ended. The landed file blocks the URL until then; if the store fails, the worker does it.
pub async fn empty_ended(services: &Services, upload: &upload::Model) {
    let Err(error) = empty(services, upload).await else {
        return;
    };
    tracing::warn!(%error, upload = %upload.id, "staging was not emptied: the worker retries");
    if let Err(error) =
        queries::come_back(&services.db, upload, services.clock.now() + RETRY_AFTER).await
    {
        tracing::warn!(%error, upload = %upload.id, "the retry was not scheduled: the worker comes when the URL has expired");
    }
}

/// `None`: an abort of the upload has begun and not finished.
async fn checked(
    services: &Services,
    upload: &upload::Model,
    slot: Slot,
) -> Result<Option<Outcome>, CheckError> {
    let announced = Announced {
        size_bytes: upload.size_bytes.cast_unsigned(),
        sha256: upload.sha256,
    };
    let bytes = match services
        .store
        .get(&upload.staging_key, announced.size_bytes)
        .await
    {
        Ok(Some(bytes)) if bytes.is_empty() => return Ok(None),
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Err(CheckError::FileGone),
        Err(StoreError::TooLarge) => {
            let detail = format!(
                "{} bytes were announced, more arrived. Upload the file again.",
                announced.size_bytes
            );
            return Ok(Some(Outcome::Refused(Box::new(Problem::new(
                ProblemCode::SizeMismatch,
                detail,
            )))));
        }
        Err(error) => return Err(Failure::from(error).into()),
    };
    failpoint("check.fetched");
    services.metrics.received_bytes.inc_by(bytes.len() as u64);
    Ok(Some(services.pipeline.check(slot, bytes, announced).await?))
}

/// `false`: the lease was lost, nothing has changed.
async fn reject(
    services: &Services,
    upload: &upload::Model,
    problem: &Problem,
) -> Result<bool, Failure> {
    let is_rejected = queries::reject(&services.db, upload, problem).await?;
    if is_rejected {
        services.metrics.upload(UploadOutcome::Rejected);
    }
    Ok(is_rejected)
}

/// `None`: the lease was lost, nothing has changed. The manifest comes before the row, as the other objects do.
async fn publish(
    services: &Services,
    taken: &Taken,
    checked: Checked,
) -> Result<Option<image::Model>, Failure> {
    failpoint("promote.begun");
    let upload = &taken.upload;
    let keys = FinalKeys::of(upload.id, upload.attempts);
    let keys = put_all(services, keys, &checked).await?;
    let mut image = image_of(services, upload, checked, keys)?;
    image.manifest_key = Some(manifests::put(&services.store, &image, &taken.owner).await?);
    failpoint("promote.manifest-stored");
    let is_published = queries::publish(&services.db, upload, image.clone()).await?;
    if is_published {
        services.metrics.upload(UploadOutcome::Ready);
    } else {
        tracing::warn!(upload = %upload.id, "the lease expired before the image was published: another attempt has it");
    }
    Ok(is_published.then_some(image))
}

fn image_of(
    services: &Services,
    upload: &upload::Model,
    checked: Checked,
    keys: StoredKeys,
) -> Result<image::Model, Failure> {
    // It was announced under older rules: an older server may have written the row.
    let filename = check_filename(&upload.filename, nfc);
    Ok(image::Model {
        id: upload.id,
        user_id: upload.user_id,
        slug: Slug::random(),
        state: image::State::Ready,
        title: upload.title.clone(),
        alt: upload.alt.clone(),
        search_title: upload.title.as_deref().map(folded),
        search_alt: upload.alt.as_deref().map(folded),
        search_filename: folded(&filename),
        filename,
        content_type: MediaType(checked.content_type),
        size_bytes: i64::try_from(checked.original.len()).map_err(Failure::unexpected)?,
        width: i32::try_from(checked.width).map_err(Failure::unexpected)?,
        height: i32::try_from(checked.height).map_err(Failure::unexpected)?,
        sha256: checked.sha256,
        source_sha256: checked.source_sha256,
        visibility: upload.visibility.unwrap_or(image::Visibility::Unlisted),
        removed: Receipt::default()
            .with(&upload.removed_by_client.0, RemovedBy::Client)
            .with(&checked.removed, RemovedBy::Server),
        placeholder: checked.placeholder,
        original_key: keys.original,
        preview_key: keys.preview,
        thumb_key: keys.thumb,
        animated: checked.animated,
        cleaner: CLEANER,
        created_at: upload
            .image_created_at
            .unwrap_or_else(|| services.clock.now()),
        expires_at: upload.image_expires_at,
        due_at: upload.image_expires_at,
        token_id: upload.token_id,
        revision: upload.attempts,
        manifest_key: None,
        manifest_due_at: None,
    })
}

/// The keys of the objects that an image has.
pub struct StoredKeys {
    pub original: String,
    pub preview: Option<String>,
    pub thumb: Option<String>,
}

/// Stores the objects to publish.
pub async fn put_all(
    services: &Services,
    keys: FinalKeys,
    checked: &Checked,
) -> Result<StoredKeys, Failure> {
    services
        .store
        .put(
            &keys.original,
            checked.content_type.media_type(),
            checked.original.clone(),
        )
        .await?;
    failpoint("promote.original-stored");
    let preview = put_rendition(services, keys.preview, checked.preview.as_ref()).await?;
    failpoint("promote.preview-stored");
    let thumb = put_rendition(services, keys.thumb, checked.thumb.as_ref()).await?;
    failpoint("promote.thumb-stored");
    Ok(StoredKeys {
        original: keys.original,
        preview,
        thumb,
    })
}

/// Its key, if there is one.
async fn put_rendition(
    services: &Services,
    key: String,
    rendition: Option<&Bytes>,
) -> Result<Option<String>, Failure> {
    let Some(bytes) = rendition else {
        return Ok(None);
    };
    services
        .store
        .put(&key, "image/webp", bytes.clone())
        .await?;
    Ok(Some(key))
}
