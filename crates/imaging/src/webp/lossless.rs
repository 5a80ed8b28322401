//! Walks the bits of a lossless picture without keeping its pixels: whether they are complete, and where they end.
//!
//! What no header tells is found on the way: a decoder makes five tables for each group of codes, up to 4 KiB and more each, and as many
//! groups as the largest number among the blocks says, 65,536 at most. A file of 4 MB would ask for more than a gigabyte.

use super::BROKEN;
use super::bits::Bits;
use super::code::Code;
use crate::Refusal;
use crate::bytes::size;

/// Of each group: green with lengths, red, blue, alpha, distances.
const ALPHABETS: [usize; 5] = [CACHED as usize, 256, 256, 256, 40];
/// Values, and behind them lengths.
const VALUES: u16 = 256;
/// Behind 256 values and 24 lengths: colours that were seen before.
const CACHED: u16 = VALUES + 24;
const TOO_MUCH: &str =
    "The picture wants too much memory for its codes. Save it again as an ordinary WebP.";

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

/// Codes for green with lengths, red, blue, alpha, and distances.
type Group = [Code; 5];

/// Which group codes a pixel: blocks of `1 << scale` pixels each way have one.
struct Blocks {
    scale: u32,
    /// In a row.
    count: usize,
    groups: Vec<u16>,
}

/// A picture, or one that says something about its blocks.
#[derive(Clone, Copy)]
struct Size {
    width: u32,
    height: u32,
}

/// The length of the picture. Its size, five bytes, comes first in a chunk of its own, but not in an alpha chunk.
pub fn end(data: &[u8], (width, height): (u32, u32)) -> Result<usize, Refusal> {
    let mut bits = Bits::new(data);
    let size = transforms(&mut bits, Size { width, height })?;
    let cache = cache_bits(&mut bits)?;
    let mut blocks = None;
    if bits.flag()? {
        let scale = bits.read(3)? + 2;
        let Size { width, height } = size.blocks(scale);
        let groups = numbers(&mut bits, Size { width, height })?;
        blocks = Some(Blocks {
            scale,
            count: crate::bytes::size(width)?,
            groups,
        });
    }
    let count = blocks
        .as_ref()
        .and_then(|blocks| blocks.groups.iter().max())
        .map_or(1, |last| usize::from(*last) + 1);
    let mut most = crate::memory::CODES;
    let mut groups = Vec::new();
    for _ in 0..count {
        let codes = group(&mut bits, cache)?;
        most = most
            .checked_sub(codes.iter().map(Code::memory).sum())
            .ok_or_else(|| Refusal::TooLarge(TOO_MUCH.into()))?;
        groups.push(codes);
    }
    pixels(&mut bits, size, &groups, blocks.as_ref())?;
    Ok(bits.begun())
}

/// What precedes the pixels: how they were transformed, by pictures of their own. A table of few colours makes them fewer.
fn transforms(bits: &mut Bits<'_>, mut size: Size) -> Result<Size, Refusal> {
    let mut seen = [false; 4];
    while bits.flag()? {
        let transform = bits.size(2)?;
        if std::mem::replace(&mut seen[transform % 4], true) {
            return Err(BROKEN);
        }
        match transform {
            0 | 1 => {
                let scale = bits.read(3)? + 2;
                inner(bits, size.blocks(scale))?;
            }
            3 => {
                let colours = bits.read(8)? + 1;
                inner(
                    bits,
                    Size {
                        width: colours,
                        height: 1,
                    },
                )?;
                let together =
                    [3, 2, 1, 1, 0][[2, 4, 8, 16, 256].partition_point(|most| *most < colours)];
                size.width = size.blocks(together).width;
            }
            _ => {}
        }
    }
    Ok(size)
}

impl Size {
    const fn blocks(self, scale: u32) -> Self {
        Self {
            width: self.width.div_ceil(1 << scale),
            height: self.height.div_ceil(1 << scale),
        }
    }

    fn pixels(self) -> Result<usize, Refusal> {
        size(self.width * self.height)
    }
}

fn cache_bits(bits: &mut Bits<'_>) -> Result<u32, Refusal> {
    let count = if bits.flag()? {
        bits.read(4)?
    } else {
        return Ok(0);
    };
    if (1..=11).contains(&count) {
        Ok(count)
    } else {
        Err(BROKEN)
    }
}

fn group(bits: &mut Bits<'_>, cache: u32) -> Result<Group, Refusal> {
    let cached = if cache == 0 { 0 } else { 1 << cache };
    let [green, red, blue, alpha, distance] = ALPHABETS;
    let mut code = |symbols| Code::read(bits, symbols);
    Ok([
        code(green + cached)?,
        code(red)?,
        code(blue)?,
        code(alpha)?,
        code(distance)?,
    ])
}

