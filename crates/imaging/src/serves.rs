//! Images that are small enough to be shown as they are.

use crate::render::HASH_SIDE;
use crate::{Inspection, PREVIEW_SIDE, THUMB_SIDE};

/// The largest file that is its own preview, bytes.
const PREVIEW_BYTES: usize = 300_000;
/// The largest file that is its own thumbnail, bytes: a gallery is a window full of them.
const THUMB_BYTES: usize = 40_000;

/// What a published image serves as, beside being the original: that is not made of it again. Drawings of few pixels stay as sharp as
/// they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Serves {
    /// A preview and a thumbnail are made of it.
    AsOriginal,
    /// It is its own preview: it fits 1600 x 1600 pixels and has at most 300 KB.
    AsPreview,
    /// It is its own preview and thumbnail: it fits 400 x 400 pixels and has at most 40 KB.
    AsThumb,
}

impl Serves {
    /// What a file of so many bytes serves as. Animations serve as neither: renditions hold still.
    #[must_use]
    pub fn of(inspection: &Inspection, bytes: usize) -> Self {
        let longest = inspection.width.max(inspection.height);
        match longest {
            _ if inspection.animated => Self::AsOriginal,
            ..=THUMB_SIDE if bytes <= THUMB_BYTES => Self::AsThumb,
            ..=PREVIEW_SIDE if bytes <= PREVIEW_BYTES => Self::AsPreview,
            _ => Self::AsOriginal,
        }
    }

    /// The longest side of what is still to be made of it, pixels: decoding needs no more.
    #[must_use]
    pub const fn side(self) -> u32 {
        match self {
            Self::AsOriginal => PREVIEW_SIDE,
            Self::AsPreview => THUMB_SIDE,
            Self::AsThumb => HASH_SIDE,
        }
    }
}
