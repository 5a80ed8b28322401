//! Where to cut a stream, so that nothing follows the needed bytes.

/// A place in a stream. `block` is the bit that says whether the block is the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seam {
    /// Behind a code: the bit that comes next, and how the end of the block is written.
    Coded {
        block: u64,
        at: u64,
        end: u16,
        bits: u8,
    },
    /// In a block of bytes: where their number stands, how many are kept, of how many.
    Stored {
        block: u64,
        at: usize,
        kept: u16,
        of: u16,
    },
}

impl Seam {
    /// The stream up to here, ended, and with the checksum that it has now. It is unpacked for that, piece by piece.
    pub fn cut<'a>(self, pieces: impl Iterator<Item = &'a [u8]>) -> Option<Vec<u8>> {
        let (block, mut out) = match self {
            Self::Coded {
                block,
                at,
                end,
                bits,
            } => {
                let mut out = first(pieces, usize::try_from(at / 8).ok()? + 1);
                let partial = u32::try_from(at % 8).ok()?;
                let end = (u32::from(end) << partial).to_le_bytes();
                let size = (partial + u32::from(bits)).div_ceil(8) as usize;
                out.resize(usize::try_from(at / 8).ok()? + size.max(1), 0);
                let last = out.get_mut(usize::try_from(at / 8).ok()?..)?;
                *last.first_mut()? &= (1 << partial) - 1;
                last.iter_mut().skip(1).for_each(|byte| *byte = 0);
                last.iter_mut()
                    .zip(end)
                    .for_each(|(byte, more)| *byte |= more);
                (block, out)
            }
            Self::Stored {
                block, at, kept, ..
            } => {
                let mut out = first(pieces, at + 4 + usize::from(kept));
                let numbers = [kept.to_le_bytes(), (!kept).to_le_bytes()].concat();
                out.get_mut(at..at + 4)?.copy_from_slice(&numbers);
                (block, out)
            }
        };
        *out.get_mut(usize::try_from(block / 8).ok()?)? |= 1 << (block % 8);
        let checksum = super::unpack::checksum(&out)?;
        out.extend(checksum.to_be_bytes());
        Some(out)
    }
}

/// This many bytes, or all.
fn first<'a>(pieces: impl Iterator<Item = &'a [u8]>, count: usize) -> Vec<u8> {
    let mut out = Vec::new();
    for piece in pieces {
        out.extend_from_slice(piece.get(..count - out.len()).unwrap_or(piece));
    }
    out
}
