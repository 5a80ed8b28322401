//! Measures a zlib stream: its end, its unpacked size, its number of blocks. It unpacks nothing, so it needs no window and no output;
//! distances are checked against the bytes available so far.

mod bits;
mod codes;
mod pack;
mod seam;
mod tables;
#[cfg(test)]
mod tests;
mod unpack;

use bits::{Bits, Ended};
use codes::{Entry, Kind, Table};

pub use pack::pack;
pub use seam::Seam;
pub use unpack::{Refused, unpack};

/// Why a stream is invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The stream or its data end before all needed bytes are there.
    Short,
    /// No decoder could continue.
    Broken,
    /// It has too many blocks: each costs time and may be empty.
    Slow,
}

/// The measurements of a stream.
#[derive(Debug, PartialEq, Eq)]
pub struct Measured {
    /// Its unpacked size as far as it was walked: the needed bytes, and up to 257 of a copy that ends after them.
    pub bytes: u64,
    /// How many blocks were walked.
    pub blocks: u64,
    pub end: End,
}

#[derive(Debug, PartialEq, Eq)]
pub enum End {
    /// Nothing follows the needed bytes: this many bytes of the data belong to the stream, including its checksum if there is one.
    Whole(usize),
    /// More comes, or the end is missing: where it can be cut.
    Surplus(Seam),
}

/// Empty blocks allowed after the needed bytes: encoders that flush write one.
const MOST_EMPTY: u64 = 4;
const CHECKSUM: usize = 4;

impl From<Ended> for Fault {
    fn from(_: Ended) -> Self {
        Self::Short
    }
}

