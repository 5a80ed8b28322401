//! A file that has landed: checked, then published or rejected.

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
use crate::metrics::UploadOutcome;
use crate::pipeline::Slot;
use crate::pipeline::{Announced, Checked, Outcome};
use crate::services::Services;

const RETRY_AFTER: TimeDelta = TimeDelta::seconds(10);
/// How long a check may hold its lease: it is given back before it runs out, which would count as the file's fault.
const HOLD: Duration = Duration::from_secs(110);
/// How often a database that is away is asked to take a lease back.
const ASK_AGAIN: Duration = Duration::from_millis(500);

/// How a turn has ended.
#[derive(Debug)]
pub enum Turned {
    /// With an image.
    Published(Box<image::Model>),
    /// With an upload that is none, or for another attempt to go on.
    Ended,
    /// Decoding takes long, and there is no place for that: it has to wait for one.
    TooHeavy {
        /// What it takes by estimate.
        ms: u32,
    },
}

/// Why a file was not checked.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// It was there, and is no more.
    #[error("the file is gone from the storage")]
    FileGone,
    /// It could not be done.
    #[error(transparent)]
    Failure(#[from] Failure),
}

/// Takes the lease, if nobody holds it. `None`: somebody else was first.
pub async fn take(
    services: &Services,
    upload: &upload::Model,
    now: DateTime<Utc>,
) -> Result<Option<upload::Model>, DbErr> {
    let taken = queries::leased(upload, now);
    match queries::take(&services.db, upload, &taken, now).await {
        Ok(is_ours) => Ok(is_ours.then_some(taken)),
        Err(error) => {
            // It may have been carried out, and only the answer was lost.
            give_back(services, taken);
            Err(error)
        }
    }
}

/// Gives the lease back as soon as the database is there again: everybody would wait until it has run out, and it would count as
/// the file's fault.
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

/// Checks the file of an upload whose lease is ours, and ends the upload as an image or rejected. When the storage or the database
/// fails, the lease is given back and the upload can be confirmed again; so is it when the file has to wait once more.
pub async fn finish(
    services: &Services,
    upload: &upload::Model,
    slot: Slot,
) -> Result<Turned, CheckError> {
    let turned = holding(
        services,
        upload,
        Box::pin(check_and_publish(services, upload, slot)),
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

/// Works on an upload whose lease is ours, for as long as that may take. What fails gives the lease back.
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
    upload: &upload::Model,
    slot: Slot,
) -> Result<Turned, CheckError> {
    failpoint("check.begun");
    let mut turned = Turned::Ended;
    let has_ended = match checked(services, upload, slot).await? {
        Some(Outcome::Passed(checked)) => match publish(services, upload, *checked).await? {
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
    // An attempt that is late leaves the file to the one that has the lease now.
    if has_ended {
        empty_ended(services, upload).await;
    }
    failpoint("check.staging-emptied");
    Ok(turned)
}

/// Puts nothing in the place of the file, and so ends the life of its URL, which writes only where no object is. Something stays at the
/// key until the URL has expired, when the worker removes it.
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

/// The same when the upload has ended. What landed keeps the URL from writing until this is done; where the store fails, the worker does it.
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

/// `None`: somebody has given the upload up, and has not come to the end of that.
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

/// `None`: the lease was lost, nothing has changed.
async fn publish(
    services: &Services,
    upload: &upload::Model,
    checked: Checked,
) -> Result<Option<image::Model>, Failure> {
    failpoint("promote.begun");
    let keys = put_all(
        services,
        FinalKeys::of(upload.id, upload.attempts),
        &checked,
    )
    .await?;
    // It was announced by the rules of that time: a server that was older may have written it.
    let filename = check_filename(&upload.filename, nfc);
    let image = image::Model {
        id: upload.id,
        user_id: upload.user_id,
        slug: Slug::random(),
        state: image::State::Ready,
        title: None,
        alt: None,
        search_title: None,
        search_filename: folded(&filename),
        filename,
        content_type: MediaType(checked.content_type),
        size_bytes: i64::try_from(checked.original.len()).map_err(Failure::unexpected)?,
        width: i32::try_from(checked.width).map_err(Failure::unexpected)?,
        height: i32::try_from(checked.height).map_err(Failure::unexpected)?,
        sha256: checked.sha256,
        source_sha256: checked.source_sha256,
        visibility: image::Visibility::Unlisted,
        removed: Receipt::default()
            .with(&upload.removed_by_client.0, RemovedBy::Client)
            .with(&checked.removed, RemovedBy::Server),
        placeholder: checked.placeholder,
        original_key: keys.original,
        preview_key: keys.preview,
        thumb_key: keys.thumb,
        animated: checked.animated,
        cleaner: CLEANER,
        created_at: services.clock.now(),
        due_at: None,
    };
    let is_published = queries::publish(&services.db, upload, image.clone()).await?;
    if is_published {
        services.metrics.upload(UploadOutcome::Ready);
    } else {
        tracing::warn!(upload = %upload.id, "the lease expired before the image was published: another attempt has it");
    }
    Ok(is_published.then_some(image))
}

/// The keys of an image, as far as there is something behind them.
pub struct StoredKeys {
    pub original: String,
    pub preview: Option<String>,
    pub thumb: Option<String>,
}

/// Stores what will be published.
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
