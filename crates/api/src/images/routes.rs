//! Images listed, looked at, changed, deleted and restored.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::Response;
use chrono::{DateTime, TimeDelta, Utc};
use tintype_dto::{
    ContentType, DeleteImage, Image, ImageDay, ImageDays, ImagePage, ListDays, ListImages,
    ListedState, ProblemCode, RestoreImage, SortOrder, UpdateImage, Visibility, paths,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::bulk;
use super::present;
use crate::accounts::{Bearer, Checked, ToDelete, ToRead, ToWrite};
use crate::app::App;
use crate::etag::{self, Held, Meant};
use crate::extract::{ApiJson, ApiQuery, PathId, PathName};
use crate::problems::ApiError;
use tintype_core::db::image;
use tintype_core::images::queries::{self, Filter, Transition};
use tintype_core::images::{Change, Restore};
use tintype_core::keyset::{Cursor, Key};
use tintype_core::manifests::marks::Mark;

/// The routes of this capability.
pub fn router() -> OpenApiRouter<App> {
    let one = OpenApiRouter::new()
        .routes(routes!(get_image, update_image, delete_image))
        .routes(routes!(get_image_by_slug))
        .routes(routes!(restore_image));
    one.routes(routes!(list_images))
        .routes(routes!(list_days))
        .merge(bulk::router())
}

/// The place behind which a page starts.
pub fn after(cursor: Option<&str>, key: Key) -> Result<Option<Cursor>, ApiError> {
    let bad = || {
        let detail = "Begin again without a cursor, or keep the other parameters as they were.";
        ApiError::new(ProblemCode::BadCursor, detail)
    };
    let decode = |text| Cursor::decode(text, key).ok_or_else(bad);
    cursor.map(decode).transpose()
}

/// Where the page starts: after the cursor or the time, whichever is further down the list.
fn place(query: &ListImages, order: SortOrder) -> Result<Option<Cursor>, ApiError> {
    let cursor = after(query.cursor.as_deref(), order.into())?;
    let far = || ApiError::field("before", "Name a time in the years 0 to 9999.");
    let before = query
        .before
        .map(|time| Cursor::before(time).ok_or_else(far))
        .transpose()?;
    Ok(cursor.into_iter().chain(before).min())
}

/// In which order images are listed.
fn order(query: &ListImages) -> Result<SortOrder, ApiError> {
    let order = query.sort.unwrap_or_default();
    let trash = query.state == Some(ListedState::Trashed);
    if trash && query.sort.is_some() {
        return Err(ApiError::field("sort", "Leave it out with state=trashed."));
    }
    if trash && query.before.is_some() {
        let message = "Leave it out with state=trashed.";
        return Err(ApiError::field("before", message));
    }
    if order != SortOrder::Newest && query.before.is_some() {
        let message = "Leave it out, or sort by newest.";
        return Err(ApiError::field("before", message));
    }
    Ok(order)
}

fn filter(
    q: Option<&str>,
    visibility: Option<Visibility>,
    content_type: Option<ContentType>,
) -> Result<Filter, ApiError> {
    Filter::check(q, visibility, content_type).map_err(|message| ApiError::field("q", message))
}

/// List my images
///
/// Newest first, unless `sort` names another order. Deleted ones are left out, unless `state=trashed` asks for them: then the newest
/// deletion comes first. Every filter goes with every other.
#[utoipa::path(
    get, path = paths::IMAGES, tag = "images",
    params(ListImages, ("If-None-Match" = Option<String>, Header, description = "The `ETag` of what you have.")),
    responses(
        (status = 200, description = "One page of images.", body = ImagePage, headers(("ETag" = String, description = "Of this page as it is now"))),
        (status = 304, description = "It is as you have it."),
    ),
    security(("session" = []), ("token" = ["read"])),
    extensions(("x-problem-codes" = json!(["bad_cursor", "validation_failed"]))),
)]
async fn list_images(
    State(app): State<App>,
    Bearer(mut session, ..): Bearer<ToRead>,
    held: Held,
    ApiQuery(query): ApiQuery<ListImages>,
) -> Result<Response, ApiError> {
    let limit = query
        .checked_limit()
        .map_err(|message| ApiError::field("limit", message))?;
    let filter = filter(query.q.as_deref(), query.visibility, query.content_type)?;
    let order = order(&query)?;
    // One row more than the limit tells whether there is a next page.
    let most = u64::from(limit) + 1;
    let (after, db, now) = (place(&query, order)?, &app.db, app.clock.now());
    let mut rows = match query.state.unwrap_or_default() {
        ListedState::Ready => {
            queries::page_for(db, &mut session, &filter, order, after, now, most).await?
        }
        ListedState::Trashed => {
            queries::trash_for(db, &mut session, &filter, after, now, most).await?
        }
    };
    let more = rows.len() > usize::from(limit);
    rows.truncate(limit.into());
    let last = rows.last().map(|row| queries::behind(row, order).encode());
    let items = rows
        .into_iter()
        .map(|row| present(&app, session.version, row))
        .collect();
    held.list(&ImagePage {
        items,
        next_cursor: last.filter(|_| more),
    })
}

