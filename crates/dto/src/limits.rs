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

    /// The type with this media type, if it is accepted. Parameters are not.
    #[must_use]
    pub fn from_media_type(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.media_type().eq_ignore_ascii_case(text))
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
