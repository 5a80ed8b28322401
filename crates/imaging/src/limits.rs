//! What a picture may be.

use std::time::Duration;

use crate::{ContentType, Refusal};

/// The operator's limits. They only tighten the [`Limits::of`] of a format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest file, bytes.
    pub max_bytes: u64,
    /// Most pixels of one frame.
    pub max_pixels: u64,
    /// Longest side, pixels.
    pub max_side: u32,
    /// Most memory that decoding one picture may take, bytes.
    pub max_memory: u64,
}

/// The limits of one format. All are checked against headers, before any memory is allocated for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormatLimits {
    /// Largest file, bytes.
    pub max_bytes: u64,
    /// Most pixels of one frame.
    pub max_pixels: u64,
    /// Longest side, pixels.
    pub max_side: u32,
    /// Most frames of an animation.
    pub max_frames: u32,
    /// Most pixels of all frames together; of a JPEG, of all its scans, each of which may run over the whole picture.
    pub max_total_pixels: u64,
    /// Largest colour profile, bytes after decompression.
    pub max_metadata_bytes: u64,
    /// Most memory that decoding and rendering may take by [`Inspection::decode_memory`](crate::Inspection::decode_memory), bytes.
    pub max_memory: u64,
    /// Longest time for checking and decoding; longer than any picture within the other limits takes. The decoder's caller enforces it.
    pub max_time: Duration,
}

const MEGA: u64 = 1_000_000;
const GIB: u64 = 1 << 30;

const JPEG: FormatLimits = FormatLimits {
    max_bytes: 100 * MEGA,
    max_pixels: 100 * MEGA,
    max_side: 65_535,
    max_frames: 1,
    max_total_pixels: 2_000 * MEGA,
    max_metadata_bytes: 4 * MEGA,
    max_memory: GIB,
    max_time: Duration::from_secs(20),
};
const PNG: FormatLimits = FormatLimits {
    max_frames: 1_000,
    max_total_pixels: 500 * MEGA,
    ..JPEG
};
const GIF: FormatLimits = FormatLimits {
    max_pixels: 50 * MEGA,
    max_metadata_bytes: MEGA,
    max_memory: GIB / 2,
    max_time: Duration::from_secs(30),
    ..PNG
};
/// The slowest to decode. Its sides have 14 bits.
const WEBP: FormatLimits = FormatLimits {
    max_side: 16_384,
    max_total_pixels: 300 * MEGA,
    max_time: Duration::from_secs(30),
    ..PNG
};

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_bytes: 25 * MEGA,
            max_pixels: 64 * MEGA,
            max_side: 32_768,
            max_memory: 448 << 20,
        }
    }
}

impl Limits {
    /// What a picture of this format may be.
    #[must_use]
    pub fn of(&self, content_type: ContentType) -> FormatLimits {
        let format = match content_type {
            ContentType::Jpeg => JPEG,
            ContentType::Png => PNG,
            ContentType::Gif => GIF,
            ContentType::Webp => WEBP,
        };
        FormatLimits {
            max_bytes: self.max_bytes.min(format.max_bytes),
            max_pixels: self.max_pixels.min(format.max_pixels),
            max_side: self.max_side.min(format.max_side),
            max_memory: self.max_memory.min(format.max_memory),
            ..format
        }
    }
}

impl FormatLimits {
    pub(crate) fn check(&self, width: u32, height: u32, frames: u32) -> Result<(), Refusal> {
        if width == 0 || height == 0 || frames == 0 {
            return Err(Refusal::Damaged("it has no pixels"));
        }
        if width.max(height) > self.max_side {
            let detail = format!(
                "The picture is {width} x {height}; no side may be longer than {} pixels. Save it smaller.",
                self.max_side
            );
            return Err(Refusal::TooLarge(detail));
        }
        let pixels = u64::from(width) * u64::from(height);
        if pixels > self.max_pixels {
            // In tenths, and never rounded to the same: what is too much up, what is accepted down.
            let megapixels = |tenths: u64| {
                if tenths.is_multiple_of(10) {
                    (tenths / 10).to_string()
                } else {
                    format!("{}.{}", tenths / 10, tenths % 10)
                }
            };
            let (has, most) = (
                megapixels(pixels.div_ceil(MEGA / 10)),
                megapixels(self.max_pixels / (MEGA / 10)),
            );
            return Err(Refusal::TooLarge(format!(
                "The picture has {has} megapixels; at most {most} are accepted. Save it smaller."
            )));
        }
        if frames > self.max_frames
            || (frames > 1 && pixels * u64::from(frames) > self.max_total_pixels)
        {
            let detail = format!(
                "The animation has {frames} frames of {width} x {height}: that is too much. Save it shorter or smaller."
            );
            return Err(Refusal::TooLarge(detail));
        }
        Ok(())
    }

    pub(crate) fn check_memory(&self, bytes: u64) -> Result<(), Refusal> {
        if bytes > self.max_memory {
            let (needs, most) = (bytes.div_ceil(1 << 20), self.max_memory >> 20);
            let detail = format!(
                "Decoding the picture takes {needs} MiB of memory; at most {most} are given to it. Save it smaller."
            );
            return Err(Refusal::TooLarge(detail));
        }
        Ok(())
    }
}
