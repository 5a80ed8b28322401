//! `/docs`: how to use the API, from the same document that `/openapi.json` is. Made once, without a script.

mod changelog;
mod errors;
mod guide;
mod links;
mod reference;

use self::errors::errors;
use crate::app::App;
use crate::urls::Urls;
use axum::Router;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{Html, IntoResponse, Redirect};
use axum::routing::get;
use maud::{DOCTYPE, Markup, html};
use serde_json::Value;

const STYLE: &str = include_str!("style.css");
const ICON: &str = include_str!("../../../../frontend/static/icon.svg");
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The page about the API that `document` describes, and its style.
pub fn router(document: &Value, urls: &Urls) -> Router<App> {
    let page = page(document, urls).into_string();
    Router::new()
        .route(
            "/docs",
            get(async move || {
                let headers = [
                    (
                        header::CONTENT_SECURITY_POLICY,
                        HeaderValue::from_static(POLICY),
                    ),
                    (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
                ];
                (headers, Html(page))
            }),
        )
        .route("/docs/", get(async || Redirect::permanent("/docs")))
        .route("/docs/style.css", get(async || file("text/css", STYLE)))
        .route("/docs/icon.svg", get(async || file("image/svg+xml", ICON)))
}

fn file(content_type: &'static str, content: &'static str) -> impl IntoResponse {
    let headers: [(HeaderName, &str); 2] = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, content)
}

fn page(document: &Value, urls: &Urls) -> Markup {
    let document = &links::between_operations(document);
    let groups = reference::groups(document);
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                title { "API · Tintype" }
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                link rel="icon" type="image/svg+xml" href="/docs/icon.svg";
                link rel="stylesheet" href="/docs/style.css";
            }
            body {
                a.skip href="#start" { "Skip to the guide" }
                header {
                    a.home href="/" { "Tintype" }
                    h1 { "The API" }
                    a.document href="/openapi.json" { "openapi.json" }
                }
                div.columns {
                    nav aria-label="Contents" {
                        (guide::contents())
                        @for group in &groups { (group.contents()) }
                        ul { @for (id, title) in [("types", "Types"), ("errors", "Errors"), ("changes", "Changes")] { li { a href={ "#" (id) } { (title) } } } }
                    }
                    main {
                        (guide::guide(urls))
                        @for group in &groups { (group.operations()) }
                        (reference::types(document))
                        (errors())
                        (changelog::changelog())
                    }
                }
            }
        }
    }
}

/// A name that may go on in the next line behind each `_`.
fn breakable(name: &str) -> Markup {
    html! {
        @for part in name.split_inclusive('_') { (part) wbr; }
    }
}

/// A text in which `` ` `` marks code, and `[words](#place)` a link.
fn prose(text: &str) -> Markup {
    html! {
        @for (number, part) in text.split('`').enumerate() {
            @if number % 2 == 1 { code { (part) } } @else { (links::linked(part)) }
        }
    }
}
