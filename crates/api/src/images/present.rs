use tintype_dto::{ContentType, Image, ImageLinks, Visibility};

use crate::db::image::Model;
use crate::problems::ApiError;
use crate::urls::{Rendition, Urls};

/// The image as its owner sees it.
pub fn present(urls: &Urls, image: Model) -> Result<Image, ApiError> {
    let content_type = content_type(&image)?;
    Ok(Image {
        id: image.id,
        links: ImageLinks {
            page: urls.page(&image.slug),
            original: urls.original(&image.slug, content_type),
            preview: image.preview_key.as_ref().map(|_| urls.rendition(&image.slug, Rendition::Preview)),
            thumb: image.thumb_key.as_ref().map(|_| urls.rendition(&image.slug, Rendition::Thumb)),
        },
        slug: image.slug,
        title: image.title,
        filename: image.filename,
        content_type,
        size_bytes: image.size_bytes.cast_unsigned(),
        width: image.width.cast_unsigned(),
        height: image.height.cast_unsigned(),
        sha256: image.sha256,
        visibility: Visibility::Unlisted,
        removed: serde_json::from_value(image.removed).map_err(ApiError::internal)?,
        placeholder: image.placeholder,
        created_at: image.created_at,
    })
}

/// The type found in its bytes.
pub fn content_type(image: &Model) -> Result<ContentType, ApiError> {
    ContentType::from_media_type(&image.content_type).ok_or_else(|| ApiError::internal("a type we never stored"))
}
