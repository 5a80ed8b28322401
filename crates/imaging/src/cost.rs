//! Estimates the time of decoding and rendering on one core from the headers, for scheduling: rather too high than too low, for a current
//! machine, and not reliable for a file that was made to be slow.

use crate::{Colour, ContentType, Walked};

/// Frames of an animation are decoded up to this many pixels in total, and the first one always.
pub const LOOKED_AT: u64 = 32_000_000;
/// Shrinking, and turning colours into sRGB, nanoseconds a pixel.
const SHRINK: u64 = 4;
/// Encoding a preview and a thumbnail, nanoseconds a pixel of the box.
const ENCODE: u64 = 130;
const BOX: u64 = crate::PREVIEW_SIDE as u64 * crate::PREVIEW_SIDE as u64;

/// How many frames of a canvas are decoded. The rest were walked only: they lie inside the canvas and their decoders allocate bounded
/// memory, but decoding them all would take seconds. A damaged one shows less than it should, and does no other harm.
#[cfg(feature = "render")]
pub fn looked_at(frames: u32, pixels: u64) -> u32 {
    u32::try_from(LOOKED_AT / pixels.max(1))
        .unwrap_or(u32::MAX)
        .clamp(1, frames.max(1))
}

/// Milliseconds.
pub fn decode_ms(content_type: ContentType, walked: &Walked) -> u32 {
    let pixels = u64::from(walked.width) * u64::from(walked.height);
    let decoding = match content_type {
        // Later scans refine the first one.
        ContentType::Jpeg => 12 * pixels + 5 * walked.total_pixels.saturating_sub(pixels),
        _ => nanoseconds(content_type, walked) * walked.total_pixels.min(LOOKED_AT.max(pixels)),
    };
    let ns = decoding + pixels * SHRINK + pixels.min(BOX) * ENCODE;
    u32::try_from(ns / 1_000_000).unwrap_or(u32::MAX)
}

/// A decoded pixel.
fn nanoseconds(content_type: ContentType, walked: &Walked) -> u64 {
    match content_type {
        ContentType::Jpeg | ContentType::Png => {
            if walked.colour == Colour::Grey {
                8
            } else {
                16
            }
        }
        ContentType::Gif => 12,
        ContentType::Webp => {
            if walked.animated || walked.has_alpha {
                20
            } else {
                14
            }
        }
    }
}
