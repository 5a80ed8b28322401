//! oEmbed (<https://oembed.com>): what another site shows in the place of a link to a picture or an album. Nothing is fetched to say so.

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use chrono::{DateTime, Utc};
use serde::Serialize;
use tintype_core::albums::Opened;
use url::{Url, form_urlencoded};

use super::caching::Left;
use super::candidates::{Candidate, Picture};
use super::share::{STYLES, guarded};
use super::{album, share};
use crate::app::App;
use crate::problems::ApiError;
use crate::urls::Urls;

/// `/oembed?url=`.
pub fn router() -> Router<App> {
    Router::new().route("/oembed", get(describe))
}

/// What is asked for. What else may stand in the query is for other providers.
struct Asked {
    url: String,
    /// The most pixels.
    room: (u32, u32),
    /// The other format is XML.
    is_json: bool,
}

impl Asked {
    fn of(query: &str) -> Self {
        let mut asked = Self {
            url: String::new(),
            room: (u32::MAX, u32::MAX),
            is_json: true,
        };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "url" => asked.url = value.into_owned(),
                "maxwidth" => asked.room.0 = value.parse().unwrap_or(u32::MAX),
                "maxheight" => asked.room.1 = value.parse().unwrap_or(u32::MAX),
                "format" => asked.is_json = value == "json",
                _ => {}
            }
        }
        asked
    }

    /// The kind of page that the address leads to, and the name of what is on it.
    fn page(&self, urls: &Urls) -> Option<(String, String)> {
        let url = Url::parse(&self.url).ok()?;
        let is_ours = url.origin().ascii_serialization() == urls.app();
        let mut parts = url.path_segments().filter(|_| is_ours)?;
        let page = (parts.next()?.to_owned(), parts.next()?.to_owned());
        // A slash at the end is another spelling.
        parts.all(str::is_empty).then_some(page)
    }

    /// The largest that has room, or else the smallest, to be shown smaller than it is.
    fn choose(&self, urls: &Urls, picture: &Picture<'_>) -> Candidate {
        let has_room = |one: &Candidate| one.size.0 <= self.room.0 && one.size.1 <= self.room.1;
        let (preview, thumb) = (picture.preview(urls), picture.thumb(urls));
        if has_room(&preview) {
            return preview;
        }
        let size = within(thumb.size, self.room);
        Candidate { size, ..thumb }
    }
}

/// The same shape within this room, pixels: never larger, and at least one each way.
fn within((width, height): (u32, u32), room: (u32, u32)) -> (u32, u32) {
    let (across, down) = (u64::from(width.max(1)), u64::from(height.max(1)));
    let (most_across, most_down) = (u64::from(room.0), u64::from(room.1));
    let fitted = if across * most_down <= down * most_across {
        let down = down.min(most_down);
        (across * down / u64::from(height.max(1)), down)
    } else {
        let across = across.min(most_across);
        (across, down * across / u64::from(width.max(1)))
    };
    let whole = |length: u64| u32::try_from(length.max(1)).unwrap_or(u32::MAX);
    (whole(fitted.0), whole(fitted.1))
}

#[derive(Serialize)]
struct Embed {
    version: &'static str,
    provider_name: &'static str,
    provider_url: String,
    title: String,
    #[serde(flatten)]
    shown: Shown,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Shown {
    Photo {
        url: String,
        width: u32,
        height: u32,
    },
    Link {
        #[serde(rename = "thumbnail_url")]
        url: String,
        #[serde(rename = "thumbnail_width")]
        width: u32,
        #[serde(rename = "thumbnail_height")]
        height: u32,
    },
}

async fn describe(State(app): State<App>, RawQuery(query): RawQuery) -> Result<Response, ApiError> {
    let asked = Asked::of(&query.unwrap_or_default());
    if !asked.is_json {
        let words = Html("There is JSON alone.");
        return Ok((StatusCode::NOT_IMPLEMENTED, words).into_response());
    }
    let (page, now) = (asked.page(&app.urls), app.clock.now());
    let found = match page.as_ref().map(|(kind, slug)| (kind.as_str(), slug)) {
        Some(("s", slug)) => of_picture(&app, &asked, slug, now).await?,
        Some(("a", slug)) => of_album(&app, &asked, slug, now).await?,
        _ => None,
    };
    let (title, shown, end) = found.ok_or_else(ApiError::not_found)?;
    let embed = Embed {
        version: "1.0",
        provider_name: "Tintype",
        provider_url: app.urls.app().to_owned(),
        title,
        shown,
    };
    let left = Left::until(end, now);
    guarded(&app, Json(embed).into_response(), STYLES, left)
}

/// What is shown under which title, and until when.
type Found = Option<(String, Shown, Option<DateTime<Utc>>)>;

async fn of_picture(
    app: &App,
    asked: &Asked,
    slug: &str,
    now: DateTime<Utc>,
) -> Result<Found, ApiError> {
    let Some(image) = share::find(app, slug, now).await? else {
        return Ok(None);
    };
    let chosen = asked.choose(&app.urls, &Picture::from(&image));
    let title = image.title.unwrap_or(image.filename);
    let shown = Shown::Photo {
        url: chosen.url,
        width: chosen.size.0,
        height: chosen.size.1,
    };
    Ok(Some((title, shown, image.expires_at)))
}

async fn of_album(
    app: &App,
    asked: &Asked,
    slug: &str,
    now: DateTime<Utc>,
) -> Result<Found, ApiError> {
    let Some(opened) = Opened::find(&app.db, slug, None, now, 1).await? else {
        return Ok(None);
    };
    let cover = asked.choose(&app.urls, &Picture::from(&opened.cover));
    let shown = Shown::Link {
        url: cover.url,
        width: cover.size.0,
        height: cover.size.1,
    };
    let title = album::title(&opened.album, opened.count);
    Ok(Some((title, shown, opened.until())))
}
