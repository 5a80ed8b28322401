//! What an upload may be.

use serde::{Deserialize, Serialize};

/// What an upload may be.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Limits {
    /// Accepted types.
    pub content_types: Vec<ContentType>,
    /// Largest file, bytes.
    pub max_bytes: u64,
    /// Most pixels of one frame.
    pub max_pixels: u64,
    /// Longest side, pixels.
    pub max_side: u32,
    /// How long a presigned URL works, seconds.
    pub upload_expires_in: u64,
    /// Whether new accounts can be made.
    pub registration: Registration,
}

/// Whether new accounts can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Registration {
    /// By anyone.
    Open,
    /// By nobody.
    Closed,
}

/// An image format that Tintype publishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ContentType {
    /// JPEG.
    #[serde(rename = "image/jpeg")]
    Jpeg,
    /// PNG and APNG.
    #[serde(rename = "image/png")]
    Png,
    /// GIF.
    #[serde(rename = "image/gif")]
    Gif,
    /// WebP.
    #[serde(rename = "image/webp")]
    Webp,
}

impl ContentType {
    /// Every accepted type.
    pub const ALL: [Self; 4] = [Self::Jpeg, Self::Png, Self::Gif, Self::Webp];

    /// The media type, as in `Content-Type`.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
        }
    }

    /// The file extension in links, without the dot.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Gif => "gif",
            Self::Webp => "webp",
        }
    }

    /// The type with this media type, or with another name that programs have for it, whatever parameters follow. What is published goes by
    /// the bytes.
    #[must_use]
    pub fn from_media_type(text: &str) -> Option<Self> {
        let (essence, _) = text.split_once(';').unwrap_or((text, ""));
        Some(match essence.trim().to_ascii_lowercase().as_str() {
            "image/jpeg" | "image/jpg" | "image/pjpeg" | "image/jfif" => Self::Jpeg,
            "image/png" | "image/x-png" | "image/apng" | "image/vnd.mozilla.apng" => Self::Png,
            "image/gif" => Self::Gif,
            "image/webp" => Self::Webp,
            _ => return None,
        })
    }
}

/// Why a file of this media type is refused, and what to do instead.
#[must_use]
pub fn unsupported_media_detail(media_type: &str) -> String {
    match media_type.to_ascii_lowercase().as_str() {
        "image/heic" | "image/heif" | "image/heic-sequence" => {
            "HEIC is not supported: choose \"Most compatible\" in the camera's settings, or convert to JPEG.".into()
        }
        "image/avif" => "AVIF is not supported: convert it to WebP or JPEG.".into(),
        "image/svg+xml" => "SVG is not supported: export it as PNG.".into(),
        "image/tiff" | "image/bmp" | "image/x-icon" | "image/vnd.adobe.photoshop" => {
            "This picture format is not supported: convert it to PNG or JPEG.".into()
        }
        other if other.starts_with("video/") => "Videos are not supported: upload JPEG, PNG, GIF or WebP pictures.".into(),
        _ => "This is not a supported picture: upload JPEG, PNG, GIF or WebP.".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_has_other_names_too_and_parameters() {
        for (text, expected) in [
            ("image/jpeg", Some(ContentType::Jpeg)),
            ("image/jpg", Some(ContentType::Jpeg)),
            ("image/pjpeg", Some(ContentType::Jpeg)),
            ("IMAGE/PNG", Some(ContentType::Png)),
            ("image/apng", Some(ContentType::Png)),
            ("image/jpeg; charset=binary", Some(ContentType::Jpeg)),
            (" image/webp ;q=1", Some(ContentType::Webp)),
            ("image/heic", None),
            ("image/jpeg2000", None),
            ("", None),
        ] {
            assert_eq!(ContentType::from_media_type(text), expected, "{text}");
        }
        for content_type in ContentType::ALL {
            assert_eq!(
                ContentType::from_media_type(content_type.media_type()),
                Some(content_type)
            );
        }
    }
}
