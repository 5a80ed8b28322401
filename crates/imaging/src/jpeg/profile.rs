//! The colour profile of a JPEG: segments of at most 64 KB each, which say where they belong. ICC.1, annex B.4.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

use super::write_segment;
use crate::{Colour, FormatLimits, Refusal, RemovedCode, icc};

pub const NAME: &[u8] = b"ICC_PROFILE\0";
/// Behind the name are the piece's number, from 1 on, and how many there are.
const HEADER: usize = NAME.len() + 2;
/// The most that a segment has room for behind its length, and this header.
const MOST: usize = 65_533 - HEADER;

/// The pieces, as the segments that they are.
#[derive(Default)]
pub struct Profile {
    segments: Vec<u8>,
    pieces: Vec<Range<usize>>,
    /// Where the first one stood among the kept segments.
    pub at: usize,
}

impl Profile {
    /// Keeps a piece for now, which stands here among the kept segments.
    pub fn keep(&mut self, data: &[u8], at: usize, limits: &FormatLimits) -> Result<(), Refusal> {
        let start = self.segments.len();
        if (start + data.len()) as u64 > limits.max_metadata_bytes {
            return Err(Refusal::Damaged("its colour profile is too large"));
        }
        if start == 0 {
            self.at = at;
        }
        write_segment(&mut self.segments, 0xe2, data);
        self.pieces.push(start..self.segments.len());
        Ok(())
    }

    /// Cuts the profile in the pieces to what colours need, now that their kind is known; returns what was removed.
    pub fn cut(&self, colour: Colour) -> (Cow<'_, [u8]>, BTreeSet<RemovedCode>) {
        let whole = (Cow::Borrowed(&*self.segments), BTreeSet::new());
        if self.pieces.is_empty() {
            return whole;
        }
        let Some(profile) = self.joined() else {
            // No program reads a profile with a missing piece.
            return (
                Cow::Borrowed(&[]),
                BTreeSet::from([RemovedCode::ColourProfile]),
            );
        };
        let cut = icc::cut(&profile, colour);
        match cut.profile {
            Some(Cow::Borrowed(_)) => whole,
            profile => (
                Cow::Owned(written(&profile.unwrap_or_default())),
                cut.removed,
            ),
        }
    }

    /// All pieces in their order. `None`: one is missing, or there is one too many.
    fn joined(&self) -> Option<Vec<u8>> {
        // Behind the marker and the length.
        let data = |range: &Range<usize>| self.segments.get(range.start + 4..range.end);
        let count = u8::try_from(self.pieces.len()).ok()?;
        let mut joined = Vec::new();
        for number in 1..=count {
            let is_it = |data: &&[u8]| data.get(NAME.len()..HEADER) == Some(&[number, count]);
            joined.extend_from_slice(
                self.pieces
                    .iter()
                    .filter_map(data)
                    .find(is_it)?
                    .get(HEADER..)?,
            );
        }
        Some(joined)
    }
}

/// As segments.
fn written(profile: &[u8]) -> Vec<u8> {
    let count = u8::try_from(profile.len().div_ceil(MOST)).unwrap_or(u8::MAX);
    let mut out = Vec::with_capacity(profile.len() + 64);
    for (number, piece) in (1..=count).zip(profile.chunks(MOST)) {
        write_segment(&mut out, 0xe2, &[NAME, &[number, count], piece].concat());
    }
    out
}
