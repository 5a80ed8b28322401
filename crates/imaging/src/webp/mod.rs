//! WebP: chunks are kept or cut, pictures end with their last bit, and the header is made true again.

mod bits;
mod booleans;
mod code;
mod lossless;
mod lossy;
mod numbers;
mod picture;
mod tokens;

use std::collections::BTreeSet;

use crate::bytes::{ENDS_EARLY, Reader, size};
use crate::exif::{self, Orientation};
use crate::memory::{CODES, Memory};
use crate::{Colour, FormatLimits, Refusal, RemovedCode, Walked, icc};
use picture::Picture;

pub const ICC_FLAG: u8 = 0x20;
pub const ALPHA_FLAG: u8 = 0x10;
const ANIMATION_FLAG: u8 = 0x02;
/// Of a frame, the flag that what it covers is empty before the next one, and the flag that it covers what is there.
const FRAME_FLAGS: u8 = 0x03;
const EMPTIES: u8 = 0x01;

/// Of the bits of a picture.
const BROKEN: Refusal = Refusal::Damaged("its pixels are broken");

#[expect(clippy::struct_excessive_bools, reason = "each is found by itself")]
struct Walk<'a> {
    size: Option<(u32, u32)>,
    /// Of an extended file: flags, three reserved bytes, canvas.
    extended: Option<[u8; 10]>,
    has_profile: bool,
    is_animated: bool,
    /// The still picture, or the frame that is read.
    picture: Picture<'a>,
    /// Whether any place can be seen through, and whether that may be so though no picture says it.
    has_alpha: bool,
    may_have_alpha: bool,
    frames: u32,
    chunks: Vec<u8>,
    removed: BTreeSet<RemovedCode>,
}

pub fn walk(bytes: &[u8], limits: &FormatLimits) -> Result<Walked, Refusal> {
    let mut reader = Reader::new(bytes);
    reader.take(4)?;
    let length = size(reader.u32_le()?)?;
    let rest = reader.rest();
    let mut body = Reader::new(rest.get(..length).unwrap_or(rest));
    body.take(4)?;
    let mut walk = Walk {
        size: None,
        extended: None,
        has_profile: false,
        is_animated: false,
        picture: Picture::default(),
        has_alpha: false,
        may_have_alpha: false,
        frames: 0,
        chunks: Vec::with_capacity(bytes.len()),
        removed: BTreeSet::new(),
    };
    while body.rest().len() >= 8 {
        let (kind, data) = chunk(&mut body)?;
        walk.chunk(kind, data, limits)?;
    }
    // Some programs count the eight bytes before the length too. A still picture that is whole is not the less so for a wrong length.
    let missing = length.saturating_sub(rest.len());
    if missing > 0 && (!body.rest().is_empty() || (walk.is_animated && missing > 8)) {
        return Err(ENDS_EARLY);
    }
    // One byte may pad the whole.
    if rest.len() > length.saturating_add(1) || !body.rest().is_empty() {
        walk.removed.insert(RemovedCode::TrailingData);
    }
    walk.finish()
}

fn chunk<'a>(reader: &mut Reader<'a>) -> Result<([u8; 4], &'a [u8]), Refusal> {
    let kind = reader.array()?;
    let length = size(reader.u32_le()?)?;
    let data = reader.take(length)?;
    // The padding of the last chunk is left out by some programs.
    let _ = reader.take(length % 2);
    Ok((kind, data))
}

