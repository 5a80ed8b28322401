//! The images of an album: listed, added, removed and moved.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use tintype_dto::{
    AddAlbumImages, AlbumImages, ImagePage, ListAlbumImages, MoveAlbumImages, RemoveAlbumImages,
    paths,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::members;
use crate::accounts::{Bearer, Checked, ToRead, ToWrite};
use crate::app::App;
use crate::etag::Held;
use crate::extract::{ApiJson, ApiQuery, PathId};
use crate::images::{after, check_ids, present};
use crate::problems::ApiError;
use tintype_core::albums::{Contents, Members, queries};
use tintype_core::db::{AlbumId, ImageId};
use tintype_core::keyset::Key;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_album_images))
        .routes(routes!(add_album_images))
        .routes(routes!(remove_album_images))
        .routes(routes!(move_album_images))
}

/// List the images of an album
///
/// In the order of the album. Deleted ones are left out; restored, they are back in their places.
#[utoipa::path(
    get, path = paths::ALBUM_IMAGES, tag = "albums",
    params(
        ("id" = Uuid, Path, description = "The album's id"),
        ListAlbumImages,
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of what you have."),
    ),
    responses(
        (status = 200, description = "One page of images.", body = ImagePage, headers(("ETag" = String, description = "Of this page as it is now"))),
        (status = 304, description = "It is as you have it."),
    ),
    security(("session" = []), ("token" = ["read"])),
    extensions(("x-problem-codes" = json!(["bad_cursor", "not_found", "validation_failed"]))),
)]
async fn list_album_images(
    State(app): State<App>,
    Bearer(mut session, ..): Bearer<ToRead>,
    PathId(id): PathId<AlbumId>,
    held: Held,
    ApiQuery(query): ApiQuery<ListAlbumImages>,
) -> Result<Response, ApiError> {
    let limit = query
        .checked_limit()
        .map_err(|message| ApiError::field("limit", message))?;
    let after = after(query.cursor.as_deref(), Key::Position)?;
    // One row more than the limit tells whether there is a next page.
    let most = u64::from(limit) + 1;
    let now = app.clock.now();
    let rows = queries::images_for(&app.db, &mut session, id, after, now, most).await?;
    let mut rows = rows.ok_or_else(ApiError::not_found)?;
    let more = rows.len() > usize::from(limit);
    rows.truncate(limit.into());
    let last = rows.last().map(|row| row.behind().encode());
    let items = rows
        .into_iter()
        .map(|row| present(&app, session.version, row.image))
        .collect();
    held.list(&ImagePage {
        items,
        next_cursor: last.filter(|_| more),
    })
}

/// Add many images to an album
///
/// Up to 500, behind those that are in it. Each is answered on its own; one that is in it already keeps its place. Private ones and those in
/// the trash are added too, but its page does not show them. An album has at most 10,000 images.
#[utoipa::path(
    post, path = paths::ADD_ALBUM_IMAGES, tag = "albums",
    params(("id" = Uuid, Path, description = "The album's id")),
    request_body = AddAlbumImages,
    responses((status = 200, description = "What became of each image.", body = AlbumImages)),
    security(("session" = []), ("token" = ["write"])),
    extensions(("x-problem-codes" = json!(["not_found", "album_full"]))),
)]
async fn add_album_images(
    State(app): State<App>,
    Checked(session, ..): Checked<ToWrite>,
    PathId(id): PathId<AlbumId>,
    ApiJson(request): ApiJson<AddAlbumImages>,
) -> Result<Json<AlbumImages>, ApiError> {
    let ids = check_ids(request.ids)?;
    let contents = Contents {
        user_id: session.user_id,
        id,
        ids: &ids,
    };
    let found = contents.add(&app.db).await?;
    Ok(outcomes(ids, &found))
}

/// Remove many images from an album
///
/// Up to 500. Each is answered on its own; one that is not in it is done. The images themselves stay.
#[utoipa::path(
    post, path = paths::REMOVE_ALBUM_IMAGES, tag = "albums",
    params(("id" = Uuid, Path, description = "The album's id")),
    request_body = RemoveAlbumImages,
    responses((status = 200, description = "What became of each image.", body = AlbumImages)),
    security(("session" = []), ("token" = ["write"])),
    extensions(("x-problem-codes" = json!(["not_found"]))),
)]
async fn remove_album_images(
    State(app): State<App>,
    Checked(session, ..): Checked<ToWrite>,
    PathId(id): PathId<AlbumId>,
    ApiJson(request): ApiJson<RemoveAlbumImages>,
) -> Result<Json<AlbumImages>, ApiError> {
    let ids = check_ids(request.ids)?;
    let contents = Contents {
        user_id: session.user_id,
        id,
        ids: &ids,
    };
    let found = contents.remove(&app.db).await?;
    Ok(outcomes(ids, &found))
}

/// Move many images within an album
///
/// Up to 500: they follow each other in the order of their ids in the request, before the image `before`, or at the end. Each is answered on
/// its own; one that is not in the album is not found.
#[utoipa::path(
    post, path = paths::MOVE_ALBUM_IMAGES, tag = "albums",
    params(("id" = Uuid, Path, description = "The album's id")),
    request_body = MoveAlbumImages,
    responses((status = 200, description = "What became of each image.", body = AlbumImages)),
    security(("session" = []), ("token" = ["write"])),
    extensions(("x-problem-codes" = json!(["not_found"]))),
)]
async fn move_album_images(
    State(app): State<App>,
    Checked(session, ..): Checked<ToWrite>,
    PathId(id): PathId<AlbumId>,
    ApiJson(request): ApiJson<MoveAlbumImages>,
) -> Result<Json<AlbumImages>, ApiError> {
    let ids = check_ids(request.ids)?;
    let contents = Contents {
        user_id: session.user_id,
        id,
        ids: &ids,
    };
    let before = request.before.map(ImageId);
    let found = contents.move_before(&app.db, before).await?;
    Ok(outcomes(ids, &found))
}

fn outcomes(ids: Vec<ImageId>, found: &Members) -> Json<AlbumImages> {
    let items = members(ids.into_iter().map(|id| id.0), found);
    Json(AlbumImages { items })
}
