//! Many images at once.

use std::collections::HashMap;

use axum::Json;
use axum::extract::State;
use tintype_dto::{
    BulkDeleteImages, BulkImage, BulkImages, BulkOutcome, BulkRestoreImages, BulkUpdateImages,
    FindImages, FoundImage, FoundImages, Image, check_bulk_hashes, check_bulk_images, check_sha256,
    paths,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::present;
use super::routes::deletion;
use crate::accounts::{Checked, ToDelete, ToUpload, ToWrite};
use crate::app::App;
use crate::extract::ApiJson;
use crate::problems::ApiError;
use tintype_core::db::{ImageId, Sha256};
use tintype_core::images::{Batch, Change, Restore, queries};
use tintype_core::manifests::marks::Mark;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(bulk_update_images))
        .routes(routes!(bulk_delete_images))
        .routes(routes!(bulk_restore_images))
        .routes(routes!(find_images))
}

/// Change many images
///
/// The same change to each of up to 500. Each is answered on its own.
#[utoipa::path(
    post, path = paths::BULK_UPDATE_IMAGES, tag = "images",
    request_body = BulkUpdateImages,
    responses((status = 200, description = "What became of each image.", body = BulkImages)),
    security(("session" = []), ("token" = ["write"])),
    extensions(("x-problem-codes" = json!(["storage_unavailable", "storage_full"]))),
)]
async fn bulk_update_images(
    State(app): State<App>,
    Checked(session, ..): Checked<ToWrite>,
    ApiJson(request): ApiJson<BulkUpdateImages>,
) -> Result<Json<BulkImages>, ApiError> {
    let now = app.clock.now();
    let change = Change::check(&request.change, now).map_err(ApiError::fields)?;
    if change.is_empty() {
        return Err(ApiError::field("change", "Name what to change."));
    }
    let ids = check_ids(request.ids)?;
    let batch = Batch {
        user_id: session.user_id,
        ids: &ids,
        now,
    };
    let mark = Mark::of(session.user_id, &ids);
    let changed = async { Ok::<_, ApiError>(batch.change(&app.db, &change).await?) };
    let rows = mark
        .before_if(change.narrows(), &app.store, &app.clock, changed)
        .await?;
    let done = rows
        .into_iter()
        .map(|row| (row.id, Some(present(&app, session.version, row))));
    Ok(Json(outcomes(&ids, &done.collect())))
}

/// Delete many images
///
/// As `delete_image` does, for up to 500. Each is answered on its own; one that is deleted already is done.
#[utoipa::path(
    post, path = paths::BULK_DELETE_IMAGES, tag = "images",
    request_body = BulkDeleteImages,
    responses((status = 200, description = "What became of each image.", body = BulkImages)),
    security(("session" = []), ("token" = ["delete"])),
    extensions(("x-problem-codes" = json!(["storage_unavailable", "storage_full"]))),
)]
async fn bulk_delete_images(
    State(app): State<App>,
    Checked(session, ..): Checked<ToDelete>,
    ApiJson(request): ApiJson<BulkDeleteImages>,
) -> Result<Json<BulkImages>, ApiError> {
    let (from, to, due_at) = deletion(&app, request.permanent);
    let ids = check_ids(request.ids)?;
    let batch = Batch {
        user_id: session.user_id,
        ids: &ids,
        now: app.clock.now(),
    };
    let mark = Mark {
        for_good: request.permanent,
        ..Mark::of(session.user_id, &ids)
    };
    let deleted = async { Ok::<_, ApiError>(batch.transition(&app.db, from, to, due_at).await?) };
    let rows = mark.before(&app.store, &app.clock, deleted).await?;
    Ok(Json(outcomes(
        &ids,
        &rows.into_iter().map(|row| (row.id, None)).collect(),
    )))
}

/// Restore many deleted images
///
/// As `restore_image` does, for up to 500. Each is answered on its own; one that is not deleted is done, and one whose end has passed is
/// `expired`, unless another end is given.
#[utoipa::path(
    post, path = paths::BULK_RESTORE_IMAGES, tag = "images",
    request_body = BulkRestoreImages,
    responses((status = 200, description = "What became of each image.", body = BulkImages)),
    security(("session" = []), ("token" = ["write"])),
)]
async fn bulk_restore_images(
    State(app): State<App>,
    Checked(session, ..): Checked<ToWrite>,
    ApiJson(request): ApiJson<BulkRestoreImages>,
) -> Result<Json<BulkImages>, ApiError> {
    let now = app.clock.now();
    let restore = Restore::check(request.expires_at, now).map_err(ApiError::fields)?;
    let ids = check_ids(request.ids)?;
    let batch = Batch {
        user_id: session.user_id,
        ids: &ids,
        now,
    };
    let (rows, ended) = restore.many(&app.db, batch).await?;
    let done = rows
        .into_iter()
        .map(|row| (row.id, Some(present(&app, session.version, row))));
    let mut outcomes = outcomes(&ids, &done.collect());
    for item in &mut outcomes.items {
        if ended.contains(&item.id.into()) {
            item.outcome = BulkOutcome::Expired;
        }
    }
    Ok(Json(outcomes))
}

/// Which of these files I have already
///
/// Looks for up to 100 hashes among your images, as they are published and as they were sent. Deleted ones don't count.
#[utoipa::path(
    post, path = paths::FIND_IMAGES, tag = "images",
    request_body = FindImages,
    responses((status = 200, description = "The image of each hash, where there is one.", body = FoundImages)),
    security(("session" = []), ("token" = ["upload"])),
)]
async fn find_images(
    State(app): State<App>,
    Checked(session, ..): Checked<ToUpload>,
    ApiJson(request): ApiJson<FindImages>,
) -> Result<Json<FoundImages>, ApiError> {
    let wrong = |message| ApiError::field("sha256", message);
    check_bulk_hashes(request.sha256.len()).map_err(wrong)?;
    let parse = |text: &String| check_sha256(text).map(Sha256);
    let hashes: Vec<_> = request
        .sha256
        .iter()
        .map(parse)
        .collect::<Result<_, _>>()
        .map_err(wrong)?;
    let mut items = Vec::with_capacity(request.sha256.len());
    // One query per hash reads one row; a single query for all would read an unbounded number of copies.
    for (sha256, hash) in request.sha256.into_iter().zip(hashes) {
        let row = queries::find_by_hash(&app.db, session, hash, app.clock.now()).await?;
        items.push(FoundImage {
            image: row.map(|row| present(&app, session.version, row)),
            sha256,
        });
    }
    Ok(Json(FoundImages { items }))
}

/// As many ids as one call may name.
pub fn check_ids(ids: Vec<Uuid>) -> Result<Vec<ImageId>, ApiError> {
    check_bulk_images(ids.len()).map_err(|message| ApiError::field("ids", message))?;
    Ok(ids.into_iter().map(ImageId).collect())
}

/// An outcome for each id, in the requested order. Ids not in `done` don't exist or belong to another user: the client is not told which.
fn outcomes(ids: &[ImageId], done: &HashMap<ImageId, Option<Image>>) -> BulkImages {
    let item = |id: &ImageId| match done.get(id) {
        Some(image) => BulkImage {
            id: id.0,
            outcome: BulkOutcome::Done,
            image: image.clone(),
        },
        None => BulkImage {
            id: id.0,
            outcome: BulkOutcome::NotFound,
            image: None,
        },
    };
    BulkImages {
        items: ids.iter().map(item).collect(),
    }
}
