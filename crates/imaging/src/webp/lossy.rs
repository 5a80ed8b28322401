//! Walks the bits of a lossy picture without its pixels: whether they are complete, and where each partition ends.
//!
//! A key frame of VP8 (RFC 6386): a first partition says how blocks of 16 x 16 pixels are predicted, up to eight others, which take turns
//! row by row, have the tokens of their coefficients. Each is one arithmetic code, which nothing ends but the last question.

use super::BROKEN;
use super::booleans::Booleans;
use super::numbers::{MODES, TOKENS, Tokens, UPDATES};
use super::tokens::{self, Edge};
use crate::Refusal;
use crate::bytes::{ENDS_EARLY, Reader, size};

/// The tag, a signature and the size, bytes.
const HEADER: usize = 10;
/// Of the tag, below the length of the first partition: bits.
const TAG: u32 = 5;

/// What the first partition begins with, as far as it changes what is asked later.
struct Header {
    /// Of the number of a block's segment.
    segments: Option<[u8; 3]>,
    /// That a block has tokens.
    skips: Option<u8>,
    tokens: Box<Tokens>,
}

/// Bytes that libwebp writes after the last bit of a partition: they mean nothing and are not worth reporting.
const FLUSHED: usize = 3;

/// The chunk without unread bytes.
pub struct Cut {
    pub kept: Vec<u8>,
    /// Whether more was cut than encoders leave there.
    pub has_surplus: bool,
}

/// `None`: there is nothing that no decoder reads.
pub fn cut(data: &[u8], (width, height): (u32, u32)) -> Result<Option<Cut>, Refusal> {
    let mut reader = Reader::new(data);
    let tag = reader.u24_le()?;
    // A key frame, of a version that there is, that is shown.
    if tag & 1 != 0 || tag >> 1 & 7 > 3 || tag >> 4 & 1 == 0 {
        return Err(BROKEN);
    }
    reader.take(HEADER - 3)?;
    let mut first = Booleans::new(reader.take(size(tag >> TAG)?)?);
    let (header, count) = header(&mut first)?;
    let mut others = partitions(&mut reader, count)?;
    let mut top = vec![Edge::default(); size(width.div_ceil(16))?];
    for row in 0..size(height.div_ceil(16))? {
        let tokens = &mut others[row % count];
        blocks(&header, &mut first, tokens, &mut top);
        if first.is_short() || tokens.is_short() {
            return Err(ENDS_EARLY);
        }
    }
    let kept = written(&data[..HEADER], tag, &first, &others);
    if kept == data {
        return Ok(None);
    }
    let has_surplus = std::iter::once(&first)
        .chain(&others)
        .any(|part| part.bytes().len() > part.seen() + FLUSHED);
    Ok(Some(Cut { kept, has_surplus }))
}

fn header(bits: &mut Booleans<'_>) -> Result<(Header, usize), Refusal> {
    // Other colours than the usual ones were never given a meaning.
    if bits.flag() {
        return Err(BROKEN);
    }
    bits.flag();
    let segments = if bits.flag() { segments(bits) } else { None };
    // The filter: its kind, level and sharpness, and changes of those.
    bits.number(1 + 6 + 3);
    if bits.flag() && bits.flag() {
        (0..8).for_each(|_| bits.skip_optional(6));
    }
    let count = 1 << bits.number(2);
    // How coarse the coefficients are.
    bits.number(7);
    (0..5).for_each(|_| bits.skip_optional(4));
    // Whether the probabilities stay, which they have no use for here.
    bits.flag();
    let mut tokens = Box::new(TOKENS);
    bits.update(&mut tokens, &UPDATES);
    let skips = bits.flag().then(|| bits.number(8).to_le_bytes()[0]);
    if bits.is_short() {
        Err(ENDS_EARLY)
    } else {
        Ok((
            Header {
                segments,
                skips,
                tokens,
            },
            count,
        ))
    }
}

