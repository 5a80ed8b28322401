use axum::Json;
use axum::extract::State;
use tintype_dto::{
    CreateUpload, CreateUploads, CreatedUpload, CreatedUploads, Upload, check_bulk_files,
};
use tintype_storage::failpoint;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::present::{already_yours, present_with_put};
use super::refusals::no_room;
use crate::accounts::CurrentUser;
use crate::app::App;
use crate::extract::JsonBody;
use crate::problems::ApiError;
use tintype_core::accounts::queries::Room;
use tintype_core::db::{upload, user};
use tintype_core::uploads::{Announced, check, new_upload, presign, queries};

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(create_uploads))
}

/// Announce many files
///
/// As `create_upload` does, for up to 100 files. Each is answered on its own: with an upload, or with the problem that refuses it
/// (`unsupported_media`, `file_too_large`, `quota_exceeded`, `too_many_unfinished`, `validation_failed`).
#[utoipa::path(
    post, path = "/uploads/bulk", tag = "uploads",
    request_body = CreateUploads,
    responses((status = 200, description = "What became of each file.", body = CreatedUploads)),
    security(("session" = [])),
)]
async fn create_uploads(
    State(app): State<App>,
    CurrentUser(user): CurrentUser,
    JsonBody(request): JsonBody<CreateUploads>,
) -> Result<Json<CreatedUploads>, ApiError> {
    check_bulk_files(request.files.len()).map_err(|message| ApiError::field("files", message))?;
    let mut files = Vec::with_capacity(request.files.len());
    for file in &request.files {
        files.push(File::of(&app, &user, file).await?);
    }
    let new = files.iter().filter_map(|file| {
        if let File::New(upload, _) = file {
            Some((**upload).clone())
        } else {
            None
        }
    });
    let rooms = queries::insert_many(&app.db, new.collect(), &app.config.limits).await?;
    failpoint("announce-many.kept");
    let mut items = Vec::with_capacity(files.len());
    for file in files {
        items.push(match file {
            File::Yours(upload) => CreatedUpload::Upload(upload),
            File::New(upload, announced) => match rooms.get(&upload.id) {
                Some(Room::Reserved) => {
                    let put = presign(&app, &upload, &announced).await?;
                    CreatedUpload::Upload(Box::new(present_with_put(&upload, put)))
                }
                room => refused(no_room(
                    &app,
                    &user,
                    room.copied().unwrap_or(Room::OverQuota),
                )),
            },
            File::Refused(error) => refused(error),
        });
    }
    failpoint("announce-many.presigned");
    Ok(Json(CreatedUploads { items }))
}

/// What an announced file is, before anything is set aside for it.
enum File {
    Yours(Box<Upload>),
    New(Box<upload::Model>, Announced),
    Refused(ApiError),
}

impl File {
    async fn of(app: &App, user: &user::Model, request: &CreateUpload) -> Result<Self, ApiError> {
        let announced = match check(app, request) {
            Ok(announced) => announced,
            Err(error) => return Ok(Self::Refused(error.into())),
        };
        if let Some(yours) = already_yours(app, user, &announced).await? {
            return Ok(Self::Yours(Box::new(yours)));
        }
        Ok(Self::New(
            Box::new(new_upload(app, user.id, request, &announced)),
            announced,
        ))
    }
}

fn refused(error: ApiError) -> CreatedUpload {
    CreatedUpload::Problem(Box::new(error.into()))
}
