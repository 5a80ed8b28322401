//! Public addresses.

use tintype_dto::ContentType;
use url::{Url, form_urlencoded};
use uuid::Uuid;

/// The public addresses: every absolute link, CORS and CSP value comes from here, and never from a request.
#[derive(Clone, Debug)]
pub struct Urls {
    app: String,
    media: String,
    storage: String,
}

impl Urls {
    /// Builds the URLs from the origins that clients see.
    #[must_use]
    pub fn new(app: &Url, media: &Url, storage: &Url) -> Self {
        Self {
            app: app.origin().ascii_serialization(),
            media: media.origin().ascii_serialization(),
            storage: storage.origin().ascii_serialization(),
        }
    }

    /// The app origin, without a slash at the end.
    #[must_use]
    pub fn app(&self) -> &str {
        &self.app
    }

    /// The media origin, without a slash at the end.
    #[must_use]
    pub fn media(&self) -> &str {
        &self.media
    }

    /// The origin of presigned URLs, without a slash at the end.
    #[must_use]
    pub fn storage(&self) -> &str {
        &self.storage
    }

    /// The share page of an image.
    #[must_use]
    pub fn page(&self, slug: &str) -> String {
        [&self.app, "/s/", slug].concat()
    }

    /// The page of an album.
    #[must_use]
    pub fn album(&self, slug: &str) -> String {
        [&self.app, "/a/", slug].concat()
    }

    /// The originals of an album, in one archive.
    #[must_use]
    pub fn archive(&self, slug: &str) -> String {
        [&self.media, "/i/a/", slug, ".zip"].concat()
    }

    /// Everything that an account has, in one archive.
    #[must_use]
    pub fn export(&self, user_id: Uuid) -> String {
        format!("{}/i/e/{user_id}.zip", self.media)
    }

    /// What tells other sites about one of those pages.
    #[must_use]
    pub fn oembed(&self, page: &str) -> String {
        let page: String = form_urlencoded::byte_serialize(page.as_bytes()).collect();
        [&self.app, "/oembed?url=", &page].concat()
    }

    /// The page that deletes an image.
    #[must_use]
    pub fn delete(&self, slug: &str, secret: &str) -> String {
        [&self.app, "/d/", slug, "?secret=", secret].concat()
    }

    /// The published bytes of an image.
    #[must_use]
    pub fn original(&self, slug: &str, content_type: ContentType) -> String {
        [&self.media, "/i/", slug, ".", content_type.extension()].concat()
    }

    /// A rendition of an image.
    #[must_use]
    pub fn rendition(&self, slug: &str, rendition: Rendition) -> String {
        [&self.media, "/i/", slug, "/", rendition.name(), ".webp"].concat()
    }
}

/// A rendition of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rendition {
    /// Fits 1600 x 1600 pixels.
    Preview,
    /// Fits 400 x 400 pixels.
    Thumb,
}

impl Rendition {
    /// Its name in URLs and tags.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Preview => "preview",
            Self::Thumb => "thumb",
        }
    }
}
