use image::{DynamicImage, GrayImage, RgbImage};
use jpeg_decoder::{Decoder, PixelFormat};

use crate::Inspection;

/// A JPEG at a half, a quarter or an eighth of its size, by a smaller inverse DCT, and its profile. What comes out is a quarter larger
/// than the box at least, so that the resizer still decides how it looks. `None` where this can't be done, or goes wrong: then the
/// ordinary decoder has the word.
pub fn decode(bytes: &[u8], inspection: &Inspection, side: u32) -> Option<(DynamicImage, Option<Vec<u8>>)> {
    let wanted = side.checked_add(side / 4)?;
    if inspection.width.max(inspection.height) < wanted.checked_mul(2)? {
        return None;
    }
    let wanted = u16::try_from(wanted).ok()?;
    // Left to itself, the decoder starts a thread for each component, and queues for them what they are too slow for. In a pool of one
    // thread, which does everything, it keeps to the core and to the memory that its caller has taken.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().ok()?;
    pool.install(|| decode_here(bytes, wanted))
}

fn decode_here(bytes: &[u8], wanted: u16) -> Option<(DynamicImage, Option<Vec<u8>>)> {
    let mut decoder = Decoder::new(bytes);
    // The scale is the smallest one that is large enough in one of these.
    let (width, height) = decoder.scale(wanted, wanted).ok()?;
    let format = decoder.info()?.pixel_format;
    if !matches!(format, PixelFormat::L8 | PixelFormat::RGB24) {
        return None;
    }
    let pixels = decoder.decode().ok()?;
    let picture = if format == PixelFormat::L8 {
        GrayImage::from_raw(width.into(), height.into(), pixels).map(DynamicImage::from)
    } else {
        RgbImage::from_raw(width.into(), height.into(), pixels).map(DynamicImage::from)
    }?;
    Some((picture, decoder.icc_profile()))
}
