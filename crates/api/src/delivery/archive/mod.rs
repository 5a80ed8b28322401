//! Archives of originals, from the media origin: all of an album that its pages show, and everything that an account has.

mod body;
mod export;
mod listing;
mod names;
mod places;
mod zip;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use futures::StreamExt;
use tintype_core::albums::{Item, Whole};

pub use self::body::Broken;
use self::body::{Contents, Shelf};
pub use self::export::everything_of;
use self::listing::Listing;
use self::names::{Names, safe};
use self::places::ArchivePlace;
pub use self::places::ArchivePlaces;
use self::zip::Entry;
use super::album::title;
use super::attachment::attachment;
use super::lost::{self, on_media};
use super::named::Named;
use crate::app::App;
use crate::caller::Caller;
use crate::problems::ApiError;

/// `/i/a/{slug}.zip` and `/i/e/{account}.zip`, by GET and HEAD.
pub fn router() -> Router<App> {
    Router::new()
        .route("/i/a/{file}", get(album))
        .route("/i/e/{file}", get(export::everything))
}

async fn album(
    State(app): State<App>,
    Named(file): Named,
    Caller(address): Caller,
    method: Method,
    headers: HeaderMap,
) -> Response {
    match answer(&app, &file, address, &method).await {
        Ok(response) => response,
        Err(error) => on_media(&app.urls, &headers, error, lost::ALBUM),
    }
}

async fn answer(
    app: &App,
    file: &str,
    address: String,
    method: &Method,
) -> Result<Response, ApiError> {
    let slug = file.strip_suffix(".zip").ok_or_else(ApiError::not_found)?;
    let place = app.archive_places.enter(address)?;
    let now = app.clock.now();
    let whole = Whole::find(&app.db, slug, now).await?;
    let Whole { album, items } = whole.ok_or_else(ApiError::not_found)?;
    let called = title(&album, i64::try_from(items.len()).unwrap_or(i64::MAX));
    let today = now.duration_trunc(TimeDelta::days(1)).unwrap_or(now);
    let (mut names, folder) = (Names::default(), app.config.spool_dir());
    let mut pictures = Listing::begin(&folder).map_err(Broken::Spool)?;
    for item in items {
        let id = item.id;
        let added = pictures.add(id, entry(&mut names, item, today));
        added.map_err(Broken::Spool)?;
    }
    let (services, shelf) = (app.services.clone(), Shelf::Album(album.id));
    let contents = Contents::new(services, shelf, None, pictures, &folder).await?;
    Box::pin(respond(contents, place, &called, method)).await
}

/// When a picture was taken or uploaded is not told, here as elsewhere.
fn entry(names: &mut Names, item: Item, modified: DateTime<Utc>) -> Entry {
    let extension = item.content_type.0.extension();
    let wanted = item.title.unwrap_or(item.filename);
    Entry {
        name: names.take(&wanted, extension),
        size_bytes: item.size_bytes.cast_unsigned(),
        modified,
    }
}

/// An archive, to be kept under this name. It has its place until it has been sent.
async fn respond(
    contents: Contents,
    place: ArchivePlace,
    called: &str,
    method: &Method,
) -> Result<Response, ApiError> {
    let size = contents.size();
    let mut response = if *method == Method::HEAD {
        Body::empty().into_response()
    } else {
        let pieces = contents.begin().await?;
        let held = pieces.inspect(move |_| {
            let _held = &place;
        });
        Body::from_stream(held).into_response()
    };
    let headers = response.headers_mut();
    describe(headers);
    headers.insert(header::CONTENT_LENGTH, size.into());
    let disposition = attachment(&safe(called), "zip")?;
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    Ok(response)
}

/// What is in it may change at any time: no part of it fits another answer, and none is kept.
fn describe(headers: &mut HeaderMap) {
    for (name, value) in [
        (header::CONTENT_TYPE, "application/zip"),
        (header::CACHE_CONTROL, "no-store"),
        (header::ACCEPT_RANGES, "none"),
        (HeaderName::from_static("x-robots-tag"), "noindex"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}