/// How many images of each day I have
///
/// By the day of the upload in UTC, newest first; days without images are left out. Deleted images don't count.
#[utoipa::path(
    get, path = paths::IMAGE_DAYS, tag = "images",
    params(ListDays),
    responses((status = 200, description = "The days.", body = ImageDays)),
    security(("session" = []), ("token" = ["read"])),
    extensions(("x-problem-codes" = json!(["validation_failed"]))),
)]
async fn list_days(
    State(app): State<App>,
    Checked(session, ..): Checked<ToRead>,
    ApiQuery(query): ApiQuery<ListDays>,
) -> Result<Json<ImageDays>, ApiError> {
    let filter = filter(query.q.as_deref(), query.visibility, query.content_type)?;
    let days = queries::days(&app.db, session.user_id, &filter, app.clock.now()).await?;
    Ok(Json(ImageDays {
        days: days
            .into_iter()
            .map(|(day, count)| ImageDay {
                day,
                count: count.cast_unsigned(),
            })
            .collect(),
    }))
}

/// One of my images
///
/// Links of a private image are signed and work for some minutes: read it again for fresh ones.
#[utoipa::path(
    get, path = paths::IMAGE, tag = "images",
    params(
        ("id" = Uuid, Path, description = "The image's id"),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of what you have."),
    ),
    responses(
        (status = 200, description = "The image.", body = Image, headers(("ETag" = String, description = "Of the image as it is now"))),
        (status = 304, description = "It is as you have it."),
    ),
    security(("session" = []), ("token" = ["read"])),
    extensions(("x-problem-codes" = json!(["not_found"]))),
)]
async fn get_image(
    State(app): State<App>,
    Bearer(mut session, ..): Bearer<ToRead>,
    PathId(id): PathId,
    held: Held,
) -> Result<Response, ApiError> {
    let image = queries::find_for(&app.db, &mut session, id, app.clock.now())
        .await?
        .ok_or_else(ApiError::not_found)?;
    held.one(&present(&app, session.version, image))
}

/// The image behind a link
///
/// One of my images, by the name in its links: in `https://media.example.com/i/k3J9xQ2mVb7.jpg` that is `k3J9xQ2mVb7`.
#[utoipa::path(
    get, path = paths::IMAGE_BY_SLUG, tag = "images",
    params(
        ("slug" = String, Path, description = "The name in its links"),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of what you have."),
    ),
    responses(
        (status = 200, description = "The image.", body = Image, headers(("ETag" = String, description = "Of the image as it is now"))),
        (status = 304, description = "It is as you have it."),
    ),
    security(("session" = []), ("token" = ["read"])),
    extensions(("x-problem-codes" = json!(["not_found"]))),
)]
async fn get_image_by_slug(
    State(app): State<App>,
    Bearer(mut session, ..): Bearer<ToRead>,
    PathName(slug): PathName,
    held: Held,
) -> Result<Response, ApiError> {
    let image = queries::find_by_slug(&app.db, &mut session, &slug, app.clock.now())
        .await?
        .ok_or_else(ApiError::not_found)?;
    held.one(&present(&app, session.version, image))
}

