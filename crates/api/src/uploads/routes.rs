//! One upload: announced, read, confirmed, aborted.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tintype_core::accounts::SessionKey;
use tintype_core::db::{ImageId, upload};
use tintype_core::images::queries::find as find_image;
use tintype_core::uploads::{Announcement, Confirmed, abort, announce, confirm, presign, queries};
use tintype_dto::{
    CreateUpload, Image, PendingUpload, ProcessingUpload, Upload, UploadState, paths,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::bulk;
use super::present::{present, present_announcement, present_with_put};
use super::repeat::Plan;
use crate::accounts::{Bearer, Checked, ToUpload};
use crate::app::App;
use crate::extract::{ApiJson, PathId};
use crate::images;
use crate::problems::ApiError;

/// Where files are announced.
pub fn announce_router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(create_upload))
        .merge(bulk::router())
}

/// What follows an announcement.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_upload, abort_upload))
        .routes(routes!(confirm_upload))
}

/// Announce a file
///
/// Answers with a presigned URL: `PUT` exactly the announced bytes there, with the given headers, then confirm. When `sha256` is given
/// and the picture is already yours, it is answered at once with 200 and nothing has to be sent.
#[utoipa::path(
    post, path = paths::UPLOADS, tag = "uploads",
    params(("Idempotency-Key" = Option<String>, Header, description = "A key of your own, for 24 hours: a request that is sent again with it is answered with the upload of the first, as it is by then.")),
    request_body = CreateUpload,
    responses(
        (status = 201, description = "Send the file to `put`.", body = PendingUpload),
        (status = 200, description = "There is nothing to send: the picture is already yours, or the same request was sent before and its upload is as far as this.", body = Upload),
    ),
    security(("session" = []), ("token" = ["upload"])),
    extensions(("x-problem-codes" = json!(["unsupported_media", "file_too_large", "quota_exceeded", "too_many_unfinished", "idempotency_key_reused"]))),
)]
async fn create_upload(
    State(app): State<App>,
    Checked(session, ..): Checked<ToUpload>,
    headers: HeaderMap,
    ApiJson(request): ApiJson<CreateUpload>,
) -> Result<(StatusCode, Json<Upload>), ApiError> {
    let sent = serde_json::to_vec(&request).map_err(ApiError::internal)?;
    let plan = Plan::make(&app, session, &headers, (paths::UPLOADS, &sent), 1).await?;
    let id = plan.ids.first().copied().unwrap_or_else(ImageId::generate);
    // What is there was announced by the same request before, or at the same moment.
    let before = async || -> Result<_, ApiError> {
        if !plan.may_repeat() {
            return Ok(None);
        }
        let Some(upload) = queries::find(&app.db, session.user_id, id).await? else {
            let image = find_image(&app.db, session.user_id, id, app.clock.now()).await?;
            let yours = image.map(|image| Announcement::Yours(Box::new(image)));
            let yours = yours.map(|yours| present_announcement(&app, session, yours));
            return Ok(yours.map(|upload| (StatusCode::OK, Json(upload))));
        };
        let upload = present_as_it_is(&app, session, &upload).await?;
        // As the first time, while there is something to send.
        let status = upload
            .put
            .as_ref()
            .map_or(StatusCode::OK, |_| StatusCode::CREATED);
        Ok(Some((status, Json(upload))))
    };
    if let Some(answer) = before().await? {
        return Ok(answer);
    }
    let announcement = match announce(&app, session, id, &request).await {
        Ok(announcement) => announcement,
        Err(error) => {
            let answer = before().await?;
            if answer.is_none() {
                plan.release(&app).await;
            }
            return answer.ok_or_else(|| error.into());
        }
    };
    if let Announcement::Yours(image) = &announcement {
        plan.answer(&app, vec![image.id]).await;
    }
    let status = match announcement {
        Announcement::Yours(_) => StatusCode::OK,
        Announcement::New(..) => StatusCode::CREATED,
    };
    Ok((
        status,
        Json(present_announcement(&app, session, announcement)),
    ))
}

