use std::borrow::Cow;
use std::io::Cursor;

use fast_image_resize::images::{Image as Pixels, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::codecs::gif::GifDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation as Turn;
use image::{AnimationDecoder, DynamicImage, Frames, ImageDecoder, ImageFormat, ImageReader, RgbImage, Rgba, RgbaImage};
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

use crate::{ContentType, Inspection, Limits, Refusal};

/// The box that a thumbnail fits into, pixels.
pub const THUMB_SIDE: u32 = 400;
/// The most that a `ThumbHash` is made from, pixels.
const HASH_SIDE: u32 = 100;
const QUALITY: f32 = 80.0;
const UNREADABLE: Refusal = Refusal::Damaged("it can't be decoded");

/// What the server makes of a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// WebP, fits 400 x 400, never larger than the picture, turned upright, in sRGB where the profile says how.
    pub thumb: Vec<u8>,
    /// `ThumbHash`, about 25 bytes.
    pub placeholder: Vec<u8>,
    /// Of the thumbnail, pixels.
    pub width: u32,
    /// Of the thumbnail, pixels.
    pub height: u32,
}

/// Decodes the whole picture, every frame of it, and makes the thumbnail from the first one. Give it cleaned bytes: what was cut can't
/// be inflated. Memory follows the dimensions in `inspection`, which are within the limits.
///
/// # Errors
/// When it can't be decoded, or is not what its header said.
pub fn render(bytes: &[u8], inspection: &Inspection, limits: &Limits) -> Result<Rendered, Refusal> {
    let (picture, profile) = first_frame(bytes, inspection, limits)?;
    check_size(picture.width(), picture.height(), inspection)?;
    let small = shrink(&picture, THUMB_SIDE)?;
    drop(picture);
    let mut thumb = to_srgb(small, profile.as_deref());
    if let Some(turn) = Turn::from_exif(inspection.orientation.to_exif()) {
        thumb.apply_orientation(turn);
    }
    let hashed = shrink(&thumb, HASH_SIDE)?.into_rgba8();
    let placeholder = thumbhash::rgba_to_thumb_hash(hashed.width() as usize, hashed.height() as usize, hashed.as_raw());
    Ok(Rendered { width: thumb.width(), height: thumb.height(), thumb: encode(&thumb)?, placeholder })
}

/// The first frame and its colour profile; the others are decoded too, to know that they can be.
fn first_frame(bytes: &[u8], inspection: &Inspection, limits: &Limits) -> Result<(DynamicImage, Option<Vec<u8>>), Refusal> {
    let cursor = Cursor::new(bytes);
    match inspection.content_type {
        ContentType::Gif => {
            let decoder = GifDecoder::new(cursor).map_err(unreadable)?;
            Ok((first_of(decoder.into_frames(), inspection)?, None))
        }
        // The decoder puts frames of 8 bits a channel together and no others: of 16 bits, the picture behind them is decoded.
        ContentType::Png if inspection.animated && bytes.get(24) != Some(&16) => {
            let mut decoder = PngDecoder::with_limits(cursor, decoder_limits(inspection, limits)).map_err(unreadable)?;
            let profile = decoder.icc_profile().ok().flatten();
            Ok((first_of(decoder.apng().map_err(unreadable)?.into_frames(), inspection)?, profile))
        }
        ContentType::Webp if inspection.animated => {
            let mut decoder = WebPDecoder::new(cursor).map_err(unreadable)?;
            // As in browsers, whatever the file says.
            decoder.set_background_color(Rgba([0; 4])).map_err(unreadable)?;
            let profile = decoder.icc_profile().ok().flatten();
            Ok((first_of(decoder.into_frames(), inspection)?, profile))
        }
        _ => still(cursor, inspection, limits),
    }
}

fn still(cursor: Cursor<&[u8]>, inspection: &Inspection, limits: &Limits) -> Result<(DynamicImage, Option<Vec<u8>>), Refusal> {
    let mut reader = ImageReader::with_format(cursor, format(inspection.content_type));
    reader.limits(decoder_limits(inspection, limits));
    let mut decoder = reader.into_decoder().map_err(unreadable)?;
    let (width, height) = decoder.dimensions();
    check_size(width, height, inspection)?;
    let profile = decoder.icc_profile().ok().flatten();
    Ok((DynamicImage::from_decoder(decoder).map_err(unreadable)?, profile))
}

/// Before anything follows the decoder's idea of the size, and after.
fn check_size(width: u32, height: u32, inspection: &Inspection) -> Result<(), Refusal> {
    if inspection.orientation.apply(width, height) == (inspection.width, inspection.height) {
        Ok(())
    } else {
        Err(Refusal::Damaged("its size is not the one in its header"))
    }
}

fn first_of(frames: Frames<'_>, inspection: &Inspection) -> Result<DynamicImage, Refusal> {
    let (mut first, mut count) = (None, 0_u32);
    for frame in frames {
        let frame = frame.map_err(unreadable)?;
        count += 1;
        if count > inspection.frames {
            break;
        }
        first.get_or_insert_with(|| frame.into_buffer());
    }
    if count != inspection.frames {
        return Err(Refusal::Damaged("it has not as many frames as its header says"));
    }
    first.map(DynamicImage::ImageRgba8).ok_or(Refusal::Damaged("it has no picture"))
}

