//! JPEG by the decoder that works at a reduced scale, and that reads every layout of samples.

use image::{DynamicImage, GrayImage, RgbImage};
use jpeg_decoder::{ColorTransform, Decoder, PixelFormat};

use crate::Inspection;
use crate::coding::{Coding, Components, SCALED_FROM};
use crate::colour::{Colours, inks};

/// A large JPEG at a half, a quarter or an eighth of its size, by a smaller inverse DCT. What comes out is a quarter larger than the box
/// at least, so that the resizer still decides how it looks. A smaller one as it is, when the ordinary decoder would not read it as it is
/// meant. `None` where this can't be done, or goes wrong: then the ordinary decoder has the word.
pub fn decode(bytes: &[u8], inspection: &Inspection, side: u32) -> Option<(DynamicImage, Colours)> {
    let coding = Coding::read(bytes)?;
    let longest = inspection.width.max(inspection.height);
    let wanted = side
        .checked_add(side / 4)
        .and_then(|wanted| u16::try_from(wanted).ok());
    let wanted = wanted.filter(|wanted| longest >= 2 * u32::from(*wanted));
    if wanted.is_none() && (coding.is_usual() || longest >= SCALED_FROM) {
        return None;
    }
    // By default the decoder starts a thread for each component, and queues the work that they are too slow for. In a pool of one thread,
    // which does everything, it stays within the core and the memory of its caller.
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .ok()?;
    let (picture, profile) = pool.install(|| decode_here(bytes, coding.meaning()?, wanted))?;
    Some((
        picture,
        Colours::of_icc(profile.as_deref(), inspection.colour),
    ))
}

fn decode_here(
    bytes: &[u8],
    components: Components,
    wanted: Option<u16>,
) -> Option<(DynamicImage, Option<Vec<u8>>)> {
    let mut decoder = Decoder::new(bytes);
    decoder.set_color_transform(match components {
        Components::Grey => ColorTransform::Grayscale,
        Components::Rgb => ColorTransform::RGB,
        Components::Ycc => ColorTransform::YCbCr,
        Components::Inks => ColorTransform::CMYK,
        Components::InksAsYcc => ColorTransform::YCCK,
    });
    // The scale is the smallest one that is large enough in one of these.
    let (width, height) = match wanted {
        Some(wanted) => decoder.scale(wanted, wanted).ok()?,
        None => decoder
            .read_info()
            .ok()
            .and_then(|()| decoder.info())
            .map(|info| (info.width, info.height))?,
    };
    let (format, size) = (
        decoder.info()?.pixel_format,
        (u32::from(width), u32::from(height)),
    );
    let pixels = decoder.decode().ok()?;
    let profile = decoder.icc_profile();
    let picture = match format {
        PixelFormat::L8 => GrayImage::from_raw(size.0, size.1, pixels).map(DynamicImage::from),
        PixelFormat::RGB24 => RgbImage::from_raw(size.0, size.1, pixels).map(DynamicImage::from),
        // The decoder has turned what is stored upside down, as Adobe stores inks.
        PixelFormat::CMYK32 => {
            RgbImage::from_raw(size.0, size.1, inks::mixed(pixels)).map(DynamicImage::from)
        }
        PixelFormat::L16 => None,
    }?;
    Some((picture, profile))
}