/// Change an image's title, description, visibility or end
///
/// What is left out stays as it is. `null` takes a title, a description or an end away.
#[utoipa::path(
    patch, path = paths::IMAGE, tag = "images",
    params(
        ("id" = Uuid, Path, description = "The image's id"),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of what you have read: if somebody has changed it since, it stays as it is."),
    ),
    request_body = UpdateImage,
    responses((status = 200, description = "The image as it is now.", body = Image, headers(("ETag" = String, description = "Of the image as it is now")))),
    security(("session" = []), ("token" = ["write"])),
    extensions(("x-problem-codes" = json!(["not_found", "precondition_failed", "storage_unavailable", "storage_full"]))),
)]
async fn update_image(
    State(app): State<App>,
    Checked(session, ..): Checked<ToWrite>,
    PathId(id): PathId,
    meant: Meant,
    ApiJson(request): ApiJson<UpdateImage>,
) -> Result<([(HeaderName, String); 1], Json<Image>), ApiError> {
    let now = app.clock.now();
    let change = Change::check(&request, now).map_err(ApiError::fields)?;
    let changed = async {
        if !meant.is_named() {
            let image = queries::change(&app.db, session.user_id, id, &change, now).await?;
            return image.ok_or_else(ApiError::not_found);
        }
        let before = queries::find(&app.db, session.user_id, id, now).await?;
        let before = before.ok_or_else(ApiError::not_found)?;
        meant.check(&present(&app, session.version, before.clone()))?;
        let image = queries::change_from(&app.db, &before, &change, now).await?;
        image.ok_or_else(etag::changed)
    };
    let mark = Mark::of(session.user_id, &[id]);
    let image = mark
        .before_if(change.narrows(), &app.store, &app.clock, changed)
        .await?;
    let image = present(&app, session.version, image);
    Ok(([(header::ETAG, etag::of(&image)?)], Json(image)))
}

/// Delete an image
///
/// Its links stop working at once. It can be restored for 7 days (the operator may change that) unless `permanent=true`.
#[utoipa::path(
    delete, path = paths::IMAGE, tag = "images",
    params(("id" = Uuid, Path, description = "The image's id"), DeleteImage),
    responses((status = 204, description = "It is deleted.")),
    security(("session" = []), ("token" = ["delete"])),
    extensions(("x-problem-codes" = json!(["not_found", "validation_failed", "storage_unavailable", "storage_full"]))),
)]
async fn delete_image(
    State(app): State<App>,
    Checked(session, ..): Checked<ToDelete>,
    PathId(id): PathId,
    ApiQuery(query): ApiQuery<DeleteImage>,
) -> Result<StatusCode, ApiError> {
    let (from, to, due_at) = deletion(&app, query.permanent);
    let step = Transition {
        user_id: session.user_id,
        id,
        from,
        to,
        due_at: Some(due_at),
    };
    let mark = Mark {
        for_good: query.permanent,
        ..Mark::of(session.user_id, &[id])
    };
    let deleted = async { Ok::<_, ApiError>(queries::transition(&app.db, step).await?) };
    if mark.before(&app.store, &app.clock, deleted).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::not_found())
    }
}

/// The states that a deletion leads from and to, and when the worker continues it.
#[must_use]
pub fn deletion(
    app: &App,
    permanent: bool,
) -> (&'static [image::State], image::State, DateTime<Utc>) {
    use image::State::{Deleting, Ready, Trashed};
    let now = app.clock.now();
    if permanent {
        (&[Ready, Trashed], Deleting, now)
    } else {
        (
            &[Ready],
            Trashed,
            now + TimeDelta::seconds(app.config.times.trash.into()),
        )
    }
}

/// Restore a deleted image
///
/// Its links work again. Restoring an image that is not deleted changes nothing. One whose end has passed needs another, or none.
#[utoipa::path(
    post, path = paths::RESTORE_IMAGE, tag = "images",
    params(("id" = Uuid, Path, description = "The image's id")),
    request_body(content = Option<RestoreImage>, description = "Nothing, or when it is to end."),
    responses((status = 200, description = "The image, back again.", body = Image)),
    security(("session" = []), ("token" = ["write"])),
    extensions(("x-problem-codes" = json!(["not_found", "image_expired"]))),
)]
async fn restore_image(
    State(app): State<App>,
    Checked(session, ..): Checked<ToWrite>,
    PathId(id): PathId,
    request: Option<ApiJson<RestoreImage>>,
) -> Result<Json<Image>, ApiError> {
    let expires_at = request.and_then(|ApiJson(request)| request.expires_at);
    let restore = Restore::check(expires_at, app.clock.now()).map_err(ApiError::fields)?;
    let image = restore.one(&app.db, session.user_id, id).await?;
    Ok(Json(present(&app, session.version, image)))
}
