//! What services show in the place of a link, by the Open Graph protocol (<https://ogp.me>): one page for all of them.

use std::time::Duration;

use maud::{Markup, html};
use tokio::time::timeout;

use super::candidates::{Candidate, Picture};
use crate::app::App;
use crate::urls::Urls;

/// The largest picture that is named, bytes: `WhatsApp` shows none above about 300 KB, others take some megabytes.
const MOST_BYTES: u64 = 300_000;
/// How long the store may take to say how large a preview is: a page is not to wait for more.
const PATIENCE: Duration = Duration::from_secs(1);

/// What a link leads to.
pub struct Told<'a> {
    pub title: &'a str,
    pub description: Option<&'a str>,
    /// The page itself.
    pub url: &'a str,
    pub image: &'a Candidate,
    pub alt: &'a str,
}

/// The largest picture that every service takes: the preview, if it is known to be small enough, or the thumbnail.
pub async fn choose(app: &App, picture: &Picture<'_>) -> Candidate {
    let bytes = match picture.preview_key {
        Some(key) => stored_bytes(app, key).await,
        None => Some(picture.size_bytes),
    };
    if bytes.is_some_and(|bytes| bytes <= MOST_BYTES) {
        picture.preview(&app.urls)
    } else {
        picture.thumb(&app.urls)
    }
}

/// `None`: the store does not say. Who reads the page sees that it is away by the picture.
async fn stored_bytes(app: &App, key: &str) -> Option<u64> {
    let found = timeout(PATIENCE, app.store.head(key)).await;
    found.ok()?.ok()?.map(|object| object.size_bytes)
}

pub fn tags(urls: &Urls, told: &Told<'_>) -> Markup {
    let Told {
        title,
        description,
        url,
        image,
        alt,
    } = told;
    html! {
        meta property="og:type" content="website";
        meta property="og:site_name" content="Tintype";
        meta property="og:title" content=(title);
        @if let Some(description) = description {
            meta property="og:description" content=(description);
        }
        meta property="og:url" content=(url);
        meta property="og:image" content=(image.url);
        meta property="og:image:type" content=(image.media_type);
        meta property="og:image:width" content=(image.size.0);
        meta property="og:image:height" content=(image.size.1);
        meta property="og:image:alt" content=(alt);
        meta name="twitter:card" content="summary_large_image";
        link rel="canonical" href=(url);
        // Where other sites ask about the page.
        link rel="alternate" type="application/json+oembed" href=(urls.oembed(url));
    }
}