fn unreadable(_: image::ImageError) -> Refusal {
    UNREADABLE
}

fn format(content_type: ContentType) -> ImageFormat {
    match content_type {
        ContentType::Jpeg => ImageFormat::Jpeg,
        ContentType::Png => ImageFormat::Png,
        ContentType::Gif => ImageFormat::Gif,
        ContentType::Webp => ImageFormat::WebP,
    }
}

fn decoder_limits(inspection: &Inspection, limits: &Limits) -> image::Limits {
    let pixels = u64::from(inspection.width) * u64::from(inspection.height);
    let mut out = image::Limits::default();
    out.max_image_width = Some(limits.max_side);
    out.max_image_height = Some(limits.max_side);
    // Four channels of 16 bits, a second copy for the decoder, and room for its tables and the profile.
    out.max_alloc = Some(pixels * 16 + limits.max_metadata_bytes * 2 + (1 << 20));
    out
}

/// Fits the picture into a square box; smaller ones stay as they are. Eight bits a channel.
fn shrink(picture: &DynamicImage, side: u32) -> Result<DynamicImage, Refusal> {
    let (width, height) = fit(picture.width(), picture.height(), side);
    let has_alpha = picture.color().has_alpha();
    if (width, height) == (picture.width(), picture.height()) {
        return Ok(if has_alpha { picture.to_rgba8().into() } else { picture.to_rgb8().into() });
    }
    let kind = if has_alpha { PixelType::U8x4 } else { PixelType::U8x3 };
    // What is large is borrowed as it was decoded, where it can be.
    let from: Cow<'_, [u8]> = match picture {
        DynamicImage::ImageRgb8(rgb) => Cow::Borrowed(rgb.as_raw()),
        DynamicImage::ImageRgba8(rgba) => Cow::Borrowed(rgba.as_raw()),
        other if has_alpha => Cow::Owned(other.to_rgba8().into_raw()),
        other => Cow::Owned(other.to_rgb8().into_raw()),
    };
    let from = ImageRef::new(picture.width(), picture.height(), &from, kind).map_err(|_| UNREADABLE)?;
    let mut to = Pixels::new(width, height, kind);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3));
    Resizer::new().resize(&from, &mut to, &options).map_err(|_| UNREADABLE)?;
    let small = if has_alpha {
        RgbaImage::from_raw(width, height, to.into_vec()).map(DynamicImage::ImageRgba8)
    } else {
        RgbImage::from_raw(width, height, to.into_vec()).map(DynamicImage::ImageRgb8)
    };
    small.ok_or(UNREADABLE)
}

/// The largest size of the same shape inside the box, at least one pixel each way, never larger than it was.
fn fit(width: u32, height: u32, side: u32) -> (u32, u32) {
    let longest = u64::from(width.max(height).max(1));
    if longest <= u64::from(side) {
        return (width, height);
    }
    let scale = |length: u32| u32::try_from((u64::from(length) * u64::from(side) + longest / 2) / longest).unwrap_or(side).max(1);
    (scale(width), scale(height))
}

/// Colours as the profile means them, where it is one of RGB; else as they are.
fn to_srgb(picture: DynamicImage, profile: Option<&[u8]>) -> DynamicImage {
    let converted = profile.and_then(|profile| {
        let from = ColorProfile::new_from_slice(profile).ok().filter(|from| from.color_space == DataColorSpace::Rgb)?;
        let (layout, raw) = match &picture {
            DynamicImage::ImageRgb8(rgb) => (Layout::Rgb, rgb.as_raw()),
            DynamicImage::ImageRgba8(rgba) => (Layout::Rgba, rgba.as_raw()),
            _ => return None,
        };
        let transform = from.create_transform_8bit(layout, &ColorProfile::new_srgb(), layout, TransformOptions::default()).ok()?;
        let mut out = vec![0; raw.len()];
        transform.transform(raw, &mut out).ok()?;
        match layout {
            Layout::Rgb => RgbImage::from_raw(picture.width(), picture.height(), out).map(DynamicImage::ImageRgb8),
            _ => RgbaImage::from_raw(picture.width(), picture.height(), out).map(DynamicImage::ImageRgba8),
        }
    });
    converted.unwrap_or(picture)
}

fn encode(picture: &DynamicImage) -> Result<Vec<u8>, Refusal> {
    let (width, height) = (picture.width(), picture.height());
    let encoded = match picture {
        DynamicImage::ImageRgb8(rgb) => webp::Encoder::from_rgb(rgb, width, height).encode_simple(false, QUALITY),
        other => webp::Encoder::from_rgba(&other.to_rgba8(), width, height).encode_simple(false, QUALITY),
    };
    encoded.map(|bytes| bytes.to_vec()).map_err(|_| UNREADABLE)
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
