use std::time::Duration;

use crate::Refusal;

/// What a picture may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest file, bytes.
    pub max_bytes: u64,
    /// Most pixels of one frame.
    pub max_pixels: u64,
    /// Longest side, pixels.
    pub max_side: u32,
    /// Most frames of an animation.
    pub max_frames: u32,
    /// Most pixels of all frames together.
    pub max_total_pixels: u64,
    /// Largest colour profile, bytes after decompression.
    pub max_metadata_bytes: u64,
    /// Longest time for checking and decoding one picture; longer than any within the other limits takes. Whoever decodes keeps it.
    pub max_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_bytes: 25_000_000,
            max_pixels: 50_000_000,
            max_side: 16_384,
            max_frames: 1_000,
            max_total_pixels: 500_000_000,
            max_metadata_bytes: 4_000_000,
            max_time: Duration::from_secs(30),
        }
    }
}

impl Limits {
    /// Most memory that a decoder may take for a picture that its header says is this large, bytes: four channels of 16 bits, a second
    /// copy of them, and room for its tables and the profile.
    #[must_use]
    pub fn decode_memory(&self, width: u32, height: u32) -> u64 {
        u64::from(width) * u64::from(height) * 16 + self.max_metadata_bytes * 2 + (1 << 20)
    }

    pub(crate) fn check(&self, width: u32, height: u32, frames: u32) -> Result<(), Refusal> {
        if width == 0 || height == 0 || frames == 0 {
            return Err(Refusal::Damaged("it has no pixels"));
        }
        if width.max(height) > self.max_side {
            let detail =
                format!("The picture is {width} x {height}; no side may be longer than {} pixels. Save it smaller.", self.max_side);
            return Err(Refusal::TooLarge(detail));
        }
        let pixels = u64::from(width) * u64::from(height);
        if pixels > self.max_pixels {
            let (has, most) = (pixels / 1_000_000, self.max_pixels / 1_000_000);
            return Err(Refusal::TooLarge(format!("The picture has {has} megapixels; at most {most} are accepted. Save it smaller.")));
        }
        if frames > self.max_frames || (frames > 1 && pixels * u64::from(frames) > self.max_total_pixels) {
            let detail = format!("The animation has {frames} frames of {width} x {height}: that is too much. Save it shorter or smaller.");
            return Err(Refusal::TooLarge(detail));
        }
        Ok(())
    }
}
