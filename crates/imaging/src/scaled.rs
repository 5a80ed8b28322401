use image::{DynamicImage, GrayImage, RgbImage};
use jpeg_decoder::{Decoder, PixelFormat};

use crate::{Inspection, Limits};

/// A JPEG at a half, a quarter or an eighth of its size, by a smaller inverse DCT, and its profile. What comes out is a quarter larger
/// than the box at least, so that the resizer still decides how it looks. `None` where this can't be done, or goes wrong: then the
/// ordinary decoder has the word.
pub fn decode(bytes: &[u8], inspection: &Inspection, limits: &Limits, side: u32) -> Option<(DynamicImage, Option<Vec<u8>>)> {
    let wanted = side.checked_add(side / 4)?;
    if inspection.width.max(inspection.height) < wanted.checked_mul(2)? {
        return None;
    }
    let mut decoder = Decoder::new(bytes);
    let wanted = u16::try_from(wanted).ok()?;
    // The scale is the smallest one that is large enough in one of these.
    let (width, height) = decoder.scale(wanted, wanted).ok()?;
    decoder.set_max_decoding_buffer_size(usize::try_from(limits.max_pixels.checked_mul(3)?).ok()?);
    let pixels = decoder.decode().ok()?;
    let picture = match decoder.info()?.pixel_format {
        PixelFormat::L8 => GrayImage::from_raw(width.into(), height.into(), pixels).map(DynamicImage::from),
        PixelFormat::RGB24 => RgbImage::from_raw(width.into(), height.into(), pixels).map(DynamicImage::from),
        PixelFormat::L16 | PixelFormat::CMYK32 => None,
    }?;
    Some((picture, decoder.icc_profile()))
}
