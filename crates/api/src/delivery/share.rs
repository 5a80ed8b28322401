//! The page that a link to an image opens.

use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, html};
use sha2::{Digest, Sha256};

use super::lost::{self, gone, is_person, told_apart};
use super::page::pictures;
use super::spelling::led_on;
use crate::app::App;
use crate::problems::ApiError;
use crate::urls::{Rendition, Urls};
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
    Path(slug): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let response = match find(&app, &slug).await? {
        Some(image) => render(&app.urls, &image).into_response(),
        None if is_person(&headers) => {
            let gone = gone(&app.urls, lost::PICTURE);
            told_apart((StatusCode::NOT_FOUND, gone).into_response())
        }
        None => told_apart(ApiError::not_found().into_response()),
    };
    guarded(&app, response, None)
}

/// The same address by the name that it goes by.
async fn with_slash(
    State(app): State<App>,
    Path(slug): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let page = app.urls.page(&checked(slug)?);
    led_on(&page, query.as_deref())
}

/// A slug that may stand in an address.
pub fn checked(slug: String) -> Result<String, ApiError> {
    let is_slug = slug.bytes().all(|b| b.is_ascii_alphanumeric());
    is_slug.then_some(slug).ok_or_else(ApiError::not_found)
}

/// The image that anyone with its link may see.
pub async fn find(app: &App, slug: &str) -> Result<Option<image::Model>, ApiError> {
    if !slug.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Ok(None);
    }
    let found = find_published(&app.db, slug).await?;
    let image = found.map(|found| found.image);
    Ok(image.filter(|image| image.visibility == image::Visibility::Unlisted))
}

/// With what such a page may load, and for how long it is kept. `styles` stand in the page itself.
pub fn guarded(
    app: &App,
    mut response: Response,
    styles: Option<&str>,
) -> Result<Response, ApiError> {
    let inline = styles.map_or_else(String::new, |styles| {
        format!(" 'sha256-{}'", STANDARD.encode(Sha256::digest(styles)))
    });
    let csp = format!(
        "default-src 'none'; img-src {}; style-src 'self'{inline}; base-uri 'none'; frame-ancestors 'none'",
        pictures(app)
    );
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::try_from(csp).map_err(ApiError::internal)?,
    );
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=0, s-maxage=60"),
    );
    headers.insert(
        HeaderName::from_static("x-robots-tag"),
        HeaderValue::from_static("noindex"),
    );
    Ok(response)
}

fn render(urls: &Urls, image: &image::Model) -> Markup {
    let content_type = image.content_type.0;
    let name = image.title.as_deref().unwrap_or(&image.filename);
    let alt = image.alt.as_deref().unwrap_or(name);
    let (width, height) = (image.width, image.height);
    let original = urls.original(&image.slug.0, content_type);
    // Enough for a screen, in fewer bytes; the original is a click away. An animation is shown itself.
    let shown = match image.preview_key {
        Some(_) if !image.animated => urls.rendition(&image.slug.0, Rendition::Preview),
        _ => original.clone(),
    };
    let page = urls.page(&image.slug.0);
    let preview = html! {
        meta property="og:type" content="website";
        meta property="og:site_name" content="Tintype";
        meta property="og:title" content=(name);
        meta property="og:url" content=(page);
        meta property="og:image" content=(original);
        meta property="og:image:type" content=(content_type.media_type());
        meta property="og:image:width" content=(width);
        meta property="og:image:height" content=(height);
        meta property="og:image:alt" content=(alt);
        meta name="twitter:card" content="summary_large_image";
        link rel="canonical" href=(page);
        (told_to_others(urls, &page))
        (stylesheet())
    };
    let content = html! {
        main {
            a.picture href=(original) {
                img src=(shown) width=(width) height=(height) alt=(alt);
            }
            footer {
                h1 { (name) }
                p { (width) " × " (height) }
                a.button href={ (original) "?download=1" } { "Download" }
                (home(urls))
            }
        }
    };
    document(name, &preview, &content)
}

/// Where other sites ask about a page.
pub fn told_to_others(urls: &Urls, page: &str) -> Markup {
    html! {
        link rel="alternate" type="application/json+oembed" href=(urls.oembed(page));
    }
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
