use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use tintype_dto::{CreateUpload, Image, ProblemCode, Upload, UploadState};
use tintype_storage::failpoint;
use tokio::time::Instant;
use tracing::Instrument;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::bulk;
use super::present::{already_yours, present, present_with_put, problem};
use super::refusals::{busy, expired, no_room, not_uploaded};
use crate::accounts::CurrentUser;
use crate::app::App;
use crate::extract::{IdPath, JsonBody};
use crate::images;
use crate::problems::ApiError;
use tintype_core::accounts::queries::Room;
use tintype_core::db::{upload, user};
use tintype_core::images::queries::find as find_image;
use tintype_core::uploads::state_machine::{Caller, Decision, Event, Found, decide};
use tintype_core::uploads::{
    abort, announced, check, check_in_turn, end_aborted, new_upload, presign, queries,
    reject_poisoned,
};

/// How long a confirm waits for the picture before it answers 202.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a confirm sleeps when the line is full.
const FULL_PAUSE: Duration = Duration::from_secs(1);

/// The routes of this capability.
pub fn router() -> OpenApiRouter<App> {
    let one = OpenApiRouter::new()
        .routes(routes!(create_upload))
        .routes(routes!(get_upload, abort_upload))
        .routes(routes!(confirm_upload));
    one.merge(bulk::router())
}

/// Announce a file
///
/// Answers with a presigned URL: `PUT` exactly the announced bytes there, with the given headers, then confirm. When `sha256` is given
/// and the picture is already yours, it is answered at once with 200 and nothing has to be sent.
#[utoipa::path(
    post, path = "/uploads", tag = "uploads",
    request_body = CreateUpload,
    responses(
        (status = 201, description = "Send the file to `put`.", body = Upload),
        (status = 200, description = "This picture is already yours.", body = Upload),
    ),
    security(("session" = [])),
    extensions(("x-problem-codes" = json!(["unsupported_media", "file_too_large", "quota_exceeded", "too_many_unfinished"]))),
)]
async fn create_upload(
    State(app): State<App>,
    CurrentUser(user): CurrentUser,
    JsonBody(request): JsonBody<CreateUpload>,
) -> Result<(StatusCode, Json<Upload>), ApiError> {
    let announced = check(&app, &request)?;
    if let Some(yours) = already_yours(&app, &user, &announced).await? {
        return Ok((StatusCode::OK, Json(yours)));
    }
    let upload = new_upload(&app, user.id, &request, &announced);
    failpoint("announce.begun");
    let room = queries::insert(&app.db, upload.clone(), &app.config.limits).await?;
    if room != Room::Reserved {
        return Err(no_room(&app, &user, room));
    }
    failpoint("announce.kept");
    let put = presign(&app, &upload, &announced).await?;
    failpoint("announce.presigned");
    Ok((StatusCode::CREATED, Json(present_with_put(&upload, put))))
}

/// How far an upload is
///
/// While the file is awaited it holds the presigned URL again.
#[utoipa::path(
    get, path = "/uploads/{id}", tag = "uploads",
    params(("id" = Uuid, Path, description = "The upload's id")),
    responses((status = 200, description = "The upload.", body = Upload)),
    security(("session" = [])),
    extensions(("x-problem-codes" = json!(["not_found"]))),
)]
async fn get_upload(
    State(app): State<App>,
    CurrentUser(user): CurrentUser,
    IdPath(id): IdPath,
) -> Result<Json<Upload>, ApiError> {
    let upload = queries::find(&app.db, user.id, id)
        .await?
        .ok_or_else(ApiError::not_found)?;
    Ok(Json(match upload.state {
        upload::State::Pending if app.pipeline.is_in_line(id) => in_line(&upload),
        upload::State::Pending if app.clock.now() < upload.put_expires_at => {
            let put = presign(&app, &upload, &announced(&upload)).await?;
            present_with_put(&upload, put)
        }
        upload::State::Ready => {
            let image = find_image(&app.db, user.id, id)
                .await?
                .ok_or_else(ApiError::not_found)?;
            Upload {
                image: Some(images::present(&app, &user, image)),
                ..present(&upload)
            }
        }
        upload::State::Rejected => Upload {
            problem: problem(&upload),
            ..present(&upload)
        },
        _ => present(&upload),
    }))
}