fn segments(bits: &mut Booleans<'_>) -> Option<[u8; 3]> {
    let has_map = bits.flag();
    if bits.flag() {
        bits.flag();
        (0..4).for_each(|_| bits.skip_optional(7));
        (0..4).for_each(|_| bits.skip_optional(6));
    }
    has_map.then(|| {
        [(); 3].map(|()| {
            if bits.flag() {
                bits.number(8).to_le_bytes()[0]
            } else {
                255
            }
        })
    })
}

/// The length of each stands before the first of them; the last one has what is left.
fn partitions<'a>(reader: &mut Reader<'a>, count: usize) -> Result<Vec<Booleans<'a>>, Refusal> {
    let mut lengths = Vec::with_capacity(count);
    for _ in 1..count {
        lengths.push(size(reader.u24_le()?)?);
    }
    let mut parts = Vec::with_capacity(count);
    for length in lengths {
        parts.push(Booleans::new(reader.take(length)?));
    }
    let last = reader.rest();
    if last.is_empty() {
        return Err(ENDS_EARLY);
    }
    parts.push(Booleans::new(last));
    Ok(parts)
}

/// A row of blocks.
fn blocks(header: &Header, first: &mut Booleans<'_>, tokens: &mut Booleans<'_>, top: &mut [Edge]) {
    let mut left = Edge::default();
    for top in top {
        if let Some([high, low_pair, high_pair]) = header.segments {
            let pair = if first.ask(high) { high_pair } else { low_pair };
            first.pass(pair);
        }
        let has_none = header.skips.is_some_and(|skips| first.ask(skips));
        let is_split = modes(first, top, &mut left);
        if has_none {
            top.empty(is_split);
            left.empty(is_split);
        } else {
            tokens::block(tokens, &header.tokens, top, &mut left, is_split);
        }
    }
}

/// How the block is predicted; whether by blocks of 4 x 4, each in its way.
fn modes(first: &mut Booleans<'_>, top: &mut Edge, left: &mut Edge) -> bool {
    let is_split = !first.ask(145);
    if is_split {
        for y in 0..4 {
            for x in 0..4 {
                let mode = small_mode(
                    first,
                    &MODES[usize::from(top.modes[x]) % 10][usize::from(left.modes[y]) % 10],
                );
                (top.modes[x], left.modes[y]) = (mode, mode);
            }
        }
    } else {
        // Of the mean, from above, from the left, from both; as numbers of those of small blocks.
        let mode = if first.ask(156) {
            if first.ask(128) { 1 } else { 3 }
        } else if first.ask(163) {
            2
        } else {
            0
        };
        (top.modes, left.modes) = ([mode; 4], [mode; 4]);
    }
    // Of the colours.
    if first.ask(142) && first.ask(114) {
        first.pass(183);
    }
    is_split
}

fn small_mode(bits: &mut Booleans<'_>, probabilities: &[u8; 9]) -> u8 {
    let mut ask = |at: usize| bits.ask(probabilities[at]);
    if !ask(0) {
        0
    } else if !ask(1) {
        1
    } else if !ask(2) {
        2
    } else if ask(3) {
        if !ask(6) {
            4
        } else if !ask(7) {
            7
        } else {
            8 + u8::from(ask(8))
        }
    } else if ask(4) {
        5 + u8::from(ask(5))
    } else {
        3
    }
}

/// The chunk with partitions that end where they end.
fn written(header: &[u8], tag: u32, first: &Booleans<'_>, others: &[Booleans<'_>]) -> Vec<u8> {
    let u24 = |number: usize| u32::try_from(number).unwrap_or(0).to_le_bytes();
    let first = first.kept();
    let mut others: Vec<_> = others.iter().map(Booleans::kept).collect();
    // The last one is never empty: there are decoders that refuse that.
    if let Some(last) = others.last_mut().filter(|last| last.is_empty()) {
        last.push(0);
    }
    let tag = tag & ((1 << TAG) - 1) | u32::try_from(first.len()).unwrap_or(0) << TAG;
    let mut out = [
        &tag.to_le_bytes()[..3],
        header.get(3..).unwrap_or_default(),
        &first,
    ]
    .concat();
    for part in others.iter().take(others.len() - 1) {
        out.extend_from_slice(&u24(part.len())[..3]);
    }
    out.extend(others.concat());
    out
}
