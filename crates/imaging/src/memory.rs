//! What decoding and rendering take at most, from what the headers say. `tests/suite/memory.rs` measures that they don't take more.

/// The decoders' tables, an unpacked profile and its copy, a stack.
const TABLES: u64 = 16 << 20;
/// What a lossless WebP may want for its codes: ten times what encoders make of twelve megapixels.
pub const CODES: u64 = 48 << 20;
/// The box that a picture is shrunk into before anything else is done to it.
const BOX: u64 = crate::PREVIEW_SIDE as u64;
/// What a picture in that box takes for each pixel: turned and converted copies, the encoder's own, the result.
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
    /// Of decoding, then rendering, a file of so many bytes: decoders copy the file once.
    pub fn at_most(self, width: u32, height: u32, file: usize) -> u64 {
        let (width, height) = (u64::from(width), u64::from(height));
        let pixels = width * height;
        // The resizer goes over the rows first, and holds them, shortened, for the columns.
        let shortened = if width.max(height) > BOX {
            width.min(height) * BOX * self.pixel
        } else {
            0
        };
        let rendering = pixels * self.pixel + shortened + pixels.min(BOX * BOX) * RENDERING;
        self.decoding.max(rendering) + file as u64 + TABLES
    }
}