/// With the byte that pads it.
pub fn write_chunk(out: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    out.extend_from_slice(&kind);
    out.extend_from_slice(&u32::try_from(data.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend_from_slice(data);
    if data.len() % 2 == 1 {
        out.push(0);
    }
}

impl<'a> Walk<'a> {
    fn chunk(
        &mut self,
        kind: [u8; 4],
        data: &'a [u8],
        limits: &FormatLimits,
    ) -> Result<(), Refusal> {
        match &kind {
            b"VP8X" if self.extended.is_none() && self.chunks.is_empty() => {
                let (width, height) = canvas(data)?;
                limits.check(width, height, 1)?;
                self.size = Some((width, height));
                self.extended = data.get(..10).and_then(|header| header.try_into().ok());
            }
            b"VP8 " | b"VP8L" if self.frames == 0 && !self.is_animated => {
                let found = picture::stored_size(kind, data)?;
                if *self.size.get_or_insert(found) != found {
                    return Err(Refusal::Damaged("its size is not the one in its header"));
                }
                limits.check(found.0, found.1, 1)?;
                self.frames = 1;
                self.has_alpha =
                    self.picture
                        .pixels(kind, data, found, &mut self.chunks, &mut self.removed)?;
            }
            b"ALPH" if self.extended.is_some() && self.frames == 0 && !self.is_animated => {
                self.picture.alpha(data, &mut self.removed);
            }
            // This makes it an animation, whatever the flags say.
            b"ANIM" if self.extended.is_some() && self.frames == 0 && !self.is_animated => {
                let data = data.get(..6).ok_or(ENDS_EARLY)?;
                self.is_animated = true;
                write_chunk(&mut self.chunks, kind, data);
            }
            b"ANMF" if self.is_animated => {
                self.frames += 1;
                let frame = self.frame(data)?;
                write_chunk(&mut self.chunks, kind, &frame);
            }
            b"ANMF" if self.frames == 0 => {
                return Err(Refusal::Damaged("the header of the animation is missing"));
            }
            b"ICCP" if self.extended.is_some() && !self.has_profile => {
                if data.len() as u64 > limits.max_metadata_bytes {
                    return Err(Refusal::Damaged("its colour profile is too large"));
                }
                let cut = icc::cut(data, Colour::Rgb);
                self.removed.extend(cut.removed);
                if let Some(profile) = cut.profile {
                    self.has_profile = true;
                    write_chunk(&mut self.chunks, kind, &profile);
                }
            }
            _ => self.cut(kind, data),
        }
        Ok(())
    }

    /// No viewer takes the orientation of a WebP from its EXIF block.
    fn cut(&mut self, kind: [u8; 4], data: &[u8]) {
        match &kind {
            b"EXIF" => {
                let report = exif::read(data.strip_prefix(b"Exif\0\0").unwrap_or(data));
                self.removed.extend(&report.holds);
                if report.holds.is_empty() {
                    self.removed.insert(RemovedCode::Exif);
                }
            }
            b"XMP " => exif::xmp(data, &mut self.removed),
            b"C2PA" => drop(self.removed.insert(RemovedCode::C2pa)),
            _ => drop(self.removed.insert(RemovedCode::Application)),
        }
    }

    /// One frame of an animation, without chunks that are no pixels. What a decoder allocates follows the sizes, so they have to agree.
    fn frame(&mut self, data: &'a [u8]) -> Result<Vec<u8>, Refusal> {
        const SIZES: Refusal = Refusal::Damaged("the size of a frame is wrong");
        let canvas = self.size.ok_or(SIZES)?;
        let mut reader = Reader::new(data);
        let (x, y) = (reader.u24_le()? * 2, reader.u24_le()? * 2);
        let size = (reader.u24_le()? + 1, reader.u24_le()? + 1);
        if x + size.0 > canvas.0 || y + size.1 > canvas.1 {
            return Err(SIZES);
        }
        reader.u24_le()?;
        let flags = reader.u8()? & FRAME_FLAGS;
        self.may_have_alpha |= flags & EMPTIES != 0;
        let mut kept = data.get(..15).unwrap_or_default().to_vec();
        kept.push(flags);
        let mut has_pixels = false;
        self.picture = Picture::default();
        while reader.rest().len() >= 8 {
            let (kind, data) = chunk(&mut reader)?;
            match &kind {
                b"VP8 " | b"VP8L" if !has_pixels => {
                    if picture::stored_size(kind, data)? != size {
                        return Err(SIZES);
                    }
                    has_pixels = true;
                    self.has_alpha |=
                        self.picture
                            .pixels(kind, data, size, &mut kept, &mut self.removed)?;
                }
                b"ALPH" if !has_pixels => self.picture.alpha(data, &mut self.removed),
                _ => drop(self.removed.insert(RemovedCode::Application)),
            }
        }
        if !reader.rest().is_empty() {
            self.removed.insert(RemovedCode::TrailingData);
        }
        // The first frame stands on nothing.
        self.has_alpha |= self.frames == 1 && size != canvas;
        if has_pixels { Ok(kept) } else { Err(SIZES) }
    }

    /// Most bytes that a decoder holds of a pixel. Lossy: brightness and colours (1.5), the result, and how transparent it is, as a lossless
    /// picture (5). Lossless: the result, a copy that has a place for alpha, and the tables of blocks (1). Moving: the canvas, what is seen
    /// of it, and the first frame (12), beside one frame of any kind.
    fn memory(&self, width: u32, height: u32) -> Memory {
        let (decoding, codes) = match (self.is_animated, self.has_alpha, self.picture.is_lossy()) {
            (true, ..) => (23, CODES),
            (_, true, true) => (11, CODES),
            (_, false, true) => (5, 0),
            _ => (8, CODES),
        };
        // Lossy pixels come in blocks of 16.
        let padded = u64::from(width).next_multiple_of(16) * u64::from(height).next_multiple_of(16);
        Memory {
            decoding: padded * decoding + codes,
            pixel: if self.has_alpha || self.is_animated {
                4
            } else {
                3
            },
        }
    }

    fn finish(mut self) -> Result<Walked, Refusal> {
        let (width, height) = self.size.ok_or(Refusal::Damaged("it has no picture"))?;
        let mut kept = b"RIFF\0\0\0\0WEBP".to_vec();
        kept.reserve(self.chunks.len() + 64);
        if let Some(mut header) = self.extended {
            self.has_alpha |=
                self.is_animated && self.may_have_alpha && header[0] & ALPHA_FLAG != 0;
            let flags = [
                (self.has_alpha, ALPHA_FLAG),
                (self.is_animated, ANIMATION_FLAG),
                (self.has_profile, ICC_FLAG),
            ];
            header[..4].fill(0);
            header[0] = flags
                .into_iter()
                .filter_map(|(is_set, flag)| is_set.then_some(flag))
                .sum();
            write_chunk(&mut kept, *b"VP8X", &header);
        }
        kept.extend_from_slice(&self.chunks);
        let length = u32::try_from(kept.len() - 8)
            .map_err(|_| Refusal::Damaged("it is too long for its format"))?;
        kept[4..8].copy_from_slice(&length.to_le_bytes());
        let memory = self.memory(width, height);
        let Self {
            has_alpha,
            frames,
            is_animated: animated,
            removed,
            ..
        } = self;
        let total_pixels = u64::from(width) * u64::from(height) * u64::from(frames);
        let (orientation, colour) = (Orientation::Upright, Colour::Rgb);
        Ok(Walked {
            width,
            height,
            orientation,
            frames,
            animated,
            total_pixels,
            colour,
            has_alpha,
            memory,
            kept,
            removed,
        })
    }
}

fn canvas(data: &[u8]) -> Result<(u32, u32), Refusal> {
    let mut reader = Reader::new(data);
    reader.take(4)?;
    Ok((reader.u24_le()? + 1, reader.u24_le()? + 1))
}
