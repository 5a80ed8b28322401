//! Renditions as WebP, with a profile where they are not in sRGB.

use std::collections::BTreeSet;

use ::webp::{Encoder, WebPConfig};
use image::DynamicImage;

use crate::colour::Screen;
use crate::webp::{ALPHA_FLAG, ICC_FLAG, write_chunk};
use crate::{RenderError, Rendition};

/// In front of every chunk: its kind and its length.
const HEAD: usize = 8;
/// "RIFF", the length of the rest, "WEBP".
const START: usize = 12;

/// How hard libwebp tries, 0 to 6, where there is loss: at its usual 4 a preview takes 2.5 times the processor and a thumbnail twice, for files
/// that are 5 % smaller (`examples/webp_methods.rs`).
const METHOD: i32 = 2;
/// Pixels of what may be encoded without loss: a thumbnail's.
const SMALL: u32 = crate::THUMB_SIDE * crate::THUMB_SIDE;
/// Pixels of an icon.
const TINY: u32 = 64 * 64;
/// What fits a palette.
const FEW_COLOURS: usize = 256;

/// How much larger it may be without loss. Grey photographs have few colours too: they would be four times as large and more.
const DEARER: usize = 2;

/// Of three or four channels, in the colours of that screen.
pub fn encode(
    picture: &DynamicImage,
    quality: f32,
    screen: Screen,
) -> Result<Rendition, RenderError> {
    let (width, height) = (picture.width(), picture.height());
    let webp = lossless_where_small(picture, quality)?;
    let webp = match screen {
        Screen::Srgb => webp,
        Screen::DisplayP3 => {
            let profile = screen.icc().ok_or(RenderError::Encode)?;
            with_profile(
                &webp,
                (width, height),
                &profile,
                picture.color().has_alpha(),
            )
            .ok_or(RenderError::Encode)?
        }
    };
    Ok(Rendition {
        webp,
        width,
        height,
    })
}

/// Without loss where that is small too, and loss would be seen: lossy WebP halves the resolution of colours, which drawings, small text and
/// icons of few pixels live from.
fn lossless_where_small(picture: &DynamicImage, quality: f32) -> Result<Vec<u8>, RenderError> {
    let pixels = picture.width() * picture.height();
    if pixels <= TINY {
        return webp(picture, true, quality);
    }
    let lossy = webp(picture, false, quality)?;
    if pixels > SMALL || !has_few_colours(picture) {
        return Ok(lossy);
    }
    let lossless = webp(picture, true, quality)?;
    let is_small = lossless.len() <= DEARER * lossy.len();
    Ok(if is_small { lossless } else { lossy })
}

fn webp(picture: &DynamicImage, is_lossless: bool, quality: f32) -> Result<Vec<u8>, RenderError> {
    let (width, height) = (picture.width(), picture.height());
    let config = config(is_lossless, quality).ok_or(RenderError::Encode)?;
    let encoded = match picture {
        DynamicImage::ImageRgb8(rgb) => {
            Encoder::from_rgb(rgb, width, height).encode_advanced(&config)
        }
        other => Encoder::from_rgba(&other.to_rgba8(), width, height).encode_advanced(&config),
    };
    Ok(encoded.map_err(|_| RenderError::Encode)?.to_vec())
}

fn config(is_lossless: bool, quality: f32) -> Option<WebPConfig> {
    let mut config = WebPConfig::new().ok()?;
    config.quality = quality;
    if is_lossless {
        (config.lossless, config.alpha_compression) = (1, 0);
    } else {
        config.method = METHOD;
    }
    Some(config)
}

fn has_few_colours(picture: &DynamicImage) -> bool {
    let channels = usize::from(picture.color().channel_count());
    let mut colours = BTreeSet::new();
    // A photograph has more within its first rows.
    picture.as_bytes().chunks_exact(channels).all(|pixel| {
        colours.insert(pixel);
        colours.len() <= FEW_COLOURS
    })
}

/// The same file of the extended kind, which it is already when it has transparency.
fn with_profile(
    webp: &[u8],
    (width, height): (u32, u32),
    profile: &[u8],
    has_alpha: bool,
) -> Option<Vec<u8>> {
    let chunks = webp.get(START..)?;
    let [across, down] = [width, height].map(|side| side.saturating_sub(1).to_le_bytes());
    let flags = if has_alpha { ALPHA_FLAG } else { 0 };
    let mut header = [
        flags, 0, 0, 0, across[0], across[1], across[2], down[0], down[1], down[2],
    ];
    let pixels = if chunks.starts_with(b"VP8X") {
        let (old, pixels) = chunks.get(HEAD..)?.split_at_checked(header.len())?;
        header.copy_from_slice(old);
        pixels
    } else {
        chunks
    };
    header[0] |= ICC_FLAG;
    let mut body = b"WEBP".to_vec();
    write_chunk(&mut body, *b"VP8X", &header);
    write_chunk(&mut body, *b"ICCP", profile);
    body.extend_from_slice(pixels);
    let mut out = Vec::with_capacity(body.len() + HEAD);
    write_chunk(&mut out, *b"RIFF", &body);
    Some(out)
}
