//! Albums made, listed, looked at, changed and deleted.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::Response;
use tintype_dto::{Album, AlbumPage, CreateAlbum, CreatedAlbum, ListAlbums, UpdateAlbum, paths};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{contents, members, present};
use crate::accounts::{Bearer, Checked, ToDelete, ToRead, ToWrite};
use crate::app::App;
use crate::etag::{self, Held, Meant};
use crate::extract::{ApiJson, ApiQuery, PathId};
use crate::images::after;
use crate::problems::ApiError;
use tintype_core::albums::{self, Change, Summary, queries};
use tintype_core::db::AlbumId;
use tintype_core::keyset::Key;

/// The routes of this capability.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_albums, create_album))
        .routes(routes!(get_album, update_album, delete_album))
        .merge(contents::router())
}

/// Make an album
///
/// With up to 500 images in it from the beginning, each of which is answered on its own: private ones and those in the trash come into the
/// album too, but its page does not show them. An account has at most 10,000 albums.
#[utoipa::path(
    post, path = paths::ALBUMS, tag = "albums",
    request_body = CreateAlbum,
    responses((status = 201, description = "The album, and what became of each image.", body = CreatedAlbum)),
    security(("session" = []), ("token" = ["write"])),
    extensions(("x-problem-codes" = json!(["too_many_albums"]))),
)]
async fn create_album(
    State(app): State<App>,
    Checked(session, ..): Checked<ToWrite>,
    ApiJson(request): ApiJson<CreateAlbum>,
) -> Result<(StatusCode, Json<CreatedAlbum>), ApiError> {
    let (id, found) = albums::create(&app, session.user_id, &request).await?;
    let album = queries::find(&app.db, session.user_id, id, app.clock.now()).await?;
    let created = CreatedAlbum {
        album: present(
            &app,
            session.version,
            album.ok_or_else(ApiError::not_found)?,
        ),
        items: members(request.images, &found),
    };
    Ok((StatusCode::CREATED, Json(created)))
}

/// List my albums
///
/// Newest first, each with the number of its images and the one that stands for it.
#[utoipa::path(
    get, path = paths::ALBUMS, tag = "albums",
    params(ListAlbums, ("If-None-Match" = Option<String>, Header, description = "The `ETag` of what you have.")),
    responses(
        (status = 200, description = "One page of albums.", body = AlbumPage, headers(("ETag" = String, description = "Of this page as it is now"))),
        (status = 304, description = "It is as you have it."),
    ),
    security(("session" = []), ("token" = ["read"])),
    extensions(("x-problem-codes" = json!(["bad_cursor", "validation_failed"]))),
)]
async fn list_albums(
    State(app): State<App>,
    Bearer(mut session, ..): Bearer<ToRead>,
    held: Held,
    ApiQuery(query): ApiQuery<ListAlbums>,
) -> Result<Response, ApiError> {
    let limit = query
        .checked_limit()
        .map_err(|message| ApiError::field("limit", message))?;
    let after = after(query.cursor.as_deref(), Key::Time)?;
    // One row more than the limit tells whether there is a next page.
    let most = u64::from(limit) + 1;
    let mut rows = queries::page_for(&app.db, &mut session, after, app.clock.now(), most).await?;
    let more = rows.len() > usize::from(limit);
    rows.truncate(limit.into());
    let last = rows.last().map(|row| row.behind().encode());
    let items = rows
        .into_iter()
        .map(|row| present(&app, session.version, row))
        .collect();
    held.list(&AlbumPage {
        items,
        next_cursor: last.filter(|_| more),
    })
}

/// One of my albums
///
/// With the number of its images and the one that stands for it; `list_album_images` lists them.
#[utoipa::path(
    get, path = paths::ALBUM, tag = "albums",
    params(
        ("id" = Uuid, Path, description = "The album's id"),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of what you have."),
    ),
    responses(
        (status = 200, description = "The album.", body = Album, headers(("ETag" = String, description = "Of the album as it is now"))),
        (status = 304, description = "It is as you have it."),
    ),
    security(("session" = []), ("token" = ["read"])),
    extensions(("x-problem-codes" = json!(["not_found"]))),
)]
async fn get_album(
    State(app): State<App>,
    Bearer(mut session, ..): Bearer<ToRead>,
    PathId(id): PathId<AlbumId>,
    held: Held,
) -> Result<Response, ApiError> {
    let album = queries::find_for(&app.db, &mut session, id, app.clock.now())
        .await?
        .ok_or_else(ApiError::not_found)?;
    held.one(&present(&app, session.version, album))
}

/// Change an album's title, description, cover, visibility or end
///
/// What is left out stays as it is. `null` takes a title, a description, a chosen cover or an end away.
#[utoipa::path(
    patch, path = paths::ALBUM, tag = "albums",
    params(
        ("id" = Uuid, Path, description = "The album's id"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of what you have read: if somebody has changed it since, it stays as it is."),
    ),
    request_body = UpdateAlbum,
    responses((status = 200, description = "The album as it is now.", body = Album, headers(("ETag" = String, description = "Of the album as it is now")))),
    security(("session" = []), ("token" = ["write"])),
    extensions(("x-problem-codes" = json!(["not_found", "precondition_failed"]))),
)]
async fn update_album(
    State(app): State<App>,
    Checked(session, ..): Checked<ToWrite>,
    PathId(id): PathId<AlbumId>,
    meant: Meant,
    ApiJson(request): ApiJson<UpdateAlbum>,
) -> Result<([(HeaderName, String); 1], Json<Album>), ApiError> {
    let change = Change::check(&request, app.clock.now()).map_err(ApiError::fields)?;
    let read = async || -> Result<Summary, ApiError> {
        let album = queries::find(&app.db, session.user_id, id, app.clock.now()).await?;
        album.ok_or_else(ApiError::not_found)
    };
    let mut version = None;
    if meant.is_named() {
        let before = read().await?;
        version = Some(before.album.version);
        meant.check(&present(&app, session.version, before))?;
    }
    let album = (session.user_id, id);
    change.make(&app.db, album, version).await?;
    let album = present(&app, session.version, read().await?);
    Ok(([(header::ETAG, etag::of(&album)?)], Json(album)))
}

/// Delete an album
///
/// Its link stops working at once, and can't be brought back. Its images stay.
#[utoipa::path(
    delete, path = paths::ALBUM, tag = "albums",
    params(("id" = Uuid, Path, description = "The album's id")),
    responses((status = 204, description = "It is deleted.")),
    security(("session" = []), ("token" = ["delete"])),
    extensions(("x-problem-codes" = json!(["not_found"]))),
)]
async fn delete_album(
    State(app): State<App>,
    Checked(session, ..): Checked<ToDelete>,
    PathId(id): PathId<AlbumId>,
) -> Result<StatusCode, ApiError> {
    if queries::delete(&app.db, session.user_id, id).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::not_found())
    }
}
