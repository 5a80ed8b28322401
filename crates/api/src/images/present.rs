//! Images as their owners see them.

use chrono::{DateTime, SubsecRound, Utc};
use tintype_dto::{Image, ImageLinks};

use crate::app::App;
use crate::signed_links::{Place, SignedLinks};
use crate::urls::Rendition;
use tintype_core::db::image;
use tintype_core::images::{Shown, visibility};

/// The image as its owner sees it, with links that end with the owner's sessions of this version.
#[must_use]
pub fn present(app: &App, version: i32, image: impl Into<Shown>) -> Image {
    let image = image.into();
    let content_type = image.content_type.0;
    let urls = &app.urls;
    let purge_at = image.purge_at();
    let place = if purge_at.is_some() {
        Place::Trash
    } else {
        Place::Gallery
    };
    // Only the owner gets this response, so it may contain links that open the image.
    let is_closed = place == Place::Trash || image.visibility == image::Visibility::Private;
    let end = image.expires_at.filter(|_| place == Place::Gallery);
    let expires_at = is_closed.then(|| links_end(app.clock.now(), end));
    let link = |url: String| match expires_at {
        Some(expires_at) => app.links.sign(url, place, expires_at, version),
        None => url,
    };
    let original = link(urls.original(&image.slug.0, content_type));
    let rendition = |is_there, rendition| {
        if is_there {
            link(urls.rendition(&image.slug.0, rendition))
        } else {
            original.clone()
        }
    };
    Image {
        id: image.id.0,
        links: ImageLinks {
            page: expires_at.is_none().then(|| urls.page(&image.slug.0)),
            preview: rendition(image.has_preview, Rendition::Preview),
            thumb: rendition(image.has_thumb, Rendition::Thumb),
            original,
            expires_at,
        },
        slug: image.slug.0,
        title: image.title,
        alt: image.alt,
        filename: image.filename,
        content_type,
        animated: image.animated,
        size_bytes: image.size_bytes.cast_unsigned(),
        width: image.width.cast_unsigned(),
        height: image.height.cast_unsigned(),
        sha256: image.sha256,
        visibility: visibility::shown(image.visibility),
        removed: image.removed.0,
        placeholder: image.placeholder,
        created_at: image.created_at,
        expires_at: image.expires_at,
        purge_at,
    }
}

/// When signed links to an image that ends then are over, in whole seconds: they don't outlive it.
fn links_end(now: DateTime<Utc>, end: Option<DateTime<Utc>>) -> DateTime<Utc> {
    let usual = SignedLinks::expiry(now);
    end.map_or(usual, |end| usual.min(end.trunc_subsecs(0)))
}
