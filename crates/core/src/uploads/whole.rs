//! A file that came in one request: this process stores it in place of the client, and waits for longer.
//!
//! It is announced once it has arrived, with its exact size and hash: until then nothing of it is in the store, and what breaks off leaves
//! nothing behind.

use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use tintype_dto::{ContentType, CreateUpload};
use tintype_storage::{StoreError, failpoint};
use tokio::time::Instant;

use super::announce::{AnnounceError, Prepared, reserve};
use super::confirm::{ConfirmError, Confirmed, confirm};
use super::{AbortError, abort, queries};
use crate::accounts::SessionKey;
use crate::db::{ImageId, Sha256, image, upload};
use crate::images::Change;
use crate::services::Services;

/// How long its publication is waited for.
const PATIENCE: Duration = Duration::from_mins(1);

/// A file that has arrived.
#[derive(Clone)]
pub struct WholeFile {
    pub filename: String,
    /// The type found in its bytes.
    pub content_type: ContentType,
    pub size_bytes: u64,
    pub sha256: Sha256,
    /// The image's own; when left out, it is the moment at which the image is published.
    pub created_at: Option<DateTime<Utc>>,
    pub content: Content,
}

/// Where its bytes are.
#[derive(Clone)]
pub enum Content {
    Memory(Bytes),
    File(Arc<File>),
}

/// What has become of a file.
pub enum Whole {
    /// The account already has this image.
    Yours(Box<image::Model>),
    /// It is in the store, and to be confirmed.
    Stored(ImageId),
}

/// Announces a file under this new id, whose image will be as this change makes it, and stores it.
///
/// # Errors
/// See [`AnnounceError`]. What could not be stored is given up.
pub async fn store_whole(
    services: &Services,
    session: SessionKey,
    id: ImageId,
    file: WholeFile,
    change: &Change,
) -> Result<Whole, AnnounceError> {
    let request = CreateUpload {
        filename: file.filename,
        content_type: file.content_type.media_type().into(),
        size_bytes: file.size_bytes,
        sha256: Some(file.sha256.to_string()),
        removed_by_client: Vec::new(),
        visibility: None,
        created_at: file.created_at,
        expires_at: None,
    };
    let upload = match reserve(services, session, id, &request, change).await? {
        Prepared::Yours(image) => return Ok(Whole::Yours(image)),
        Prepared::New(upload) => upload,
    };
    if let Err(error) = put(services, &upload, file.sha256, file.content).await {
        give_up(services, session, upload.id).await;
        return Err(error.into());
    }
    failpoint("whole.stored");
    Ok(Whole::Stored(upload.id))
}

/// Goes on with a file that was announced under this id before: what may not have reached the store is stored again. `None`: there is none.
///
/// # Errors
/// See [`AnnounceError`].
pub async fn resume_whole(
    services: &Services,
    session: SessionKey,
    id: ImageId,
    file: &WholeFile,
) -> Result<Option<Whole>, AnnounceError> {
    let Some(upload) = queries::find(&services.db, session.user_id, id).await? else {
        return Ok(None);
    };
    if upload.state == upload::State::Pending {
        put(services, &upload, file.sha256, file.content.clone()).await?;
    }
    Ok(Some(Whole::Stored(id)))
}

async fn put(
    services: &Services,
    upload: &upload::Model,
    sha256: Sha256,
    content: Content,
) -> Result<(), StoreError> {
    let (key, media_type) = (&upload.staging_key, upload.content_type.0.media_type());
    let store = &services.store;
    match content {
        Content::Memory(bytes) => store.put(key, media_type, bytes).await,
        Content::File(file) => store.put_file(key, media_type, sha256.0, file).await,
    }
}

/// Confirms a file that is in the store until it is an image, for a minute at most.
///
/// # Errors
/// See [`ConfirmError`].
pub async fn confirm_whole(
    services: &Services,
    session: &mut SessionKey,
    id: ImageId,
) -> Result<Confirmed, ConfirmError> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let begun = Instant::now();
        let confirmed = confirm(services, session, id).await?;
        if matches!(confirmed, Confirmed::Published(_)) || Instant::now() >= deadline {
            return Ok(confirmed);
        }
        let pause = services.pipeline.ask_again_in(session.user_id);
        let next = begun + Duration::from_secs(pause.into());
        tokio::time::sleep_until(next.min(deadline)).await;
    }
}

/// Gives up what could not be stored. What can't be is found by the worker.
async fn give_up(services: &Services, session: SessionKey, id: ImageId) {
    match abort(services, session, id).await {
        Ok(()) | Err(AbortError::NotFound | AbortError::AlreadyReady | AbortError::Busy) => {}
        Err(error) => tracing::warn!(%error, upload = %id, "an upload was not given up"),
    }
}
