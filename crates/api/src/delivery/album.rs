//! The page of an album.

use std::collections::BTreeSet;

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use maud::{Markup, PreEscaped, html};
use tintype_core::albums::{Opened, Tile};
use tintype_core::db::album::Model;
use url::form_urlencoded;

use super::caching::Left;
use super::candidates::Picture;
use super::link_preview::{self, Told};
use super::lost::{self, gone};
use super::named::Slug;
use super::share::{STYLES, document, guarded, home, stylesheet, with_styles};
use super::spelling::led_on;
use crate::app::App;
use crate::problems::ApiError;
use crate::urls::Urls;

/// Shows pictures over the page, where scripts run.
const SCRIPT: &str = include_str!("album.js");
/// How many pictures stand on one page.
const MOST: u64 = 500;
/// How high a row is at least, pixels, unless one picture is wider than the page. `share.css` says so too.
const ROW: i32 = 220;
/// How high rows come out in the middle, percent of that: what is left of a row stretches it.
const STRETCHED: i32 = 125;

/// `/a/{slug}`: a page that needs no script, for people and for previews of links.
pub fn router() -> Router<App> {
    Router::new()
        .route("/a/{slug}", get(page))
        .route("/a/{slug}/", get(with_slash))
        .route("/s/album.js", get(script))
}

async fn script() -> impl IntoResponse {
    (
        [
            (header::CONTENT_TYPE, "text/javascript"),
            (header::CACHE_CONTROL, "public, max-age=3600"),
        ],
        SCRIPT,
    )
}

/// The same address by the name that it goes by.
async fn with_slash(
    State(app): State<App>,
    Slug(slug): Slug,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    match slug {
        Some(slug) => led_on(&app.urls.album(&slug), query.as_deref(), Left::FOR_GOOD),
        None => none(&app),
    }
}

async fn page(
    State(app): State<App>,
    Slug(slug): Slug,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let Some(slug) = slug else {
        return none(&app);
    };
    let query = query.unwrap_or_default();
    let mut fields = form_urlencoded::parse(query.as_bytes());
    let after = fields.find(|(name, _)| name == "after");
    let after = after.map(|(_, image)| image);
    let now = app.clock.now();
    let opened = Opened::find(&app.db, &slug, after.as_deref(), now, MOST).await?;
    let Some(opened) = opened else {
        if after.is_some() {
            // Nothing stands behind that image any more, or it was taken out: what there is begins there.
            return Ok(Redirect::to(&app.urls.album(&slug)).into_response());
        }
        return none(&app);
    };
    let shapes = shapes(&opened.tiles);
    let page = render(&app, &opened, &shapes).await;
    let loads = format!("{}; script-src 'self'", with_styles(&shapes));
    let left = Left::until(opened.until(), now);
    guarded(&app, page.into_response(), &loads, left)
}

fn none(app: &App) -> Result<Response, ApiError> {
    let gone = (StatusCode::NOT_FOUND, gone(&app.urls, lost::ALBUM));
    guarded(app, gone.into_response(), STYLES, Left::FOR_GOOD)
}

/// Width over height, percent, but nothing so narrow or wide that there would be no picture to see.
fn shape(tile: &Tile) -> i32 {
    let percent = i64::from(tile.width) * 100 / i64::from(tile.height.max(1));
    i32::try_from(percent.clamp(40, 400)).unwrap_or(100)
}

/// A rule for each shape: what rows are made of. Its hash stands in the page's policy.
fn shapes(tiles: &[Tile]) -> String {
    let shapes: BTreeSet<_> = tiles.iter().map(shape).collect();
    let rule = |shape: i32| format!(".r{shape}{{--r:{}.{:02}}}", shape / 100, shape % 100);
    shapes.into_iter().map(rule).collect()
}

/// What the album is called, or else how many pictures it has.
pub fn title(album: &Model, count: i64) -> String {
    let title = album.title.clone();
    title.unwrap_or_else(|| counted(count))
}

fn counted(count: i64) -> String {
    match count {
        1 => "1 picture".into(),
        count => format!("{count} pictures"),
    }
}

async fn render(app: &App, opened: &Opened, shapes: &str) -> Markup {
    let (urls, album) = (&app.urls, &opened.album);
    let (name, count) = (title(album, opened.count), counted(opened.count));
    let page = urls.album(&album.slug.0);
    let told = Told {
        title: &name,
        description: Some(album.description.as_ref().unwrap_or(&count)),
        url: &page,
        // The image that stands for the album.
        image: &link_preview::choose(app, &Picture::from(&opened.cover)).await,
        alt: alt(&opened.cover),
    };
    let head = html! {
        (link_preview::tags(urls, &told))
        style { (PreEscaped(shapes)) }
        (stylesheet())
    };
    let content = html! {
        main {
            header.album {
                h1 { (name) }
                @if album.title.is_some() { p { (count) } }
                @if let Some(description) = &album.description { p.description { (description) } }
                a.button href=(urls.archive(&album.slug.0)) rel="nofollow" { "Download all" }
            }
            div.wall { @for tile in &opened.tiles { (picture(urls, tile)) } }
            (lightbox())
            footer {
                @if let Some(next) = &opened.next {
                    a.button rel="next" href={ (page) "?after=" (next.0) } { "More pictures" }
                }
                (home(urls))
            }
        }
    };
    document(&name, &head, &content)
}

fn name(tile: &Tile) -> &str {
    tile.title.as_ref().unwrap_or(&tile.filename)
}

fn alt(tile: &Tile) -> &str {
    tile.alt.as_deref().unwrap_or_else(|| name(tile))
}

/// Leads to the picture's own page, or has `album.js` show it over this one.
fn picture(urls: &Urls, tile: &Tile) -> Markup {
    let picture = Picture::from(tile);
    let (thumb, set) = (picture.thumb(urls), picture.set(urls));
    let shape = shape(tile);
    let sizes = set
        .is_some()
        .then(|| format!("{}px", shape * ROW / 100 * STRETCHED / 100));
    let original = picture.original(urls).url;
    let (name, alt) = (name(tile), alt(tile));
    let named = (name != alt).then_some(name);
    html! {
        a class={ "r" (shape) } href=(urls.page(picture.slug)) data-original=(original) data-name=[named] data-moves=[tile.animated.then_some("1")] {
            img src=(thumb.url) srcset=[set] sizes=[sizes] width=(tile.width) height=(tile.height) alt=(alt) loading="lazy";
        }
    }
}

/// What `album.js` shows a picture in.
fn lightbox() -> Markup {
    html! {
        dialog.lightbox aria-label="Picture" {
            div.stage {}
            button.before aria-label="Previous picture" { "‹" }
            button.behind aria-label="Next picture" { "›" }
            button.close aria-label="Close" autofocus { "×" }
            div.about {
                p aria-live="polite" { a.name {} }
                p.place {}
                a.button.download { "Download" }
            }
        }
        script src="/s/album.js" type="module" {}
    }
}
