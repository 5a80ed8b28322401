//! Many uploads announced at once.

use axum::Json;
use axum::extract::State;
use tintype_core::uploads::announce_many;
use tintype_dto::{CreateUploads, CreatedUpload, CreatedUploads, check_bulk_files, paths};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::present::present_announcement;
use crate::accounts::{Checked, ToUpload};
use crate::app::App;
use crate::extract::ApiJson;
use crate::problems::ApiError;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(create_uploads))
}

/// Announce many files
///
/// As `create_upload` does, for up to 100 files. Each is answered on its own: with an upload, or with the problem that refuses it
/// (`unsupported_media`, `file_too_large`, `quota_exceeded`, `too_many_unfinished`, `validation_failed`).
#[utoipa::path(
    post, path = paths::BULK_UPLOADS, tag = "uploads",
    request_body = CreateUploads,
    responses((status = 200, description = "What became of each file.", body = CreatedUploads)),
    security(("session" = []), ("token" = ["upload"])),
)]
async fn create_uploads(
    State(app): State<App>,
    Checked(session, ..): Checked<ToUpload>,
    ApiJson(request): ApiJson<CreateUploads>,
) -> Result<Json<CreatedUploads>, ApiError> {
    check_bulk_files(request.files.len()).map_err(|message| ApiError::field("files", message))?;
    let announced = announce_many(&app, session, &request.files).await?;
    let items = announced.into_iter().map(|file| match file {
        Ok(announcement) => {
            CreatedUpload::Upload(Box::new(present_announcement(&app, session, announcement)))
        }
        Err(error) => CreatedUpload::Problem(Box::new(ApiError::from(error).into())),
    });
    Ok(Json(CreatedUploads {
        items: items.collect(),
    }))
}
