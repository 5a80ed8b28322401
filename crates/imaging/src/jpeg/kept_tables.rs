//! Tables as they stand among the kept segments. One that no scan asks for has room for words: it goes.

use std::ops::Range;

use super::write_segment;
use crate::Refusal;
use crate::bytes::Reader;

const BROKEN: Refusal = Refusal::Damaged("a table is broken");
const TOO_MANY: Refusal = Refusal::Damaged("it has far too many tables");
/// 200 scans with eight tables each.
const MOST: usize = 1_600;

/// What a table is for, and its number.
pub type Name = (Kind, u8);

#[derive(Clone, Copy)]
pub enum Kind {
    Dc,
    Ac,
    Quantization,
}

struct Kept {
    /// The segment, and the table in it.
    segment: Range<usize>,
    table: Range<usize>,
    code: u8,
    is_used: bool,
}

#[derive(Default)]
pub struct KeptTables {
    all: Vec<Kept>,
    /// Of each kind, those that are defined now, in `all`.
    current: [[Option<usize>; 4]; 3],
}

impl KeptTables {
    /// Keeps a segment of tables for now.
    pub fn keep(&mut self, code: u8, data: &[u8], segments: &mut Vec<u8>) -> Result<(), Refusal> {
        let start = segments.len();
        write_segment(segments, code, data);
        let segment = start..segments.len();
        let mut reader = Reader::new(data);
        while !reader.rest().is_empty() {
            let from = reader.position();
            let name = reader.u8()?;
            let kind = if code == 0xc4 {
                let lengths: [u8; 16] = reader.array()?;
                reader.take(lengths.iter().map(|count| usize::from(*count)).sum())?;
                usize::from(name >> 4)
            } else {
                reader.take(if name >> 4 == 0 { 64 } else { 128 })?;
                Kind::Quantization as usize
            };
            let place = self
                .current
                .get_mut(kind)
                .and_then(|kind| kind.get_mut(usize::from(name & 15)));
            *place.ok_or(BROKEN)? = Some(self.all.len());
            let table = start + 4 + from..start + 4 + reader.position();
            self.all.push(Kept {
                segment: segment.clone(),
                table,
                code,
                is_used: false,
            });
        }
        if self.all.len() > MOST {
            Err(TOO_MANY)
        } else {
            Ok(())
        }
    }

    /// A scan asks for a table.
    pub fn mark(&mut self, (kind, number): Name) {
        let current = self.current[kind as usize].get(usize::from(number));
        if let Some(kept) = current
            .copied()
            .flatten()
            .and_then(|at| self.all.get_mut(at))
        {
            kept.is_used = true;
        }
    }

    /// Leaves the tables out that nothing asked for: whether there were any. `moved` are places among the segments, in their order.
    pub fn cut(&self, segments: &mut Vec<u8>, moved: &mut [Range<usize>]) -> bool {
        if self.all.iter().all(|kept| kept.is_used) {
            return false;
        }
        let mut out = Vec::with_capacity(segments.len());
        let (mut at, mut moved) = (0, moved.iter_mut().peekable());
        for of_segment in self.all.chunk_by(|a, b| a.segment == b.segment) {
            let Some(Kept { segment, code, .. }) = of_segment.first() else {
                continue;
            };
            while let Some(place) = moved.next_if(|place| place.start < segment.start) {
                *place = place.start - (at - out.len())..place.end - (at - out.len());
            }
            out.extend_from_slice(&segments[at..segment.start]);
            let used = of_segment.iter().filter(|kept| kept.is_used);
            let used: Vec<u8> = used
                .flat_map(|kept| &segments[kept.table.clone()])
                .copied()
                .collect();
            if !used.is_empty() {
                write_segment(&mut out, *code, &used);
            }
            at = segment.end;
        }
        for place in moved {
            *place = place.start - (at - out.len())..place.end - (at - out.len());
        }
        out.extend_from_slice(&segments[at..]);
        *segments = out;
        true
    }
}
