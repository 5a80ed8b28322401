//! Links that lead nowhere: people are told in words, programs in JSON.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use maud::{Markup, PreEscaped, html};
use tintype_dto::ProblemCode;

use super::share::{STYLE, document, home, stylesheet};
use crate::problems::ApiError;
use crate::urls::Urls;

/// What a person sees whose link leads to no picture.
pub const PICTURE: [&str; 2] = [
    "This picture is not here",
    "It was deleted or made private, its time is over, or the link may be mistyped.",
];
/// What a person sees whose link leads to no album.
pub const ALBUM: [&str; 2] = [
    "This album is not here",
    "It was deleted or made private, its time is over, no picture in it is shown any more, or the link may be mistyped.",
];

/// What a person sees whose link leads to no archive of an account.
pub const EXPORT: [&str; 2] = [
    "This download is not here",
    "Its link works for five minutes, and not after a change of the password: ask for another in the settings.",
];
/// What a person sees who has as many archives on their way as go to one address.
const ENOUGH: [&str; 2] = [
    "Two downloads at once are the most",
    "Wait until one of them has come, then open this link again.",
];

/// Whether this was asked for by somebody who reads the answer, and not by a program or a page that shows it.
pub fn is_person(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|v| v.to_str().ok());
    let is_html = |kind: &str| kind.trim().eq_ignore_ascii_case("text/html");
    let mut kinds = accept.unwrap_or_default().split(',');
    kinds.any(|kind| match kind.split_once(';') {
        None => is_html(kind),
        Some((kind, weight)) => is_html(kind) && weight.trim() != "q=0",
    })
}

/// On the app origin.
pub fn gone(urls: &Urls, words: [&str; 2]) -> Markup {
    page(urls, words, &stylesheet())
}

/// On the media origin, whose pages may load nothing: the styles stand in it.
pub fn on_media(urls: &Urls, headers: &HeaderMap, error: ApiError, words: [&str; 2]) -> Response {
    let words = match error.code() {
        ProblemCode::NotFound => words,
        ProblemCode::RateLimited => ENOUGH,
        _ => return error.into_response(),
    };
    let mut response = error.into_response();
    if is_person(headers) {
        let styles = html! { style { (PreEscaped(STYLE)) } };
        // When to come again stands with it; what is not here now may be again.
        let (status, said) = (response.status(), response.headers().clone());
        let unkept = [(header::CACHE_CONTROL, "no-store")];
        response = (status, said, unkept, page(urls, words, &styles)).into_response();
    }
    told_apart(response)
}

/// A cache is not to mix up what people and what programs are told.
pub fn told_apart(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("accept"));
    response
}

fn page(urls: &Urls, [what, why]: [&str; 2], styles: &Markup) -> Markup {
    let content = html! {
        main.gone {
            h1 { (what) }
            p { (why) }
            (home(urls))
        }
    };
    document(what, styles, &content)
}
