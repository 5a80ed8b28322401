//! The page that a link to an image opens.

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use super::caching::Left;
use super::candidates::Picture;
use super::link_preview::{self, Told};
use super::lost::{self, gone, is_person, told_apart};
use super::named::{Slug, is_slug};
use super::page::pictures;
use super::placeholder::gradient;
use super::spelling::led_on;
use crate::app::App;
use crate::problems::ApiError;
use crate::urls::Urls;
use tintype_core::db::image;
use tintype_core::images::queries::find_published;

pub const STYLE: &str = include_str!("share.css");

/// `/s/{slug}`: a small page without script, for people and for previews of links.
pub fn router() -> Router<App> {
    Router::new()
        .route("/s/{slug}", get(page))
        .route("/s/{slug}/", get(with_slash))
        .route("/s/style.css", get(style))
}

async fn style() -> impl IntoResponse {
    (
        [
            (header::CONTENT_TYPE, "text/css"),
            (header::CACHE_CONTROL, "public, max-age=3600"),
        ],
        STYLE,
    )
}

async fn page(
    State(app): State<App>,
    Slug(slug): Slug,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let now = app.clock.now();
    let image = match slug {
        Some(slug) => find(&app, &slug, now).await?,
        None => None,
    };
    let Some(image) = image else {
        return none(&app, &headers);
    };
    let (page, styles) = render(&app, &image).await;
    let left = Left::until(image.expires_at, now);
    guarded(&app, page.into_response(), &with_styles(&styles), left)
}

fn none(app: &App, headers: &HeaderMap) -> Result<Response, ApiError> {
    let response = if is_person(headers) {
        (StatusCode::NOT_FOUND, gone(&app.urls, lost::PICTURE)).into_response()
    } else {
        ApiError::not_found().into_response()
    };
    guarded(app, told_apart(response), STYLES, Left::FOR_GOOD)
}

/// The same address by the name that it goes by.
async fn with_slash(
    State(app): State<App>,
    Slug(slug): Slug,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    match slug {
        Some(slug) => led_on(&app.urls.page(&slug), query.as_deref(), Left::FOR_GOOD),
        None => none(&app, &headers),
    }
}

/// The image that anyone with its link may see.
pub async fn find(
    app: &App,
    slug: &str,
    now: DateTime<Utc>,
) -> Result<Option<image::Model>, ApiError> {
    if !is_slug(slug) {
        return Ok(None);
    }
    let found = find_published(&app.db, slug, now).await?;
    let image = found.map(|found| found.image);
    Ok(image.filter(|image| image.visibility == image::Visibility::Unlisted))
}

/// What a page may load besides pictures: styles of ours.
pub const STYLES: &str = "style-src 'self'";

/// The same, and these that stand in the page itself.
pub fn with_styles(inline: &str) -> String {
    let hash = STANDARD.encode(Sha256::digest(inline));
    format!("{STYLES} 'sha256-{hash}'")
}

/// With what such a page may load, and for how long it is kept: what it shows ends when nothing is `left`.
pub fn guarded(
    app: &App,
    mut response: Response,
    loads: &str,
    left: Left,
) -> Result<Response, ApiError> {
    let csp = format!(
        "default-src 'none'; img-src {}; {loads}; base-uri 'none'; frame-ancestors 'none'",
        pictures(app)
    );
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::try_from(csp).map_err(ApiError::internal)?,
    );
    headers.insert(header::CACHE_CONTROL, left.of_page()?);
    headers.insert(
        HeaderName::from_static("x-robots-tag"),
        HeaderValue::from_static("noindex"),
    );
    Ok(response)
}

async fn render(app: &App, image: &image::Model) -> (Markup, String) {
    let (urls, picture) = (&app.urls, Picture::from(image));
    let name = image.title.as_deref().unwrap_or(&image.filename);
    let alt = image.alt.as_deref().unwrap_or(name);
    let (width, height) = picture.size;
    let original = picture.original(urls).url;
    // Enough for a screen, in fewer bytes; the original is a click away. An animation is shown itself.
    let (shown, set) = if image.animated {
        (picture.original(urls), None)
    } else {
        (picture.preview(urls), picture.set(urls))
    };
    let room = room(shown.size);
    let sizes = set.is_some().then(|| format!("min(100vw, {room})"));
    let told = Told {
        title: name,
        description: None,
        url: &urls.page(&image.slug.0),
        image: &link_preview::choose(app, &picture).await,
        alt,
    };
    let styles = styles(image, &room);
    let head = html! {
        (link_preview::tags(urls, &told))
        (stylesheet())
        style { (PreEscaped(&styles)) }
    };
    let content = html! {
        main {
            a.picture href=(original) {
                img src=(shown.url) srcset=[set] sizes=[sizes] width=(width) height=(height) alt=(alt);
            }
            footer {
                h1 { (name) }
                p { (width) " × " (height) }
                a.button href={ (original) "?download=1" } { "Download" }
                (home(urls))
            }
        }
    };
    (document(name, &head, &content), styles)
}

/// The most that a picture of so many pixels takes of the page's width, as CSS: its own, and what the height of the window leaves it.
/// `share.css` says so too.
fn room((width, height): (u32, u32)) -> String {
    format!("{width}px, (100dvh - 160px) * {width} / {}", height.max(1))
}

/// As large as the picture will be, and in its colours, before it is there. Their hash stands in the page's policy.
fn styles(image: &image::Model, room: &str) -> String {
    let colours = image.placeholder.as_deref().and_then(gradient);
    let colours = colours.map_or_else(String::new, |colours| format!(";background:{colours}"));
    format!(".picture img{{width:min(100%,{room}){colours}}}")
}

/// `head` has its styles, and what else it says of itself.
pub fn document(title: &str, head: &Markup, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                title { (title) " · Tintype" }
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                (head)
            }
            body { (content) }
        }
    }
}

pub fn stylesheet() -> Markup {
    html! { link rel="stylesheet" href="/s/style.css"; }
}

pub fn home(urls: &Urls) -> Markup {
    html! {
        a.home href={ (urls.app()) "/" } { "Tintype" }
    }
}
