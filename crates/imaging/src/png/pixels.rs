//! The pixel chunks of a picture or a frame: measured, and written without surplus data.

use std::collections::BTreeSet;
use std::ops::Range;

use super::chunks::{self, FRAME, write_chunk};
use crate::bytes::Reader;
use crate::deflate::{self, End, Fault};
use crate::{Refusal, RemovedCode};

/// The data of chunks, each without its first `skip` bytes.
#[derive(Clone)]
pub struct Pieces<'a> {
    file: &'a [u8],
    runs: std::slice::Iter<'a, Range<usize>>,
    run: Range<usize>,
    skip: usize,
}

impl<'a> Pieces<'a> {
    pub fn new(file: &'a [u8], runs: &'a [Range<usize>], skip: usize) -> Self {
        Self {
            file,
            runs: runs.iter(),
            run: 0..0,
            skip,
        }
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if self.run.is_empty() {
            self.run = self.runs.next()?.clone();
        }
        let chunk = chunks::read(&mut Reader::new(self.file.get(self.run.clone())?)).ok()?;
        self.run.start += chunk.whole.len();
        Some(chunk.data.get(self.skip..).unwrap_or_default())
    }
}

/// Chunks of pixels.
pub struct Pixels<'a> {
    file: &'a [u8],
    /// Their ranges in the file; adjacent chunks share one.
    runs: Vec<Range<usize>>,
    chunks: usize,
    /// Bytes at the start of each chunk that are not pixels.
    skip: usize,
    /// Some hold nothing.
    has_empty: bool,
}

/// More chunks than this, if they are this small, are joined: they were made to be slow.
const MANY: usize = 1_000;
const SMALL: usize = 512;

/// What to do with the data.
pub enum Plan {
    /// Keep this many bytes.
    Keep(usize),
    /// Others.
    Replace(Vec<u8>),
}

impl<'a> Pixels<'a> {
    pub const fn new(file: &'a [u8], skip: usize) -> Self {
        Self {
            file,
            runs: Vec::new(),
            chunks: 0,
            skip,
            has_empty: false,
        }
    }

    /// Adds the chunk at this place, which is complete and intact.
    pub fn push(&mut self, place: Range<usize>) {
        self.chunks += 1;
        self.has_empty |= place.len() <= FRAME + self.skip;
        match self.runs.last_mut() {
            Some(last) if last.end == place.start => last.end = place.end,
            _ => self.runs.push(place),
        }
    }

    pub const fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    fn pieces(&self) -> Pieces<'_> {
        Pieces::new(self.file, &self.runs, self.skip)
    }

    fn size(&self) -> usize {
        self.runs.iter().map(ExactSizeIterator::len).sum::<usize>()
            - self.chunks * (FRAME + self.skip)
    }

    fn are_many(&self) -> bool {
        self.chunks > MANY + self.size() / SMALL
    }

    /// Checks the data against `rows` and `bytes`. Anything after that is cut.
    pub fn plan(
        &self,
        (rows, bytes): (u64, u64),
        removed: &mut BTreeSet<RemovedCode>,
    ) -> Result<Plan, Refusal> {
        let most_blocks = 1_024 + 4 * rows + bytes / 1_024;
        let measured = deflate::measure(self.pieces(), bytes, most_blocks).map_err(refusal)?;
        let plan = match measured.end {
            End::Whole(size) => Plan::Keep(size),
            End::Surplus(seam) => {
                Plan::Replace(seam.cut(self.pieces()).ok_or(refusal(Fault::Broken))?)
            }
        };
        if !matches!(plan, Plan::Keep(size) if size == self.size()) {
            removed.insert(RemovedCode::TrailingData);
        }
        Ok(plan)
    }

    /// Whether the chunks stay as they are.
    pub fn is_kept(&self, plan: &Plan) -> bool {
        !self.has_empty
            && !self.are_many()
            && matches!(plan, Plan::Keep(size) if *size == self.size())
    }

    /// The chunks as they are.
    pub fn copy(&self, out: &mut Vec<u8>) {
        self.runs
            .iter()
            .filter_map(|run| self.file.get(run.clone()))
            .for_each(|run| out.extend_from_slice(run));
    }

    /// The chunks, anew where they change; `start` gives what each begins with.
    pub fn write(
        &self,
        plan: &Plan,
        kind: [u8; 4],
        mut start: impl FnMut() -> Vec<u8>,
        out: &mut Vec<u8>,
    ) {
        match plan {
            plan if self.skip == 0 && self.is_kept(plan) => self.copy(out),
            Plan::Replace(data) => write_chunk(out, kind, &[&start(), data]),
            Plan::Keep(size) if self.are_many() => {
                let data: Vec<u8> = self.pieces().flatten().copied().take(*size).collect();
                write_chunk(out, kind, &[&start(), &data]);
            }
            Plan::Keep(size) => {
                let mut left = *size;
                for piece in self.pieces().filter(|piece| !piece.is_empty()) {
                    let piece = piece.get(..left).unwrap_or(piece);
                    left -= piece.len();
                    if !piece.is_empty() {
                        write_chunk(out, kind, &[&start(), piece]);
                    }
                }
            }
        }
    }
}

const fn refusal(fault: Fault) -> Refusal {
    Refusal::Damaged(match fault {
        Fault::Short => "its pixels end early",
        Fault::Broken => "its pixels can't be unpacked",
        Fault::Slow => "its pixels are packed in far too many parts",
    })
}
