//! What a lossless WebP wants beside its pixels: tables for its codes. The decoder makes five for each group of codes, up to 4 KiB and
//! more each, and as many groups as the largest number among the blocks says, 65,536 at most: a file of 4 MB asks for more than a
//! gigabyte. No header tells; so the codes are read here first, in the decoder's way, and none is kept.

mod bits;
mod code;

use bits::Bits;
use code::Code;

use super::UNREADABLE;
use crate::bytes::{Reader, size};
use crate::{Inspection, Refusal};

/// Of each group: green with lengths, red, blue, alpha, distances.
const ALPHABETS: [usize; 5] = [CACHED as usize, 256, 256, 256, 40];
/// Behind 256 values and 24 lengths: colours that were seen before.
const CACHED: u32 = 256 + 24;
const TOO_MUCH: &str = "The picture wants too much memory for its codes. Save it again as an ordinary WebP.";

/// Where the distances below 121 point to, across and up.
#[rustfmt::skip]
const NEAR: [(i8, i8); 120] = [
    (0, 1),  (1, 0),  (1, 1),  (-1, 1), (0, 2),  (2, 0),  (1, 2),  (-1, 2), (2, 1),  (-2, 1), (2, 2),  (-2, 2), (0, 3),  (3, 0),  (1, 3),
    (-1, 3), (3, 1),  (-3, 1), (2, 3),  (-2, 3), (3, 2),  (-3, 2), (0, 4),  (4, 0),  (1, 4),  (-1, 4), (4, 1),  (-4, 1), (3, 3),  (-3, 3),
    (2, 4),  (-2, 4), (4, 2),  (-4, 2), (0, 5),  (3, 4),  (-3, 4), (4, 3),  (-4, 3), (5, 0),  (1, 5),  (-1, 5), (5, 1),  (-5, 1), (2, 5),
    (-2, 5), (5, 2),  (-5, 2), (4, 4),  (-4, 4), (3, 5),  (-3, 5), (5, 3),  (-5, 3), (0, 6),  (6, 0),  (1, 6),  (-1, 6), (6, 1),  (-6, 1),
    (2, 6),  (-2, 6), (6, 2),  (-6, 2), (4, 5),  (-4, 5), (5, 4),  (-5, 4), (3, 6),  (-3, 6), (6, 3),  (-6, 3), (0, 7),  (7, 0),  (1, 7),
    (-1, 7), (5, 5),  (-5, 5), (7, 1),  (-7, 1), (4, 6),  (-4, 6), (6, 4),  (-6, 4), (2, 7),  (-2, 7), (7, 2),  (-7, 2), (3, 7),  (-3, 7),
    (7, 3),  (-7, 3), (5, 6),  (-5, 6), (6, 5),  (-6, 5), (8, 0),  (4, 7),  (-4, 7), (7, 4),  (-7, 4), (8, 1),  (8, 2),  (6, 6),  (-6, 6),
    (8, 3),  (5, 7),  (-5, 7), (7, 5),  (-7, 5), (8, 4),  (6, 7),  (-6, 7), (7, 6),  (-7, 6), (8, 5),  (7, 7),  (-7, 7), (8, 6),  (8, 7),
];

/// Refuses a file, one that was cleaned, of which any picture wants more than is counted for one.
pub fn check(webp: &[u8], inspection: &Inspection) -> Result<(), Refusal> {
    // What was turned is turned back.
    let (width, height) = inspection.orientation.apply(inspection.width, inspection.height);
    each_chunk(
        webp.get(12..).unwrap_or_default(),
        |kind, data| if kind == *b"ANMF" { frame(data) } else { pixels(kind, data, width, height) },
    )
}

fn each_chunk(bytes: &[u8], mut look: impl FnMut([u8; 4], &[u8]) -> Result<(), Refusal>) -> Result<(), Refusal> {
    let mut reader = Reader::new(bytes);
    while reader.rest().len() >= 8 {
        let kind = reader.array()?;
        let length = size(reader.u32_le()?)?;
        look(kind, reader.take(length)?)?;
        let _ = reader.take(length % 2);
    }
    Ok(())
}

fn frame(data: &[u8]) -> Result<(), Refusal> {
    let mut reader = Reader::new(data);
    reader.take(6)?;
    let (width, height) = (reader.u24_le()? + 1, reader.u24_le()? + 1);
    reader.take(4)?;
    each_chunk(reader.rest(), |kind, data| pixels(kind, data, width, height))
}

fn pixels(kind: [u8; 4], data: &[u8], width: u32, height: u32) -> Result<(), Refusal> {
    match &kind {
        // Its first five bytes are its size, which the walk has compared with the header's.
        b"VP8L" => picture(data.get(5..).unwrap_or_default(), width, height),
        b"ALPH" if data.first().is_some_and(|flags| flags & 3 == 1) => picture(&data[1..], width, height),
        _ => Ok(()),
    }
}

