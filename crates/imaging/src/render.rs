//! What is made of a decoded picture: smaller ones, upright, in the colours of a screen.

use image::DynamicImage;
use image::metadata::Orientation as Turn;

use crate::colour::{self, Screen};
use crate::encode::encode;
use crate::resize::{resized, resized_in_place};
use crate::{Decoded, PREVIEW_QUALITY, PREVIEW_SIDE, THUMB_QUALITY, THUMB_SIDE};

/// The most that a `ThumbHash` is made from, pixels.
pub const HASH_SIDE: u32 = 100;

/// What the server makes of a picture: never larger than it, turned upright, in the colours that browsers show, the first frame of an
/// animation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renditions {
    /// Fits 1600 x 1600. In Display P3, with its profile, where the picture's colours reach beyond sRGB.
    pub preview: Rendition,
    /// Fits 400 x 400, in sRGB: a gallery is a window full of them, and a profile would be a twentieth of each. The same as the preview,
    /// where that fits too and is in sRGB.
    pub thumb: Rendition,
    /// `ThumbHash`, about 25 bytes.
    pub placeholder: Vec<u8>,
}

/// A smaller picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendition {
    /// The file.
    pub webp: Vec<u8>,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}

/// Why nothing could be made of a picture that has been decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// The resizer failed.
    #[error("the picture could not be resized")]
    Resize,
    /// The encoder failed.
    #[error("the picture could not be encoded")]
    Encode,
}

impl Decoded {
    /// Makes everything from the one decoded picture, the small from the larger one.
    ///
    /// # Errors
    /// When the resizer or the encoder fails.
    pub fn render(self) -> Result<Renditions, RenderError> {
        let screen = self.colours.widest();
        let large = self.fitted(PREVIEW_SIDE, screen)?;
        let small = shrink(&large, THUMB_SIDE)?;
        let preview = encode(&large, PREVIEW_QUALITY, screen)?;
        let small = match (small, screen) {
            (small, Screen::Srgb) => small,
            (small, Screen::DisplayP3) => Some(colour::narrowed(small.unwrap_or(large.clone()))),
        };
        let placeholder = placeholder(small.as_ref().unwrap_or(&large))?;
        let thumb = small.map_or_else(
            || Ok(preview.clone()),
            |small| encode(&small, THUMB_QUALITY, Screen::Srgb),
        )?;
        Ok(Renditions {
            preview,
            thumb,
            placeholder,
        })
    }

    /// Makes the thumbnail and the placeholder, for an image that [serves](crate::Serves) as its own preview.
    ///
    /// # Errors
    /// When the resizer or the encoder fails.
    pub fn thumbnail(self) -> Result<(Rendition, Vec<u8>), RenderError> {
        let small = self.fitted(THUMB_SIDE, Screen::Srgb)?;
        let thumb = encode(&small, THUMB_QUALITY, Screen::Srgb)?;
        Ok((thumb, placeholder(&small)?))
    }

    /// Makes the placeholder alone, for an image that [serves](crate::Serves) as its own thumbnail.
    ///
    /// # Errors
    /// When the resizer fails.
    pub fn placeholder(self) -> Result<Vec<u8>, RenderError> {
        placeholder(&self.fitted(HASH_SIDE, Screen::Srgb)?)
    }

    /// Inside the box, for a screen, upright.
    fn fitted(self, side: u32, screen: Screen) -> Result<DynamicImage, RenderError> {
        let Self {
            picture,
            colours,
            orientation,
        } = self;
        let mut fitted = colours.shown(reduced(picture, side)?, screen);
        if let Some(turn) = Turn::from_exif(orientation.to_exif()) {
            fitted.apply_orientation(turn);
        }
        Ok(fitted)
    }
}

fn placeholder(picture: &DynamicImage) -> Result<Vec<u8>, RenderError> {
    let shrunk = shrink(picture, HASH_SIDE)?;
    let pixels = shrunk.as_ref().unwrap_or(picture).to_rgba8();
    let (width, height) = (pixels.width() as usize, pixels.height() as usize);
    Ok(thumbhash::rgba_to_thumb_hash(
        width,
        height,
        pixels.as_raw(),
    ))
}

/// Fits the picture into a square box. `None`: it fits as it is.
fn shrink(picture: &DynamicImage, side: u32) -> Result<Option<DynamicImage>, RenderError> {
    let fitted = fit(picture.width(), picture.height(), side);
    if fitted == (picture.width(), picture.height()) {
        Ok(None)
    } else {
        resized(picture, fitted).map(Some)
    }
}

/// The same of a large picture that is not needed any more.
fn reduced(picture: DynamicImage, side: u32) -> Result<DynamicImage, RenderError> {
    let fitted = fit(picture.width(), picture.height(), side);
    if fitted == (picture.width(), picture.height()) {
        Ok(picture)
    } else {
        resized_in_place(picture, fitted)
    }
}

/// The largest size of the same shape inside a box of this side, pixels: at least one each way, never larger than it was.
#[must_use]
pub fn fit(width: u32, height: u32, side: u32) -> (u32, u32) {
    let longest = u64::from(width.max(height).max(1));
    if longest <= u64::from(side) {
        return (width, height);
    }
    let scale = |length: u32| {
        u32::try_from((u64::from(length) * u64::from(side) + longest / 2) / longest)
            .unwrap_or(side)
            .max(1)
    };
    (scale(width), scale(height))
}

#[cfg(test)]
mod tests {
    use super::fit;

    #[test]
    fn a_picture_fits_its_box_and_never_grows() {
        assert_eq!(fit(4000, 3000, 400), (400, 300));
        assert_eq!(fit(3000, 4000, 400), (300, 400));
        assert_eq!(fit(399, 20, 400), (399, 20));
        assert_eq!(fit(16_384, 1, 400), (400, 1));
    }
}
