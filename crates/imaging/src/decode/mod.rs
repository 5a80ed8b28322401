//! Pixels, by the pure-Rust decoders of `image` and those below it.

mod gif;
mod png;
mod scaled;

use std::io::Cursor;

use image::codecs::jpeg::JpegDecoder;
use image::codecs::webp::WebPDecoder;
use image::{AnimationDecoder, DynamicImage, Frames, ImageDecoder, Rgba};

use crate::colour::Colours;
use crate::{ContentType, Inspection, Limits, Orientation, Refusal};

const UNREADABLE: Refusal = Refusal::Damaged("it can't be decoded");
const FRAMES: Refusal = Refusal::Damaged("it has not as many frames as its header says");

/// The pixels of a picture: of its first frame, as stored.
#[derive(Debug)]
pub struct Decoded {
    pub(crate) picture: DynamicImage,
    /// The meaning of its samples.
    pub(crate) colours: Colours,
    pub(crate) orientation: Orientation,
}

/// Decodes the whole picture, or as many frames of an animation as have 32 megapixels in total, and keeps the first one, at a reduced scale
/// if the decoder can and renditions of this `side` need no more. Give it cleaned bytes, which can't inflate. It uses no more memory than
/// [`Inspection::decode_memory`], and [`Decoded::render`] afterwards neither.
///
/// # Errors
/// When it can't be decoded, or is not what its header said.
pub fn decode(
    bytes: &[u8],
    inspection: &Inspection,
    limits: &Limits,
    side: u32,
) -> Result<Decoded, Refusal> {
    let orientation = inspection.orientation;
    if inspection.content_type == ContentType::Jpeg
        && let Some((picture, colours)) = scaled::decode(bytes, inspection, side)
    {
        return Ok(Decoded {
            picture,
            colours,
            orientation,
        });
    }
    let (picture, colours) = first_frame(bytes, inspection, limits)?;
    check_size(picture.width(), picture.height(), inspection)?;
    Ok(Decoded {
        picture,
        colours,
        orientation,
    })
}

/// The first frame and the meaning of its samples; some other frames are decoded too, as a check.
fn first_frame(
    bytes: &[u8],
    inspection: &Inspection,
    limits: &Limits,
) -> Result<(DynamicImage, Colours), Refusal> {
    let cursor = Cursor::new(bytes);
    match inspection.content_type {
        ContentType::Jpeg => still(
            JpegDecoder::new(cursor).map_err(unreadable)?,
            inspection,
            limits,
        ),
        ContentType::Png => png::decode(bytes, inspection),
        ContentType::Gif => Ok((gif::decode(bytes, inspection)?, Colours::Srgb)),
        ContentType::Webp if inspection.animated => {
            let mut decoder = WebPDecoder::new(cursor).map_err(unreadable)?;
            // As in browsers, whatever the file says.
            decoder
                .set_background_color(Rgba([0; 4]))
                .map_err(unreadable)?;
            let profile = decoder.icc_profile().ok().flatten();
            Ok((
                first_of(decoder.into_frames(), inspection)?,
                Colours::of_icc(profile.as_deref(), inspection.colour),
            ))
        }
        ContentType::Webp => still(
            WebPDecoder::new(cursor).map_err(unreadable)?,
            inspection,
            limits,
        ),
    }
}

fn still(
    mut decoder: impl ImageDecoder,
    inspection: &Inspection,
    limits: &Limits,
) -> Result<(DynamicImage, Colours), Refusal> {
    decoder
        .set_limits(decoder_limits(inspection, limits))
        .map_err(unreadable)?;
    let (width, height) = decoder.dimensions();
    check_size(width, height, inspection)?;
    let profile = decoder.icc_profile().ok().flatten();
    Ok((
        DynamicImage::from_decoder(decoder).map_err(unreadable)?,
        Colours::of_icc(profile.as_deref(), inspection.colour),
    ))
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
    let (mut first, mut count, looked_at) = (None, 0_u32, looked_at(inspection));
    for frame in frames {
        let frame = frame.map_err(unreadable)?;
        count += 1;
        if count > inspection.frames {
            break;
        }
        first.get_or_insert_with(|| frame.into_buffer());
        if count == looked_at && count < inspection.frames {
            return first.map(DynamicImage::ImageRgba8).ok_or(UNREADABLE);
        }
    }
    if count != inspection.frames {
        return Err(FRAMES);
    }
    first.map(DynamicImage::ImageRgba8).ok_or(UNREADABLE)
}

/// How many frames are decoded.
fn looked_at(inspection: &Inspection) -> u32 {
    crate::cost::looked_at(
        inspection.frames,
        u64::from(inspection.width) * u64::from(inspection.height),
    )
}

fn unreadable(_: image::ImageError) -> Refusal {
    UNREADABLE
}

fn decoder_limits(inspection: &Inspection, limits: &Limits) -> image::Limits {
    let mut out = image::Limits::default();
    out.max_image_width = Some(limits.max_side);
    out.max_image_height = Some(limits.max_side);
    out.max_alloc = Some(inspection.decode_memory);
    out
}
