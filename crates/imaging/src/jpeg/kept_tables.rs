//! The tables among the kept segments. One that no scan uses could hide text, so it is cut.

use std::ops::Range;

use super::write_segment;
use crate::Refusal;
use crate::bytes::Reader;

const BROKEN: Refusal = Refusal::Damaged("a table is broken");
const TOO_MANY: Refusal = Refusal::Damaged("it has far too many tables");
/// 200 scans with eight tables each.
const MOST: usize = 1_600;

/// What a table is for.
#[derive(Clone, Copy)]
pub enum Kind {
    Dc,
    Ac,
    Quantization,
}

/// A table, or the whole segment when it is alone there.
struct Kept {
    place: Range<usize>,
    /// Where the length of its segment stands.
    length: usize,
    is_used: bool,
}

#[derive(Default)]
pub struct KeptTables {
    all: Vec<Kept>,
    /// The current tables of each kind, as indices into `all` from 1 on.
    current: [[usize; 4]; 3],
}

impl KeptTables {
    /// Keeps a segment of tables for now.
    pub fn keep(&mut self, code: u8, data: &[u8], segments: &mut Vec<u8>) -> Result<(), Refusal> {
        let (first, start) = (self.all.len(), segments.len());
        write_segment(segments, code, data);
        let mut reader = Reader::new(data);
        while !reader.rest().is_empty() {
            let from = start + 4 + reader.position();
            let name = reader.u8()?;
            let (kind, size) = if code == 0xc4 {
                let lengths: [u8; 16] = reader.array()?;
                let symbols = lengths.iter().map(|count| usize::from(*count)).sum();
                (usize::from(name >> 4), symbols)
            } else {
                (
                    Kind::Quantization as usize,
                    if name >> 4 == 0 { 64 } else { 128 },
                )
            };
            reader.take(size)?;
            self.all.push(Kept {
                place: from..start + 4 + reader.position(),
                length: start + 2,
                is_used: false,
            });
            let numbers = self.current.get_mut(kind).ok_or(BROKEN)?;
            *numbers.get_mut(usize::from(name & 15)).ok_or(BROKEN)? = self.all.len();
        }
        if let [alone] = &mut self.all[first..] {
            alone.place.start = start;
        }
        if self.all.len() > MOST {
            Err(TOO_MANY)
        } else {
            Ok(())
        }
    }

    /// A scan asks for a table.
    pub fn mark(&mut self, kind: Kind, number: u8) {
        let at = self.current[kind as usize][usize::from(number % 4)];
        if let Some(kept) = at.checked_sub(1).and_then(|at| self.all.get_mut(at)) {
            kept.is_used = true;
        }
    }

    /// The segments without unused tables, if there are any. `moved` is a position among them.
    pub fn cut(&self, segments: &[u8], moved: &mut usize) -> Option<Vec<u8>> {
        let (mut out, mut at, before) = (Vec::new(), 0, *moved);
        // Where the length of the segment is that the table before was in, and where it was.
        let mut lengths = (0, 0);
        for Kept { place, length, .. } in self.all.iter().filter(|kept| !kept.is_used) {
            out.reserve(segments.len());
            out.extend_from_slice(segments.get(at..place.start)?);
            at = place.end;
            if place.start > *length {
                if lengths.1 != *length {
                    lengths = (length - (place.start - out.len()), *length);
                }
                let length: &mut [u8; 2] = out.get_mut(lengths.0..)?.first_chunk_mut()?;
                let less = u16::from_be_bytes(*length) - u16::try_from(place.len()).ok()?;
                *length = less.to_be_bytes();
            }
            if place.end <= before {
                *moved -= place.len();
            }
        }
        out.extend_from_slice(segments.get(at..)?);
        (at > 0).then_some(out)
    }
}
