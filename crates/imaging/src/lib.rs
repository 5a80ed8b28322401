//! Pure functions over the bytes of an image: what it is, how large, what it gives away, and the same picture without that.
//!
//! [`sniff()`], [`inspect`] and [`clean`] compile for `wasm32` and allocate no more than a copy of the input: the sizes in a header are
//! compared with [`Limits`] before they are used. Each container has its own small walker here, because it has to be bounded and to name
//! what it cuts; `render` (a feature) decodes with the pure-Rust decoders of `image`.

mod bytes;
mod coding;
#[cfg(feature = "render")]
mod colour;
mod cost;
#[cfg(feature = "render")]
mod decode;
mod deflate;
#[cfg(feature = "render")]
mod encode;
mod exif;
mod gif;
mod icc;
mod jpeg;
mod limits;
mod memory;
mod png;
mod refusal;
#[cfg(feature = "render")]
mod render;
#[cfg(feature = "render")]
mod resize;
#[cfg(feature = "render")]
mod serves;
mod sniff;
mod webp;

use std::collections::BTreeSet;

use coding::Coding;
use memory::Memory;

#[cfg(feature = "render")]
pub use decode::{Decoded, decode};
pub use exif::Orientation;
pub use limits::{FormatLimits, Limits};
pub use refusal::Refusal;
#[cfg(feature = "render")]
pub use render::{RenderError, Rendition, Renditions, fit};
#[cfg(feature = "render")]
pub use serves::Serves;
pub use sniff::sniff;
pub use tintype_dto::{ContentType, RemovedCode};

/// The box that a preview fits into, pixels.
pub const PREVIEW_SIDE: u32 = 1600;
/// The box that a thumbnail fits into, pixels.
pub const THUMB_SIDE: u32 = 400;
/// Quality of a preview, from 0 to 100 as in libwebp.
pub const PREVIEW_QUALITY: f32 = 80.0;
/// Quality of a thumbnail: libwebp's default. At 80 it would weigh a fifth more, and a gallery is a window full of them.
pub const THUMB_QUALITY: f32 = 75.0;

/// The version of this cleaner. Every change to what is cut or to how renditions look raises it, and images of older versions are
/// made again.
pub const CLEANER: i32 = 1;

/// How colours are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// Brightness alone.
    Grey,
    /// Red, green and blue, or what stands for them.
    Rgb,
    /// Places in a table of colours.
    Indexed,
    /// Four inks.
    Cmyk,
}

/// What the headers say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// The type found in the bytes.
    pub content_type: ContentType,
    /// Pixels across, orientation applied.
    pub width: u32,
    /// Pixels down, orientation applied.
    pub height: u32,
    /// How the stored pixels have to be turned.
    pub orientation: Orientation,
    /// Frames of an animation; 1 for a still picture.
    pub frames: u32,
    /// Whether it is an animation.
    pub animated: bool,
    /// How colours are stored.
    pub colour: Colour,
    /// Whether pixels can be transparent.
    pub has_alpha: bool,
    /// What it holds besides the picture, sorted, each once: cleaning cuts all of it.
    pub report: Vec<RemovedCode>,
    /// Most memory that decoding and rendering take, bytes.
    pub decode_memory: u64,
    /// What decoding and rendering take of one core by estimate, milliseconds.
    pub decode_ms: u32,
}

/// A picture without what gives its owner away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cleaned {
    /// The same picture: no pixel is encoded anew.
    pub bytes: Vec<u8>,
    /// What was cut, sorted, each once.
    pub removed: Vec<RemovedCode>,
    /// What the headers of these bytes say.
    pub inspection: Inspection,
}

/// The result of walking a container: the numbers of the header, the kept bytes, and what was cut.
struct Walked {
    /// As stored, before orientation.
    width: u32,
    height: u32,
    orientation: Orientation,
    frames: u32,
    animated: bool,
    /// Pixels of all frames together; of a JPEG, of all its scans.
    total_pixels: u64,
    colour: Colour,
    has_alpha: bool,
    memory: Memory,
    kept: Vec<u8>,
    removed: BTreeSet<RemovedCode>,
}

/// Reads the headers.
///
/// # Errors
/// When it is no supported picture, breaks a limit, or is damaged.
pub fn inspect(bytes: &[u8], limits: &Limits) -> Result<Inspection, Refusal> {
    let (content_type, walked) = walk(bytes, limits)?;
    Ok(walked.inspection(content_type))
}

/// Cuts everything but the pixels, the colour profile, the orientation and the animation. Cleaning twice is cleaning once.
///
/// # Errors
/// When it is no supported picture, breaks a limit, or is damaged.
pub fn clean(bytes: &[u8], limits: &Limits) -> Result<Cleaned, Refusal> {
    let (content_type, walked) = walk(bytes, limits)?;
    let mut inspection = walked.inspection(content_type);
    let removed = std::mem::take(&mut inspection.report);
    Ok(Cleaned {
        bytes: walked.kept,
        removed,
        inspection,
    })
}

fn walk(bytes: &[u8], limits: &Limits) -> Result<(ContentType, Walked), Refusal> {
    let content_type = sniff(bytes)?;
    let limits = limits.of(content_type);
    if bytes.len() as u64 > limits.max_bytes {
        return Err(Refusal::FileTooLarge {
            bytes: bytes.len() as u64,
            most: limits.max_bytes,
        });
    }
    let walked = match content_type {
        ContentType::Jpeg => jpeg::walk(bytes, &limits),
        ContentType::Png => png::walk(bytes, &limits),
        ContentType::Gif => gif::walk(bytes, &limits),
        ContentType::Webp => webp::walk(bytes, &limits),
    }?;
    limits.check(walked.width, walked.height, walked.frames)?;
    limits.check_memory(walked.decode_memory())?;
    Ok((content_type, walked))
}

impl Walked {
    fn inspection(&self, content_type: ContentType) -> Inspection {
        let (width, height) = self.orientation.apply(self.width, self.height);
        Inspection {
            content_type,
            width,
            height,
            orientation: self.orientation,
            frames: self.frames,
            animated: self.animated,
            colour: self.colour,
            has_alpha: self.has_alpha,
            report: self.removed.iter().copied().collect(),
            decode_memory: self.decode_memory(),
            decode_ms: cost::decode_ms(content_type, self),
        }
    }

    fn decode_memory(&self) -> u64 {
        let memory = Coding::read(&self.kept).map_or(self.memory, |coding| {
            coding.memory(self.memory, self.width, self.height)
        });
        memory.at_most(self.width, self.height, self.kept.len())
    }
}
