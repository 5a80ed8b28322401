//! Announcing a file: the checks before any byte is sent, its row, and its presigned URL.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use sea_orm::DbErr;
use tintype_dto::{
    ContentType, CreateUpload, FieldError, PutTarget, check_expires_at, check_filename,
    check_sha256, nfc,
};
use tintype_storage::{NewObject, StoreError, failpoint};

use super::queries;
use super::state_machine::LOOK_AFTER;
use crate::accounts::SessionKey;
use crate::accounts::queries::Room;
use crate::db::{ImageId, MediaType, RemovedByClient, Sha256, image, upload};
use crate::images::queries::find_by_hash;
use crate::images::{Change, visibility};
use crate::pipeline::estimated_ms;
use crate::services::Services;
use crate::{Failure, keys};

/// `Retry-After` for an account with too many open uploads, seconds: some will have ended by then.
const TOO_MANY: u32 = 10;

/// Why a file is refused before it is sent.
#[derive(Debug, thiserror::Error)]
pub enum AnnounceError {
    /// The session has ended, with its account.
    #[error("the session has ended")]
    SessionEnded,
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
    /// It does not fit into the account's quota.
    #[error("the quota of {quota_bytes} bytes is used up")]
    OverQuota {
        /// What the account holds, for those who may know it.
        used_bytes: Option<i64>,
        /// What it may hold.
        quota_bytes: u64,
    },
    /// The account has too many open uploads.
    #[error("too many uploads have not ended: try again in {seconds} s")]
    TooManyUnfinished {
        /// When to try again.
        seconds: u32,
    },
    /// It could not be done.
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl From<DbErr> for AnnounceError {
    fn from(error: DbErr) -> Self {
        Self::Failure(error.into())
    }
}

impl From<StoreError> for AnnounceError {
    fn from(error: StoreError) -> Self {
        Self::Failure(error.into())
    }
}

/// An announcement that passed the checks.
struct Acceptable {
    content_type: ContentType,
    sha256: Option<Sha256>,
    expires_at: Option<DateTime<Utc>>,
}

/// The result of an announcement.
pub enum Announcement {
    /// The account already has this image, by the client's hash.
    Yours(Box<image::Model>),
    /// A new file, to be sent to this URL.
    New(Box<upload::Model>, PutTarget),
}

/// Announces a file under this new id: inserts its row and reserves quota first, then presigns its URL.
pub async fn announce(
    services: &Services,
    session: SessionKey,
    id: ImageId,
    request: &CreateUpload,
) -> Result<Announcement, AnnounceError> {
    let upload = match reserve(services, session, id, request, &Change::default()).await? {
        Prepared::Yours(image) => return Ok(Announcement::Yours(image)),
        Prepared::New(upload) => upload,
    };
    let put = presign(services, &upload)?;
    failpoint("announce.presigned");
    Ok(Announcement::New(upload, put))
}

/// As [`announce`], without a URL. The image will be as this change makes it, from the moment on at which it is published.
pub(super) async fn reserve(
    services: &Services,
    session: SessionKey,
    id: ImageId,
    request: &CreateUpload,
    change: &Change,
) -> Result<Prepared, AnnounceError> {
    let upload = match prepare(services, session, id, request).await? {
        Prepared::New(upload) => Box::new(change.of_new(*upload)),
        yours @ Prepared::Yours(_) => return Ok(yours),
    };
    failpoint("announce.begun");
    let limits = &services.settings.limits;
    let room = queries::insert(&services.db, (*upload).clone(), limits).await?;
    refuse_without_room(services, session, room)?;
    failpoint("announce.kept");
    Ok(Prepared::New(upload))
}

/// As [`announce`], for many files in one transaction. Each is answered on its own.
pub async fn announce_many(
    services: &Services,
    session: SessionKey,
    requests: &[CreateUpload],
) -> Result<Vec<Result<Announcement, AnnounceError>>, Failure> {
    let mut files = Vec::with_capacity(requests.len());
    for request in requests {
        files.push(
            match prepare(services, session, ImageId::generate(), request).await {
                Err(AnnounceError::Failure(failure)) => return Err(failure),
                prepared => prepared,
            },
        );
    }
    let new = files.iter().filter_map(|file| match file {
        Ok(Prepared::New(upload)) => Some((**upload).clone()),
        _ => None,
    });
    let rooms =
        queries::insert_many(&services.db, new.collect(), &services.settings.limits).await?;
    failpoint("announce-many.kept");
    let mut announced = Vec::with_capacity(files.len());
    for file in files {
        announced.push(match file {
            Ok(Prepared::Yours(image)) => Ok(Announcement::Yours(image)),
            Ok(Prepared::New(upload)) => {
                let room = rooms.get(&upload.id).copied();
                let room = room.unwrap_or(Room::TooManyUnfinished);
                match refuse_without_room(services, session, room) {
                    Ok(()) => {
                        let put = presign(services, &upload)?;
                        Ok(Announcement::New(upload, put))
                    }
                    Err(error) => Err(error),
                }
            }
            Err(error) => Err(error),
        });
    }
    failpoint("announce-many.presigned");
    Ok(announced)
}

/// An announcement that passed the checks.
pub(super) enum Prepared {
    /// The account already has this image.
    Yours(Box<image::Model>),
    /// The row of a new upload.
    New(Box<upload::Model>),
}

/// Checks an announcement before anything is reserved for it.
async fn prepare(
    services: &Services,
    session: SessionKey,
    id: ImageId,
    request: &CreateUpload,
) -> Result<Prepared, AnnounceError> {
    let announced = check(services, request)?;
    if let Some(sha256) = announced.sha256
        && let Some(image) =
            find_by_hash(&services.db, session, sha256, services.clock.now()).await?
    {
        return Ok(Prepared::Yours(Box::new(image)));
    }
    let upload = new_upload(services, session, id, request, &announced);
    Ok(Prepared::New(Box::new(upload)))
}

fn refuse_without_room(
    services: &Services,
    session: SessionKey,
    room: Room,
) -> Result<(), AnnounceError> {
    match room {
        Room::Reserved => Ok(()),
        Room::TooManyUnfinished => Err(AnnounceError::TooManyUnfinished { seconds: TOO_MANY }),
        Room::AccountGone => Err(AnnounceError::SessionEnded),
        Room::OverQuota { used_bytes } => Err(AnnounceError::OverQuota {
            used_bytes: Some(used_bytes).filter(|_| session.by.sees_only().is_none()),
            quota_bytes: services.settings.limits.quota_bytes.unwrap_or_default(),
        }),
    }
}

/// The checks before a file is sent.
fn check(services: &Services, request: &CreateUpload) -> Result<Acceptable, AnnounceError> {
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
    if request
        .created_at
        .is_some_and(|time| time < DateTime::UNIX_EPOCH)
    {
        return Err(invalid("created_at", "Send a time from 1970 on."));
    }
    let now = services.clock.now();
    let expires_at = request
        .expires_at
        .map(|end| check_expires_at(end, now))
        .transpose()
        .map_err(|message| invalid("expires_at", message))?;
    let content_type = ContentType::from_media_type(&request.content_type)
        .ok_or_else(|| AnnounceError::UnsupportedMedia(request.content_type.clone()))?;
    let most = services.settings.limits.max_bytes;
    if request.size_bytes > most {
        return Err(AnnounceError::TooLarge {
            size_bytes: request.size_bytes,
            most,
        });
    }
    Ok(Acceptable {
        content_type,
        sha256,
        expires_at,
    })
}

/// The row of a new upload.
fn new_upload(
    services: &Services,
    session: SessionKey,
    id: ImageId,
    request: &CreateUpload,
    announced: &Acceptable,
) -> upload::Model {
    let now = services.clock.now();
    let put_expires_at = now + TimeDelta::seconds(services.settings.times.upload_url.into());
    upload::Model {
        id,
        user_id: session.user_id,
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
        title: None,
        alt: None,
        visibility: request.visibility.map(visibility::stored),
        image_created_at: request
            .created_at
            .map(|time| time.trunc_subsecs(6).min(now)),
        image_expires_at: announced.expires_at,
        token_id: session.by.token(),
    }
}

/// Presigns the URL for the file, valid for the upload's time.
pub fn presign(services: &Services, upload: &upload::Model) -> Result<PutTarget, StoreError> {
    let object = NewObject {
        content_type: upload.content_type.0.media_type(),
        size_bytes: upload.size_bytes.cast_unsigned(),
        sha256: upload.sha256.map(|hash| hash.0),
    };
    let left = (upload.put_expires_at - services.clock.now())
        .to_std()
        .unwrap_or_default();
    let presigned = services
        .store
        .presign_put(&upload.staging_key, &object, left)?;
    Ok(PutTarget {
        method: "PUT".into(),
        url: presigned.url,
        headers: presigned.headers,
        expires_at: upload.put_expires_at,
    })
}
