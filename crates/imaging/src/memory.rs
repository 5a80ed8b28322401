//! The peak memory of decoding and rendering, from the headers. `tests/suite/memory.rs` measures that it is not exceeded.

/// The decoders' tables, an unpacked profile and its copy, a stack.
const TABLES: u64 = 16 << 20;
/// The most that a lossless WebP may use for its codes: ten times what encoders make of twelve megapixels.
pub const CODES: u64 = 48 << 20;
/// The box that a picture is shrunk into before anything else is done to it.
const BOX: u64 = crate::PREVIEW_SIDE as u64;
/// Bytes per pixel of a picture in that box: rotated and converted copies, the encoder's own, the result.
const RENDERING: u64 = 24;

/// What a walk over the headers finds out.
#[derive(Clone, Copy)]
pub struct Memory {
    /// Most that the decoder holds at once, its result with it.
    pub decoding: u64,
    /// Bytes of a decoded pixel.
    pub pixel: u64,
}

impl Memory {
    /// The peak of decoding, then rendering, a file of this size: decoders copy the file once.
    pub fn at_most(self, width: u32, height: u32, file: usize) -> u64 {
        let (width, height) = (u64::from(width), u64::from(height));
        let pixels = width * height;
        // The resizer scales the rows first, and keeps them for the columns.
        let shortened = if width.max(height) > BOX {
            width.min(height) * BOX * self.pixel
        } else {
            0
        };
        let rendering = pixels * self.pixel + shortened + pixels.min(BOX * BOX) * RENDERING;
        self.decoding.max(rendering) + file as u64 + TABLES
    }
}