/// What precedes the pixels: how they were transformed, by pictures of their own, then the codes.
fn picture(data: &[u8], width: u32, height: u32) -> Result<(), Refusal> {
    let mut bits = Bits::new(data);
    let mut width = width;
    let mut seen = [false; 4];
    while bits.read(1)? == 1 {
        let transform = bits.read(2)?;
        if std::mem::replace(&mut seen[transform as usize], true) {
            return Err(UNREADABLE);
        }
        match transform {
            0 | 1 => {
                let side = bits.read(3)? + 2;
                inner(&mut bits, blocks(width, side), blocks(height, side))?;
            }
            3 => {
                let colours = bits.read(8)? + 1;
                inner(&mut bits, colours, 1)?;
                width = blocks(width, [3, 2, 1, 1, 0][[2, 4, 8, 16, 256].partition_point(|most| *most < colours)]);
            }
            _ => {}
        }
    }
    let cache = cache_bits(&mut bits)?;
    let groups = if bits.read(1)? == 1 {
        let side = bits.read(3)? + 2;
        let numbers = inner(&mut bits, blocks(width, side), blocks(height, side))?;
        numbers.iter().map(|pixel| pixel >> 8 & 0xffff).max().unwrap_or(0) + 1
    } else {
        1
    };
    let mut most = crate::memory::CODES;
    for _ in 0..groups {
        let wanted = group(&mut bits, cache)?.iter().map(Code::memory).sum();
        most = most.checked_sub(wanted).ok_or_else(|| Refusal::TooLarge(TOO_MUCH.into()))?;
    }
    Ok(())
}

const fn blocks(length: u32, side: u32) -> u32 {
    length.div_ceil(1 << side)
}

fn cache_bits(bits: &mut Bits<'_>) -> Result<u32, Refusal> {
    let count = if bits.read(1)? == 1 { bits.read(4)? } else { return Ok(0) };
    if (1..=11).contains(&count) { Ok(count) } else { Err(UNREADABLE) }
}

fn group(bits: &mut Bits<'_>, cache: u32) -> Result<[Code; 5], Refusal> {
    let cached = if cache == 0 { 0 } else { 1 << cache };
    let [green, red, blue, alpha, distance] = ALPHABETS;
    let mut code = |symbols| Code::read(bits, symbols);
    Ok([code(green + cached)?, code(red)?, code(blue)?, code(alpha)?, code(distance)?])
}

/// The pixels of a picture that says something about blocks, as alpha, red, green and blue.
fn inner(bits: &mut Bits<'_>, width: u32, height: u32) -> Result<Vec<u32>, Refusal> {
    let cache_bits = cache_bits(bits)?;
    let [green, red, blue, alpha, distances] = group(bits, cache_bits)?;
    let count = size(width * height)?;
    let mut cache = vec![0; 1 << cache_bits];
    let mut pixels = Vec::with_capacity(count);
    while pixels.len() < count {
        let start = pixels.len();
        match u32::from(green.symbol(bits)?) {
            symbol @ ..256 => {
                let (red, blue, alpha) = (red.symbol(bits)?, blue.symbol(bits)?, alpha.symbol(bits)?);
                pixels.push(u32::from(alpha) << 24 | u32::from(red) << 16 | symbol << 8 | u32::from(blue));
            }
            symbol if symbol < CACHED => {
                let length = number(bits, symbol - 256)?;
                let symbol = distances.symbol(bits)?;
                let distance = distance(number(bits, symbol.into())?, width);
                if distance > start || length > count - start {
                    return Err(UNREADABLE);
                }
                (0..length).for_each(|_| pixels.push(pixels[pixels.len() - distance]));
            }
            symbol => pixels.push(*cache.get(size(symbol - CACHED)?).ok_or(UNREADABLE)?),
        }
        if cache_bits > 0 {
            pixels[start..].iter().for_each(|pixel| cache[(pixel.wrapping_mul(0x1e35_a7bd) >> (32 - cache_bits)) as usize] = *pixel);
        }
    }
    Ok(pixels)
}

/// A length, or a distance: the symbol says how many bits follow.
fn number(bits: &mut Bits<'_>, symbol: u32) -> Result<usize, Refusal> {
    if symbol < 4 {
        return size(symbol + 1);
    }
    let more = (symbol - 2) >> 1;
    size(((2 + (symbol & 1)) << more) + bits.read(more)? + 1)
}

fn distance(code: usize, width: u32) -> usize {
    let Some((across, up)) = NEAR.get(code - 1) else { return code - NEAR.len() };
    usize::try_from(i64::from(*across) + i64::from(*up) * i64::from(width)).unwrap_or(1).max(1)
}