/// Walks over the stream that stands in these pieces, until it has stood for as many bytes as are needed, which are not none.
///
/// # Errors
/// They are missing, or have more blocks than `most_blocks`.
pub fn measure<'a>(
    pieces: impl Iterator<Item = &'a [u8]> + Clone,
    needed: u64,
    most_blocks: u64,
) -> Result<Measured, Fault> {
    let mut walk = Walk::new(pieces, needed, most_blocks);
    walk.stream_header()?;
    loop {
        let block = walk.begin()?;
        let seam = match block.kind {
            BlockKind::Stored => walk.stored(&block)?,
            BlockKind::Fixed | BlockKind::Dynamic => walk.coded(&block)?,
        };
        if let Some(seam) = seam {
            let (bytes, blocks) = (walk.bytes, walk.blocks);
            let end = walk
                .ending(&block, &seam)
                .map_or(End::Surplus(seam), End::Whole);
            return Ok(Measured { bytes, blocks, end });
        }
        if block.is_last {
            return Err(Fault::Short);
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum BlockKind {
    Stored,
    Fixed,
    Dynamic,
}

#[derive(Clone, Copy)]
struct Block {
    /// Where its first bit is, which says whether it is the last one.
    start: u64,
    is_last: bool,
    kind: BlockKind,
}

struct Walk<'a, I> {
    bits: Bits<'a, I>,
    /// Bytes of all pieces.
    size: usize,
    needed: u64,
    most_blocks: u64,
    bytes: u64,
    blocks: u64,
    lengths: Table,
    distances: Table,
    /// The tables are those of fixed codes.
    is_fixed: bool,
    /// How the end of a block is written: the code, its first bit the lowest, and how many bits it has.
    end_code: (u16, u8),
}

impl<'a, I: Iterator<Item = &'a [u8]> + Clone> Walk<'a, I> {
    fn new(pieces: I, needed: u64, most_blocks: u64) -> Self {
        Self {
            size: pieces.clone().map(<[u8]>::len).sum(),
            bits: Bits::new(pieces),
            needed,
            most_blocks,
            bytes: 0,
            blocks: 0,
            lengths: Table::new(),
            distances: Table::new(),
            is_fixed: false,
            end_code: (0, 0),
        }
    }

    fn stream_header(&mut self) -> Result<(), Fault> {
        let (method, flags) = (self.bits.take(8)?, self.bits.take(8)?);
        let is_good = method & 15 == 8
            && method >> 4 <= 7
            && flags & 0x20 == 0
            && (method * 256 + flags).is_multiple_of(31);
        if is_good { Ok(()) } else { Err(Fault::Broken) }
    }

    /// Reads the header of a block, and makes its tables.
    fn begin(&mut self) -> Result<Block, Fault> {
        self.blocks += 1;
        if self.blocks > self.most_blocks {
            return Err(Fault::Slow);
        }
        let start = self.bits.position();
        let is_last = self.bits.take(1)? == 1;
        let kind = match self.bits.take(2)? {
            0 => BlockKind::Stored,
            1 => BlockKind::Fixed,
            2 => BlockKind::Dynamic,
            _ => return Err(Fault::Broken),
        };
        match kind {
            BlockKind::Fixed if !self.is_fixed => self.fixed_tables()?,
            BlockKind::Dynamic => self.dynamic_tables()?,
            _ => {}
        }
        Ok(Block {
            start,
            is_last,
            kind,
        })
    }

    /// Skips a stored block.
    fn stored(&mut self, block: &Block) -> Result<Option<Seam>, Fault> {
        let (count, at) = self.stored_length()?;
        let missing = self.needed - self.bytes;
        if missing > u64::from(count) {
            self.bytes += u64::from(count);
            self.bits.skip_bytes(usize::from(count))?;
            return Ok(None);
        }
        let kept = u16::try_from(missing).unwrap_or(count);
        self.bytes = self.needed;
        self.bits.skip_bytes(usize::from(kept))?;
        Ok(Some(Seam::Stored {
            block: block.start,
            at,
            kept,
            of: count,
        }))
    }

    /// How many bytes are stored, and where that is said.
    fn stored_length(&mut self) -> Result<(u16, usize), Fault> {
        self.bits.align();
        let at = self.bits.byte();
        let (count, inverse) = (self.bits.take(16)?, self.bits.take(16)?);
        if count ^ inverse == 0xffff {
            Ok((u16::try_from(count).unwrap_or_default(), at))
        } else {
            Err(Fault::Broken)
        }
    }

    /// Walks a compressed block, to its end or until there are enough bytes.
    fn coded(&mut self, block: &Block) -> Result<Option<Seam>, Fault> {
        let Self {
            lengths,
            distances,
            needed,
            ..
        } = self;
        // Copies, which the compiler keeps in registers.
        let (mut bits, mut bytes) = (self.bits.clone(), self.bytes);
        let is_enough = loop {
            bits.load();
            // Three codes of a byte in a row need no more than was loaded.
            let mut entry = lengths.look(bits.peek());
            for _ in 0..3 {
                if !entry.is_literal() {
                    break;
                }
                bits.skip(entry.bits())?;
                bytes += 1;
                if bytes == *needed {
                    break;
                }
                entry = lengths.look(bits.peek());
            }
            if bytes == *needed {
                break true;
            }
            if entry.is_literal() {
                continue;
            }
            if entry.kind() == Kind::End {
                bits.skip(entry.bits())?;
                break false;
            }
            bytes += copied(&mut bits, entry, distances, bytes)?.0;
            if bytes >= *needed {
                break true;
            }
        };
        (self.bits, self.bytes) = (bits, bytes);
        Ok(is_enough.then(|| self.coded_seam(block)))
    }

    const fn coded_seam(&self, block: &Block) -> Seam {
        Seam::Coded {
            block: block.start,
            at: self.bits.position(),
            end: self.end_code.0,
            bits: self.end_code.1,
        }
    }

    /// The length of the stream, if only ends follow the needed bytes.
    fn ending(&mut self, block: &Block, seam: &Seam) -> Option<usize> {
        match seam {
            Seam::Stored { kept, of, .. } if kept != of => return None,
            Seam::Stored { .. } => {}
            Seam::Coded { .. } => self.end_of_block()?,
        }
        let mut is_last = block.is_last;
        for _ in 0..MOST_EMPTY {
            if is_last {
                break;
            }
            let empty = self.begin().ok()?;
            match empty.kind {
                BlockKind::Stored => self
                    .stored_length()
                    .ok()
                    .filter(|(count, _)| *count == 0)
                    .map(|_| ())?,
                BlockKind::Fixed => self.end_of_block()?,
                // Its tables could be anything.
                BlockKind::Dynamic => return None,
            }
            is_last = empty.is_last;
        }
        self.bits.align();
        let end = self.bits.byte() + CHECKSUM;
        (is_last && end <= self.size).then_some(end)
    }

    fn end_of_block(&mut self) -> Option<()> {
        self.bits.load();
        let entry = self.lengths.look(self.bits.peek());
        if entry.bits() == 0 || entry.kind() != Kind::End {
            return None;
        }
        self.bits.skip(entry.bits()).ok()
    }
}

/// Skips a length and its distance: how many bytes are copied, and from how far back.
#[inline]
fn copied<'a, I: Iterator<Item = &'a [u8]> + Clone>(
    bits: &mut Bits<'a, I>,
    length: Entry,
    distances: &Table,
    before: u64,
) -> Result<(u64, u64), Fault> {
    bits.load();
    if length.bits() == 0 {
        return Err(Fault::Broken);
    }
    // At most 48 bits together.
    bits.skip(length.bits())?;
    let bytes = length.value() + bits.take_loaded(length.extra())?;
    let distance = distances.look(bits.peek());
    if distance.bits() == 0 {
        return Err(Fault::Broken);
    }
    bits.skip(distance.bits())?;
    let reach = distance.value() + bits.take_loaded(distance.extra())?;
    if u64::from(reach) > before {
        Err(Fault::Broken)
    } else {
        Ok((bytes.into(), reach.into()))
    }
}
