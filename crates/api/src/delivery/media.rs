//! The bytes of published images.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Query, RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use tintype_storage::ObjectStream;

use super::attachment::{attachment, stem};
use super::caching::Left;
use super::lost::{self, on_media};
use super::named::Named;
use super::path::MediaPath;
use super::range::{self, Wanted};
use super::spelling::led_on_openly;
use crate::app::App;
use crate::config::Delivery;
use crate::problems::ApiError;
use crate::signed_links::{Place, Signature};
use crate::urls::Rendition;
use tintype_core::db::image;
use tintype_core::images::queries::{Published, find_published, find_trashed};

/// How long a presigned address works that people are sent to: it can't be called back, so that this is how long an image outlives its
/// deletion there, as `s-maxage` says of caches. Caches may send others there for the first half of it.
const REDIRECT_FOR: Duration = Duration::from_mins(1);

/// `/i/...`, by GET and HEAD.
pub fn router() -> Router<App> {
    Router::new().route("/i/{*path}", get(serve))
}

#[derive(Deserialize)]
struct MediaQuery {
    download: Option<String>,
    #[serde(flatten)]
    signature: Signature,
}

async fn serve(
    State(app): State<App>,
    Named(path): Named,
    // Whatever else others have written behind an address is not ours to judge.
    Query(query): Query<MediaQuery>,
    RawQuery(asked): RawQuery,
    method: Method,
    headers: HeaderMap,
) -> Response {
    match answer(&app, &path, query, asked, (&method, &headers)).await {
        Ok(response) => response,
        Err(error) => on_media(&app.urls, &headers, error, lost::PICTURE),
    }
}

async fn answer(
    app: &App,
    path: &str,
    query: MediaQuery,
    asked: Option<String>,
    (method, headers): (&Method, &HeaderMap),
) -> Result<Response, ApiError> {
    let name = MediaPath::parse(path).ok_or_else(ApiError::not_found)?;
    let now = app.clock.now();
    let (Published { image, owner }, place) = find(app, &name, &query.signature, now).await?;
    let private = if place == Place::Gallery && image.visibility == image::Visibility::Unlisted {
        None
    } else {
        // Without our signature nobody is told that there is such an image.
        let version = owner.session_version().ok_or_else(ApiError::not_found)?;
        let left = app.links.check(path, place, &query.signature, version, now);
        Some(left.ok_or_else(ApiError::not_found)?)
    };
    let end = image.expires_at.filter(|_| place == Place::Gallery);
    let left = Left::until(end, now);
    let content_type = image.content_type.0;
    let served = Served::new(name, image, left)?;
    let address = name.address(&app.urls, content_type);
    if !address.ends_with(path) {
        return led_on_openly(&address, asked.as_deref(), left);
    }
    let download = query.download.is_some_and(|value| value == "1");
    let redirects = app.config.server.delivery == Delivery::Redirect
        && *method == Method::GET
        // No presigned address works for less than a second.
        && left.at_most(REDIRECT_FOR) > 0;
    if redirects && !download {
        let usual = private
            .and_then(|left| left.to_std().ok())
            .unwrap_or(REDIRECT_FOR)
            .clamp(Duration::from_secs(1), REDIRECT_FOR);
        let mut response = served.redirect(app, left.at_most(usual))?;
        if private.is_some() {
            close(app, &mut response)?;
        }
        return Ok(response);
    }
    let mut response = served.respond(app, method, headers).await?;
    if private.is_some() {
        close(app, &mut response)?;
    }
    let out = response.headers_mut();
    if download {
        out.insert(
            header::CONTENT_DISPOSITION,
            attachment(stem(&served.filename), served.extension)?,
        );
    }
    Ok(response)
}

/// A published image; or, for what its owner is shown of the trash, one there.
async fn find(
    app: &App,
    name: &MediaPath<'_>,
    signature: &Signature,
    now: DateTime<Utc>,
) -> Result<(Published, Place), ApiError> {
    if let Some(published) = find_published(&app.db, name.slug(), now).await? {
        return Ok((published, Place::Gallery));
    }
    let trashed = if signature.is_given() {
        find_trashed(&app.db, name.slug(), now).await?
    } else {
        None
    };
    let is_shown = |found: &Published| match name {
        MediaPath::Rendition { rendition, .. } => *rendition == Rendition::Thumb,
        // An image without a thumbnail is its own.
        MediaPath::Original { .. } => found.image.thumb_key.is_none(),
    };
    trashed
        .filter(is_shown)
        .map(|found| (found, Place::Trash))
        .ok_or_else(ApiError::not_found)
}

/// What is private is kept by no cache, and read by no script but the page's.
fn close(app: &App, response: &mut Response) -> Result<(), ApiError> {
    let page = HeaderValue::try_from(app.urls.app()).map_err(ApiError::internal)?;
    let headers = response.headers_mut();
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, no-store"),
    );
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, page);
    headers.insert(header::VARY, HeaderValue::from_static("origin"));
    Ok(())
}

/// One body that can be served.
struct Served {
    key: String,
    content_type: &'static str,
    extension: &'static str,
    filename: String,
    etag: String,
    caching: HeaderValue,
}