/// A picture that says how blocks were transformed.
fn inner(bits: &mut Bits<'_>, size: Size) -> Result<(), Refusal> {
    let cache = cache_bits(bits)?;
    let codes = group(bits, cache)?;
    pixels(bits, size, &[codes], None)
}

/// Reads pixels and keeps none.
fn pixels(
    bits: &mut Bits<'_>,
    size: Size,
    groups: &[Group],
    blocks: Option<&Blocks>,
) -> Result<(), Refusal> {
    let (count, width) = (size.pixels()?, crate::bytes::size(size.width)?);
    let (mut at, mut block_ends) = (0, 0);
    let mut group = groups.first().ok_or(BROKEN)?;
    while at < count {
        if at >= block_ends {
            block_ends = count;
            if let Some(blocks) = blocks {
                let (x, y) = (at % width, at / width);
                block_ends = (((x >> blocks.scale) + 1) << blocks.scale).min(width) + y * width;
                let number = blocks
                    .groups
                    .get((y >> blocks.scale) * blocks.count + (x >> blocks.scale))
                    .ok_or(BROKEN)?;
                group = groups.get(usize::from(*number)).ok_or(BROKEN)?;
            }
            if takes_no_bits(group) {
                at = block_ends;
                continue;
            }
        }
        let green = group[0].symbol(bits)?;
        if green < VALUES {
            group[1].symbol(bits)?;
            group[2].symbol(bits)?;
            group[3].symbol(bits)?;
            at += 1;
        } else if green < CACHED {
            at += copied(bits, green, &group[4], size.width, at, count)?.0;
        } else {
            at += 1;
        }
    }
    Ok(())
}

/// Every pixel is of one colour, or of one that was seen before.
fn takes_no_bits([green, red, blue, alpha, _]: &Group) -> bool {
    let are_same = || [red, blue, alpha].iter().all(|code| code.only().is_some());
    green
        .only()
        .is_some_and(|green| green >= CACHED || (green < VALUES && are_same()))
}

/// How many pixels are copied, and from how far back.
fn copied(
    bits: &mut Bits<'_>,
    green: u16,
    code: &Code,
    width: u32,
    at: usize,
    count: usize,
) -> Result<(usize, usize), Refusal> {
    let length = number(bits, green - VALUES)?;
    let symbol = code.symbol(bits)?;
    let back = distance(number(bits, symbol)?, width);
    if back > at || length > count - at {
        Err(BROKEN)
    } else {
        Ok((length, back))
    }
}

/// The numbers of the groups, which are the red and green of a picture's pixels.
fn numbers(bits: &mut Bits<'_>, size: Size) -> Result<Vec<u16>, Refusal> {
    let cache_bits = cache_bits(bits)?;
    let [green, red, blue, alpha, distances] = group(bits, cache_bits)?;
    let count = size.pixels()?;
    let mut cache = vec![0_u32; 1 << cache_bits];
    let mut pixels = Vec::with_capacity(count);
    while pixels.len() < count {
        let start = pixels.len();
        match green.symbol(bits)? {
            symbol @ ..VALUES => {
                let (red, blue, alpha) =
                    (red.symbol(bits)?, blue.symbol(bits)?, alpha.symbol(bits)?);
                pixels.push(
                    u32::from(alpha) << 24
                        | u32::from(red) << 16
                        | u32::from(symbol) << 8
                        | u32::from(blue),
                );
            }
            symbol @ ..CACHED => {
                let (length, back) = copied(bits, symbol, &distances, size.width, start, count)?;
                (start..start + length).for_each(|at| pixels.push(pixels[at - back]));
            }
            symbol => pixels.push(*cache.get(usize::from(symbol - CACHED)).ok_or(BROKEN)?),
        }
        if cache_bits > 0 {
            pixels[start..].iter().for_each(|pixel| {
                cache[(pixel.wrapping_mul(0x1e35_a7bd) >> (32 - cache_bits)) as usize] = *pixel;
            });
        }
    }
    Ok(pixels
        .into_iter()
        .map(|pixel| (pixel >> 8 & 0xffff) as u16)
        .collect())
}

/// A length, or a distance: the symbol says how many bits follow.
fn number(bits: &mut Bits<'_>, symbol: u16) -> Result<usize, Refusal> {
    let symbol = u32::from(symbol);
    if symbol < 4 {
        return size(symbol + 1);
    }
    let more = (symbol - 2) >> 1;
    size(((2 + (symbol & 1)) << more) + bits.read(more)? + 1)
}

fn distance(code: usize, width: u32) -> usize {
    let Some((across, up)) = NEAR.get(code - 1) else {
        return code - NEAR.len();
    };
    usize::try_from(i64::from(*across) + i64::from(*up) * i64::from(width))
        .unwrap_or(1)
        .max(1)
}
