//! A file that is about to be sent: what is checked before a byte moves, its row, and where it goes.

use chrono::TimeDelta;
use tintype_dto::{
    ContentType, CreateUpload, FieldError, PutTarget, check_filename, check_sha256, nfc,
};
use tintype_storage::{NewObject, StoreError};

use super::state_machine::LOOK_AFTER;
use crate::db::UserId;
use crate::db::{ImageId, MediaType, RemovedByClient, Sha256, upload};
use crate::keys;
use crate::pipeline::estimated_ms;
use crate::services::Services;

/// Why a file is refused before a byte moves.
#[derive(Debug, thiserror::Error)]
pub enum AnnounceError {
    /// A field breaks its rule.
    #[error("{}: {}", .0.field, .0.message)]
    Invalid(FieldError),
    /// It is of a type that is not accepted.
    #[error("files of the type {0:?} are not accepted")]
    UnsupportedMedia(String),
    /// It is too large.
    #[error("the file has {size_bytes} bytes; at most {most} are accepted")]
    TooLarge {
        /// Of the file.
        size_bytes: u64,
        /// By the settings.
        most: u64,
    },
}

/// What the presigned URL binds.
pub struct Announced {
    pub content_type: ContentType,
    size_bytes: u64,
    pub sha256: Option<Sha256>,
}

/// What can be refused before a byte moves.
pub fn check(services: &Services, request: &CreateUpload) -> Result<Announced, AnnounceError> {
    let invalid = |field: &str, message: &str| {
        AnnounceError::Invalid(FieldError {
            field: field.into(),
            message: message.into(),
        })
    };
    let sha256 = request
        .sha256
        .as_deref()
        .map(check_sha256)
        .transpose()
        .map_err(|message| invalid("sha256", message))?
        .map(Sha256);
    if request.size_bytes == 0 {
        return Err(invalid("size_bytes", "The file is empty."));
    }
    let content_type = ContentType::from_media_type(&request.content_type)
        .ok_or_else(|| AnnounceError::UnsupportedMedia(request.content_type.clone()))?;
    let most = services.settings.limits.max_bytes;
    if request.size_bytes > most {
        return Err(AnnounceError::TooLarge {
            size_bytes: request.size_bytes,
            most,
        });
    }
    Ok(Announced {
        content_type,
        size_bytes: request.size_bytes,
        sha256,
    })
}

/// Its row, with ids and times of its own.
pub fn new_upload(
    services: &Services,
    user_id: UserId,
    request: &CreateUpload,
    announced: &Announced,
) -> upload::Model {
    let (id, now) = (ImageId::generate(), services.clock.now());
    let put_expires_at = now + TimeDelta::seconds(services.settings.times.upload_url.into());
    upload::Model {
        id,
        user_id,
        state: upload::State::Pending,
        filename: check_filename(&request.filename, nfc),
        content_type: MediaType(announced.content_type),
        size_bytes: request.size_bytes.cast_signed(),
        estimated_ms: estimated_ms(request.size_bytes),
        sha256: announced.sha256,
        removed_by_client: RemovedByClient(request.removed_by_client.clone()),
        staging_key: keys::staging(id),
        put_expires_at,
        expires_at: put_expires_at
            + TimeDelta::seconds(services.settings.times.upload_grace.into()),
        due_at: Some(now + LOOK_AFTER),
        lease_id: None,
        lease_until: None,
        attempts: 0,
        lapses: 0,
        problem_code: None,
        problem_detail: None,
        created_at: now,
    }
}

/// Where the file is to be sent, for as long as the upload allows.
pub async fn presign(
    services: &Services,
    upload: &upload::Model,
    announced: &Announced,
) -> Result<PutTarget, StoreError> {
    let object = NewObject {
        content_type: announced.content_type.media_type(),
        size_bytes: announced.size_bytes,
        sha256: announced.sha256.map(|hash| hash.0),
    };
    let left = (upload.put_expires_at - services.clock.now())
        .to_std()
        .unwrap_or_default();
    let presigned = services
        .store
        .presign_put(&upload.staging_key, &object, left)
        .await?;
    Ok(PutTarget {
        method: "PUT".into(),
        url: presigned.url,
        headers: presigned.headers,
        expires_at: upload.put_expires_at,
    })
}

/// What was announced, from the row.
#[must_use]
pub fn announced(upload: &upload::Model) -> Announced {
    Announced {
        content_type: upload.content_type.0,
        size_bytes: upload.size_bytes.cast_unsigned(),
        sha256: upload.sha256,
    }
}