impl Served {
    fn new(path: MediaPath<'_>, image: image::Model, left: Left) -> Result<Self, ApiError> {
        let caching = left.of_media()?;
        let content_type = image.content_type.0;
        if !path.fits(content_type) {
            return Err(ApiError::not_found());
        }
        let rendition = match path {
            MediaPath::Original { .. } => None,
            MediaPath::Rendition { rendition, .. } => match rendition {
                Rendition::Preview => image.preview_key,
                Rendition::Thumb => image.thumb_key,
            },
        };
        Ok(match rendition {
            // An image without a rendition serves as its own, for links from when there was one too.
            None => Self {
                key: image.original_key,
                content_type: content_type.media_type(),
                extension: content_type.extension(),
                filename: image.filename,
                etag: format!("\"{}\"", image.sha256),
                caching,
            },
            Some(key) => {
                // A key is written once: the image, the attempt, and which of its pictures. The image's id says when it was uploaded.
                let made = key.splitn(3, '/').nth(2).unwrap_or_default();
                let etag = format!("\"{}-{}\"", path.slug(), made.replace('/', "-"));
                Self {
                    key,
                    content_type: "image/webp",
                    extension: "webp",
                    filename: image.filename,
                    etag,
                    caching,
                }
            }
        })
    }

    /// To the store itself, for a short time: no byte passes through here.
    fn redirect(&self, app: &App, seconds: u64) -> Result<Response, ApiError> {
        let url = app
            .store
            .presign_get(&self.key, Duration::from_secs(seconds))?;
        let location = HeaderValue::try_from(url).map_err(ApiError::internal)?;
        let caching = format!("public, max-age={}", seconds / 2);
        let caching = HeaderValue::try_from(caching).map_err(ApiError::internal)?;
        let mut response = StatusCode::FOUND.into_response();
        let headers = response.headers_mut();
        headers.insert(header::LOCATION, location);
        headers.insert(header::CACHE_CONTROL, caching);
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_ORIGIN,
            HeaderValue::from_static("*"),
        );
        headers.insert(
            HeaderName::from_static("cross-origin-resource-policy"),
            HeaderValue::from_static("cross-origin"),
        );
        Ok(response)
    }

    async fn respond(
        &self,
        app: &App,
        method: &Method,
        headers: &HeaderMap,
    ) -> Result<Response, ApiError> {
        if self.is_known(headers) {
            return Ok(self.with_headers(StatusCode::NOT_MODIFIED.into_response()));
        }
        // The common case asks the store once: the object says its own size.
        if *method == Method::GET && !headers.contains_key(header::RANGE) {
            let object = self.object(app, None).await?;
            app.metrics.served_bytes.inc_by(object.size_bytes);
            return Ok(self.with_headers(with_length(
                StatusCode::OK,
                object.size_bytes,
                Body::from_stream(object.body),
            )));
        }
        let size = app
            .store
            .head(&self.key)
            .await?
            .ok_or_else(|| self.missing())?
            .size_bytes;
        let (status, range, length) = match self.wanted(headers, size) {
            Wanted::Whole => (StatusCode::OK, None, size),
            Wanted::Part(first, last) => (
                StatusCode::PARTIAL_CONTENT,
                Some((first, last)),
                last - first + 1,
            ),
            Wanted::Unsatisfiable => {
                let range = [(header::CONTENT_RANGE, format!("bytes */{size}"))];
                return Ok((StatusCode::RANGE_NOT_SATISFIABLE, range).into_response());
            }
        };
        if method == Method::GET {
            app.metrics.served_bytes.inc_by(length);
        }
        let body = if method == Method::HEAD {
            Body::empty()
        } else {
            Body::from_stream(self.object(app, range).await?.body)
        };
        let mut response = with_length(status, length, body);
        if let Some((first, last)) = range {
            let value = HeaderValue::try_from(format!("bytes {first}-{last}/{size}"))
                .map_err(ApiError::internal)?;
            response.headers_mut().insert(header::CONTENT_RANGE, value);
        }
        Ok(self.with_headers(response))
    }

    fn is_known(&self, headers: &HeaderMap) -> bool {
        let known = headers
            .get(header::IF_NONE_MATCH)
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default();
        known
            .split(',')
            .map(str::trim)
            .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == self.etag)
    }

    fn wanted(&self, headers: &HeaderMap, size: u64) -> Wanted {
        let text = |name| {
            headers
                .get(name)
                .and_then(|v: &HeaderValue| v.to_str().ok())
        };
        match (text(header::RANGE), text(header::IF_RANGE)) {
            (Some(_), Some(tag)) if tag != self.etag => Wanted::Whole,
            (Some(range), _) => range::parse(range, size),
            (None, _) => Wanted::Whole,
        }
    }

    async fn object(&self, app: &App, range: Option<(u64, u64)>) -> Result<ObjectStream, ApiError> {
        app.store
            .stream(&self.key, range)
            .await?
            .ok_or_else(|| self.missing())
    }

    fn missing(&self) -> ApiError {
        // The database says that it is there. A store that has lost it and one that answers from before it was there look the same.
        ApiError::storage_unavailable(format!("{} is missing", self.key))
    }

    fn with_headers(&self, mut response: Response) -> Response {
        let headers = response.headers_mut();
        let mut set = |name: HeaderName, value: &'static str| {
            headers.insert(name, HeaderValue::from_static(value))
        };
        set(header::CONTENT_TYPE, self.content_type);
        set(header::ACCEPT_RANGES, "bytes");
        set(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
        set(
            HeaderName::from_static("cross-origin-resource-policy"),
            "cross-origin",
        );
        headers.insert(header::CACHE_CONTROL, self.caching.clone());
        if let Ok(etag) = HeaderValue::try_from(&self.etag) {
            headers.insert(header::ETAG, etag);
        }
        response
    }
}

fn with_length(status: StatusCode, length: u64, body: Body) -> Response {
    (status, [(header::CONTENT_LENGTH, length.to_string())], body).into_response()
}
