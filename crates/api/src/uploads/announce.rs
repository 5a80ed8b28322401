//! A file that is about to be sent: what is checked before a byte moves, its row, and where it goes.

use chrono::TimeDelta;
use tintype_dto::{
    ContentType, CreateUpload, ProblemCode, PutTarget, Upload, UploadState, check_filename, check_sha256, nfc, unsupported_media_detail,
};
use tintype_storage::NewObject;
use uuid::Uuid;

use super::estimate::estimated_ms;
use super::machine::LOOK_AFTER;
use crate::accounts::queries::Room;
use crate::app::App;
use crate::db::{upload, user};
use crate::images;
use crate::problems::ApiError;

/// When one who has too many files under way may come again, seconds: some will have ended by then.
const TOO_MANY: u32 = 10;

/// What the presigned URL binds.
pub struct Announced {
    pub content_type: ContentType,
    size_bytes: u64,
    sha256: Option<[u8; 32]>,
}

/// What can be refused before a byte moves.
pub fn check(app: &App, request: &CreateUpload) -> Result<Announced, ApiError> {
    let sha256 = request.sha256.as_deref().map(check_sha256).transpose().map_err(|e| ApiError::field("sha256", e))?;
    if request.size_bytes == 0 {
        return Err(ApiError::field("size_bytes", "The file is empty."));
    }
    let content_type = ContentType::from_media_type(&request.content_type)
        .ok_or_else(|| ApiError::new(ProblemCode::UnsupportedMedia, unsupported_media_detail(&request.content_type)))?;
    let most = app.config.limits.max_bytes;
    if request.size_bytes > most {
        let detail = format!("The file has {} bytes; at most {most} are accepted. Save it smaller.", request.size_bytes);
        return Err(ApiError::new(ProblemCode::FileTooLarge, detail));
    }
    Ok(Announced { content_type, size_bytes: request.size_bytes, sha256 })
}

/// Its row, with ids and times of its own.
pub fn new_upload(app: &App, user_id: Uuid, request: &CreateUpload, content_type: ContentType) -> Result<upload::Model, ApiError> {
    let (id, now) = (Uuid::now_v7(), app.clock.now());
    let put_expires_at = now + TimeDelta::seconds(app.config.times.upload_url.into());
    Ok(upload::Model {
        id,
        user_id,
        state: upload::State::Pending,
        filename: check_filename(&request.filename, nfc),
        content_type: content_type.media_type().into(),
        size_bytes: request.size_bytes.cast_signed(),
        estimated_ms: estimated_ms(request.size_bytes),
        sha256: request.sha256.clone(),
        removed_by_client: serde_json::to_value(&request.removed_by_client).map_err(ApiError::internal)?,
        staging_key: format!("staging/{id}"),
        put_expires_at,
        expires_at: put_expires_at + TimeDelta::seconds(app.config.times.upload_grace.into()),
        due_at: Some(now + LOOK_AFTER),
        lease_id: None,
        lease_until: None,
        attempts: 0,
        lapses: 0,
        problem_code: None,
        problem_detail: None,
        created_at: now,
    })
}

/// Where the file is to be sent, for as long as the upload allows.
pub async fn presign(app: &App, upload: &upload::Model, announced: &Announced) -> Result<PutTarget, ApiError> {
    let object =
        NewObject { content_type: announced.content_type.media_type(), size_bytes: announced.size_bytes, sha256: announced.sha256 };
    let left = (upload.put_expires_at - app.clock.now()).to_std().unwrap_or_default();
    let presigned = app.store.presign_put(&upload.staging_key, &object, left).await?;
    Ok(PutTarget { method: "PUT".into(), url: presigned.url, headers: presigned.headers, expires_at: upload.put_expires_at })
}

/// What was announced, from the row.
pub fn announced(upload: &upload::Model) -> Result<Announced, ApiError> {
    Ok(Announced {
        content_type: ContentType::from_media_type(&upload.content_type).ok_or_else(|| ApiError::internal("a type we never stored"))?,
        size_bytes: upload.size_bytes.cast_unsigned(),
        sha256: upload.sha256.as_deref().map(check_sha256).transpose().map_err(ApiError::internal)?,
    })
}

/// The image that the announced bytes are already, if the client says their hash.
pub async fn already_yours(app: &App, user: &user::Model, request: &CreateUpload) -> Result<Option<Upload>, ApiError> {
    let Some(sha256) = &request.sha256 else { return Ok(None) };
    let Some(image) = images::queries::find_by_hash(&app.db, user.id, sha256).await? else { return Ok(None) };
    let image = images::present(app, user, image)?;
    Ok(Some(Upload { id: image.id, state: UploadState::Ready, expires_at: None, put: None, problem: None, image: Some(image) }))
}

/// What is told where there is no room for it.
pub fn no_room(app: &App, user: &user::Model, room: Room) -> ApiError {
    if room == Room::TooManyUnfinished { ApiError::too_many_unfinished(TOO_MANY) } else { over_quota(app, user) }
}

fn over_quota(app: &App, user: &user::Model) -> ApiError {
    let (bytes, quota) = (user.used_bytes, app.config.limits.quota_bytes.unwrap_or_default());
    let detail = format!("{bytes} of your {quota} bytes are in use. Delete images for good to make room: those in the trash count too.");
    ApiError::new(ProblemCode::QuotaExceeded, detail)
}
