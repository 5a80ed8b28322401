//! What may be shown of a picture, from the smallest to the original.

use tintype_core::albums::Tile;
use tintype_core::db::image;
use tintype_dto::ContentType;
use tintype_imaging::{PREVIEW_SIDE, THUMB_SIDE, fit};

use crate::urls::{Rendition, Urls};

/// A published picture, and what was made of it.
pub struct Picture<'a> {
    pub slug: &'a str,
    content_type: ContentType,
    /// Of the original.
    pub size_bytes: u64,
    /// Pixels.
    pub size: (u32, u32),
    /// The object of the preview, if it has one.
    pub preview_key: Option<&'a str>,
    has_thumb: bool,
}

impl<'a> From<&'a Tile> for Picture<'a> {
    fn from(tile: &'a Tile) -> Self {
        Self {
            slug: &tile.slug.0,
            content_type: tile.content_type.0,
            size_bytes: tile.size_bytes.cast_unsigned(),
            size: (tile.width.cast_unsigned(), tile.height.cast_unsigned()),
            preview_key: tile.preview_key.as_deref(),
            has_thumb: tile.has_thumb,
        }
    }
}

impl<'a> From<&'a image::Model> for Picture<'a> {
    fn from(image: &'a image::Model) -> Self {
        Self {
            slug: &image.slug.0,
            content_type: image.content_type.0,
            size_bytes: image.size_bytes.cast_unsigned(),
            size: (image.width.cast_unsigned(), image.height.cast_unsigned()),
            preview_key: image.preview_key.as_deref(),
            has_thumb: image.thumb_key.is_some(),
        }
    }
}

impl Picture<'_> {
    /// At most 400 x 400 pixels, unless it serves as its own.
    pub fn thumb(&self, urls: &Urls) -> Candidate {
        if self.has_thumb {
            self.rendition(urls, Rendition::Thumb, THUMB_SIDE)
        } else {
            self.original(urls)
        }
    }

    /// At most 1600 x 1600 pixels, unless it serves as its own.
    pub fn preview(&self, urls: &Urls) -> Candidate {
        if self.preview_key.is_some() {
            self.rendition(urls, Rendition::Preview, PREVIEW_SIDE)
        } else {
            self.original(urls)
        }
    }

    /// Thumbnail and preview with their widths, as `srcset` has them. `None`: they are the same.
    pub fn set(&self, urls: &Urls) -> Option<String> {
        let both = [self.thumb(urls), self.preview(urls)];
        let named = |one: &Candidate| format!("{} {}w", one.url, one.size.0);
        (both[0].url != both[1].url).then(|| both.each_ref().map(named).join(", "))
    }

    /// The published bytes.
    pub fn original(&self, urls: &Urls) -> Candidate {
        Candidate {
            url: urls.original(self.slug, self.content_type),
            media_type: self.content_type.media_type(),
            size: self.size,
        }
    }

    fn rendition(&self, urls: &Urls, rendition: Rendition, side: u32) -> Candidate {
        let (width, height) = self.size;
        Candidate {
            url: urls.rendition(self.slug, rendition),
            media_type: "image/webp",
            size: fit(width, height, side),
        }
    }
}

/// One of them.
pub struct Candidate {
    pub url: String,
    pub media_type: &'static str,
    /// Pixels.
    pub size: (u32, u32),
}
