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

/// The pieces, where they stand among the kept segments.
#[derive(Default)]
pub struct Profile {
    pub pieces: Vec<Range<usize>>,
    bytes: u64,
}

impl Profile {
    /// Keeps a piece for now.
    pub fn keep(
        &mut self,
        data: &[u8],
        segments: &mut Vec<u8>,
        limits: &FormatLimits,
    ) -> Result<(), Refusal> {
        self.bytes += data.len() as u64;
        if self.bytes > limits.max_metadata_bytes {
            return Err(Refusal::Damaged("its colour profile is too large"));
        }
        let start = segments.len();
        write_segment(segments, 0xe2, data);
        self.pieces.push(start..segments.len());
        Ok(())
    }

    /// Leaves of the pieces what colours need, once it is known which colours there are.
    pub fn cut(&self, segments: &mut Vec<u8>, colour: Colour) -> BTreeSet<RemovedCode> {
        let Some(first) = self.pieces.first() else {
            return BTreeSet::new();
        };
        let joined = self.joined(segments);
        let cut = joined.as_deref().map(|profile| icc::cut(profile, colour));
        let (profile, removed) = match &cut {
            Some(cut) if matches!(cut.profile, Some(Cow::Borrowed(_))) => return BTreeSet::new(),
            Some(cut) => (cut.profile.as_deref(), cut.removed.clone()),
            // Nobody reads one of which a piece is missing.
            None => (None, BTreeSet::from([RemovedCode::ColourProfile])),
        };
        let written = written(profile.unwrap_or_default());
        for piece in self.pieces.iter().rev() {
            segments.drain(piece.clone());
        }
        segments.splice(first.start..first.start, written);
        removed
    }

    /// All pieces in their order. `None`: one is missing, or there is one too many.
    fn joined(&self, segments: &[u8]) -> Option<Vec<u8>> {
        // Behind the marker and the length.
        let data = |range: &Range<usize>| segments.get(range.start + 4..range.end);
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