/// How far an upload is
///
/// While the file is awaited it holds the presigned URL again.
#[utoipa::path(
    get, path = paths::UPLOAD, tag = "uploads",
    params(("id" = Uuid, Path, description = "The upload's id")),
    responses((status = 200, description = "The upload.", body = Upload)),
    security(("session" = []), ("token" = ["upload"])),
    extensions(("x-problem-codes" = json!(["not_found"]))),
)]
async fn get_upload(
    State(app): State<App>,
    Bearer(mut session, ..): Bearer<ToUpload>,
    PathId(id): PathId,
) -> Result<Json<Upload>, ApiError> {
    let upload = queries::find_for(&app.db, &mut session, id)
        .await?
        .ok_or_else(ApiError::not_found)?;
    let upload = present_as_it_is(&app, session, &upload).await?;
    if upload.state == UploadState::Ready && upload.image.is_none() {
        return Err(ApiError::not_found());
    }
    Ok(Json(upload))
}

/// The upload with what belongs to its state: the URL, or the image, unless that is deleted.
async fn present_as_it_is(
    app: &App,
    session: SessionKey,
    upload: &upload::Model,
) -> Result<Upload, ApiError> {
    Ok(match upload.state {
        upload::State::Pending if app.pipeline.is_in_line(upload.id) => in_line(upload),
        upload::State::Pending if app.clock.now() < upload.put_expires_at => {
            present_with_put(upload, presign(app, upload)?)
        }
        upload::State::Ready => {
            let now = app.clock.now();
            let image = find_image(&app.db, session.user_id, upload.id, now).await?;
            Upload {
                image: image.map(|image| images::present(app, session.version, image)),
                ..present(upload)
            }
        }
        _ => present(upload),
    })
}

/// Give an upload up
///
/// Its URL takes nothing any more, and what has landed is dropped.
#[utoipa::path(
    delete, path = paths::UPLOAD, tag = "uploads",
    params(("id" = Uuid, Path, description = "The upload's id")),
    responses((status = 204, description = "It is given up.")),
    security(("session" = []), ("token" = ["upload"])),
    extensions(("x-problem-codes" = json!(["not_found", "already_ready", "busy", "storage_unavailable", "storage_full"]))),
)]
async fn abort_upload(
    State(app): State<App>,
    Bearer(session, ..): Bearer<ToUpload>,
    PathId(id): PathId,
) -> Result<StatusCode, ApiError> {
    abort(&app, session, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Confirm that the file is there
///
/// The server checks the file, cleans it and publishes it. Confirming again, or many times at once, gets the same answer. When checking
/// takes longer than 5 seconds, or when many clients wait, the answer is 202: confirm again after `Retry-After`.
/// An upload has a `state`, and an image has none: that tells the two answers apart where the status is not at hand.
#[utoipa::path(
    post, path = paths::CONFIRM_UPLOAD, tag = "uploads",
    params(("id" = Uuid, Path, description = "The upload's id")),
    responses(
        (status = 200, description = "The published image.", body = Image),
        (status = 202, description = "Still being checked.", body = ProcessingUpload),
    ),
    security(("session" = []), ("token" = ["upload"])),
    extensions(("x-problem-codes" = json!([
        "not_found", "not_uploaded", "upload_expired", "upload_aborted", "unsupported_media", "size_mismatch", "hash_mismatch",
        "file_too_large", "image_too_large", "image_damaged", "storage_unavailable", "storage_full"
    ]))),
)]
async fn confirm_upload(
    State(app): State<App>,
    Bearer(mut session, ..): Bearer<ToUpload>,
    PathId(id): PathId,
) -> Result<Response, ApiError> {
    Ok(match confirm(&app, &mut session, id).await? {
        Confirmed::Published(image) => {
            Json(images::present(&app, session.version, *image)).into_response()
        }
        Confirmed::InProgress(upload) => still_processing(&app, &upload),
    })
}

fn still_processing(app: &App, upload: &upload::Model) -> Response {
    let seconds = app.pipeline.ask_again_in(upload.user_id);
    (
        StatusCode::ACCEPTED,
        [(header::RETRY_AFTER, HeaderValue::from(seconds))],
        Json(in_line(upload)),
    )
        .into_response()
}

/// To its owner, a queued upload is being checked.
fn in_line(upload: &upload::Model) -> Upload {
    Upload {
        state: UploadState::Processing,
        ..present(upload)
    }
}