/// Give an upload up
///
/// Its URL takes nothing any more, and what has landed is dropped.
#[utoipa::path(
    delete, path = "/uploads/{id}", tag = "uploads",
    params(("id" = Uuid, Path, description = "The upload's id")),
    responses((status = 204, description = "It is given up.")),
    security(("session" = [])),
    extensions(("x-problem-codes" = json!(["not_found", "already_ready", "busy", "storage_unavailable", "storage_full"]))),
)]
async fn abort_upload(
    State(app): State<App>,
    CurrentUser(user): CurrentUser,
    IdPath(id): IdPath,
) -> Result<StatusCode, ApiError> {
    let upload = queries::find(&app.db, user.id, id)
        .await?
        .ok_or_else(ApiError::not_found)?;
    match decide(&upload, Event::Abort, app.clock.now()) {
        Decision::AlreadyReady => {
            return Err(ApiError::new(
                ProblemCode::AlreadyReady,
                "The upload is an image already. Delete the image instead.",
            ));
        }
        Decision::InProgress => return Err(busy()),
        Decision::Abort => {
            // A task of its own: the end is reached when the client hangs up, too.
            let work = app.shutdown.tasks.spawn({
                let app = app.clone();
                async move { abort(&app, &upload).await }.in_current_span()
            });
            if !work.await.map_err(ApiError::internal)?? {
                return Err(busy());
            }
        }
        _ => {}
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Confirm that the file is there
///
/// The server checks the file, cleans it and publishes it. Confirming again, or many times at once, gets the same answer. When checking
/// takes longer than 5 seconds the answer is 202: confirm again after `Retry-After`.
#[utoipa::path(
    post, path = "/uploads/{id}/confirm", tag = "uploads",
    params(("id" = Uuid, Path, description = "The upload's id")),
    responses(
        (status = 200, description = "The published image.", body = Image),
        (status = 202, description = "Still being checked.", body = Upload, headers(("Retry-After" = u32, description = "Seconds"))),
    ),
    security(("session" = [])),
    extensions(("x-problem-codes" = json!([
        "not_found", "not_uploaded", "upload_expired", "upload_aborted", "unsupported_media", "size_mismatch", "hash_mismatch",
        "file_too_large", "image_too_large", "image_damaged", "storage_unavailable", "storage_full"
    ]))),
)]
async fn confirm_upload(
    State(app): State<App>,
    CurrentUser(user): CurrentUser,
    IdPath(id): IdPath,
) -> Result<Response, ApiError> {
    let deadline = Instant::now() + PATIENCE;
    let mut pause = Duration::from_millis(20);
    loop {
        let upload = queries::find(&app.db, user.id, id)
            .await?
            .ok_or_else(ApiError::not_found)?;
        let decision = decide(&upload, Event::Confirm, app.clock.now());
        if decision == Decision::ReplyWithOutcome {
            return tell(&app, &user, &upload).await;
        }
        if Instant::now() >= deadline {
            return Ok(still_processing(&upload));
        }
        if decision == Decision::CheckStorage && !app.pipeline.is_in_line(id) {
            look(&app, &upload, deadline).await?;
        } else {
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_millis(250));
        }
    }
}

/// Begins to check the file if it is there and nobody else does, and waits for the end until the deadline.
async fn look(app: &App, upload: &upload::Model, deadline: Instant) -> Result<(), ApiError> {
    failpoint("confirm.begun");
    let found = Found::of(app.store.head(&upload.staging_key).await?);
    failpoint("confirm.looked");
    let now = app.clock.now();
    match decide(
        upload,
        Event::StorageChecked {
            found,
            by: Caller::Client,
        },
        now,
    ) {
        missing @ (Decision::NotUploaded | Decision::TooLate) => {
            // Between reading the row and looking, another confirm may have published the file and dropped it from staging.
            let current = queries::find(&app.db, upload.user_id, upload.id)
                .await?
                .ok_or_else(ApiError::not_found)?;
            if (current.state, current.attempts) == (upload.state, upload.attempts) {
                return Err(if missing == Decision::TooLate {
                    expired()
                } else {
                    not_uploaded()
                });
            }
        }
        Decision::RejectPoisoned => reject_poisoned(app, upload).await?,
        Decision::EndAborted => end_aborted(app, upload).await?,
        // Too many others of this account wait: the worker, or the next confirm, finds it again.
        Decision::Claim if app.pipeline.is_full_for(upload.user_id) => {
            tokio::time::sleep(FULL_PAUSE).await;
        }
        Decision::Claim => {
            // A task of its own: the work goes on when the client hangs up.
            let work = app.shutdown.tasks.spawn({
                let (app, upload) = (app.clone(), upload.clone());
                async move { check_in_turn(&app, upload).await }.in_current_span()
            });
            if let Ok(ended) = tokio::time::timeout_at(deadline, work).await {
                ended.map_err(ApiError::internal)??;
            }
        }
        _ => {}
    }
    Ok(())
}

async fn tell(app: &App, user: &user::Model, upload: &upload::Model) -> Result<Response, ApiError> {
    match upload.state {
        upload::State::Ready => {
            let image = find_image(&app.db, upload.user_id, upload.id)
                .await?
                .ok_or_else(ApiError::not_found)?;
            Ok(Json(images::present(app, user, image)).into_response())
        }
        upload::State::Rejected => Err(problem(upload).map_or_else(
            || ApiError::internal("rejected without a reason"),
            ApiError::from,
        )),
        upload::State::Aborted => Err(ApiError::new(
            ProblemCode::UploadAborted,
            "This upload was given up. Begin a new one.",
        )),
        upload::State::Expired => Err(expired()),
        upload::State::Pending | upload::State::Processing => Ok(still_processing(upload)),
    }
}

fn still_processing(upload: &upload::Model) -> Response {
    (
        StatusCode::ACCEPTED,
        [(header::RETRY_AFTER, HeaderValue::from_static("1"))],
        Json(in_line(upload)),
    )
        .into_response()
}

/// To its owner, one that waits for its turn is being checked.
fn in_line(upload: &upload::Model) -> Upload {
    Upload {
        state: UploadState::Processing,
        ..present(upload)
    }
}
