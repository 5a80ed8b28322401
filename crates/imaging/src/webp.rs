//! WebP: chunks are kept or cut, and the header is made true again.

use std::collections::BTreeSet;

use crate::bytes::{Reader, size};
use crate::exif::{self, Orientation};
use crate::memory::{CODES, Memory};
use crate::{Colour, FormatLimits, Refusal, RemovedCode, Walked};

const EXIF_FLAG: u8 = 0x08;
const ICC_FLAG: u8 = 0x20;
const ALPHA_FLAG: u8 = 0x10;
const ANIMATION_FLAG: u8 = 0x02;

/// How the pixels of a still picture are stored.
#[derive(Clone, Copy, PartialEq)]
enum Pixels {
    Lossy,
    Lossless,
    LosslessWithAlpha,
}

struct Walk {
    size: Option<(u32, u32)>,
    /// Of an extended file: flags, three reserved bytes, canvas.
    extended: Option<[u8; 10]>,
    has_profile: bool,
    is_animated: bool,
    pixels: Pixels,
    frames: u32,
    orientation: Orientation,
    chunks: Vec<u8>,
    removed: BTreeSet<RemovedCode>,
}

pub fn walk(bytes: &[u8], limits: &FormatLimits) -> Result<Walked, Refusal> {
    let mut reader = Reader::new(bytes);
    reader.take(4)?;
    let length = size(reader.u32_le()?)?;
    let mut body = Reader::new(reader.take(length)?);
    body.take(4)?;
    let mut walk = Walk {
        size: None,
        extended: None,
        has_profile: false,
        is_animated: false,
        pixels: Pixels::Lossy,
        frames: 0,
        orientation: Orientation::Upright,
        chunks: Vec::with_capacity(bytes.len()),
        removed: BTreeSet::new(),
    };
    while body.rest().len() >= 8 {
        let (kind, data) = chunk(&mut body)?;
        walk.chunk(kind, data, limits)?;
    }
    // One byte may pad the whole.
    if reader.rest().len() > 1 || !body.rest().is_empty() {
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

fn write_chunk(out: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    out.extend_from_slice(&kind);
    out.extend_from_slice(&u32::try_from(data.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend_from_slice(data);
    if data.len() % 2 == 1 {
        out.push(0);
    }
}

impl Walk {
    fn chunk(&mut self, kind: [u8; 4], data: &[u8], limits: &FormatLimits) -> Result<(), Refusal> {
        match &kind {
            b"VP8X" if self.extended.is_none() && self.chunks.is_empty() => {
                let (width, height) = canvas(data)?;
                limits.check(width, height, 1)?;
                self.size = Some((width, height));
                self.extended = data.get(..10).and_then(|header| header.try_into().ok());
                self.is_animated = data.first().is_some_and(|flags| flags & ANIMATION_FLAG != 0);
            }
            b"VP8 " | b"VP8L" if self.frames == 0 && !self.is_animated => {
                let found = stored_size(kind, data)?;
                if *self.size.get_or_insert(found) != found {
                    return Err(Refusal::Damaged("its size is not the one in its header"));
                }
                self.frames = 1;
                self.pixels = match data.get(4) {
                    _ if kind == *b"VP8 " => Pixels::Lossy,
                    Some(bits) if bits & 0x10 != 0 => Pixels::LosslessWithAlpha,
                    _ => Pixels::Lossless,
                };
                write_chunk(&mut self.chunks, kind, data);
            }
            b"ANIM" if self.is_animated && data.len() == 6 => write_chunk(&mut self.chunks, kind, data),
            b"ANMF" if self.is_animated => {
                self.frames += 1;
                let frame = self.frame(data)?;
                write_chunk(&mut self.chunks, kind, &frame);
            }
            b"ALPH" if self.extended.is_some() && self.frames == 0 && !self.is_animated => write_chunk(&mut self.chunks, kind, data),
            b"ICCP" if self.extended.is_some() && !self.has_profile => {
                if data.len() as u64 > limits.max_metadata_bytes {
                    return Err(Refusal::Damaged("its colour profile is too large"));
                }
                self.has_profile = true;
                write_chunk(&mut self.chunks, kind, data);
            }
            b"EXIF" => {
                let report = exif::read(data.strip_prefix(b"Exif\0\0").unwrap_or(data));
                self.orientation = report.orientation;
                self.removed.extend(report.holds);
            }
            b"XMP " => exif::xmp(data, &mut self.removed),
            b"C2PA" => drop(self.removed.insert(RemovedCode::C2pa)),
            _ => drop(self.removed.insert(RemovedCode::Application)),
        }
        Ok(())
    }

    /// One frame of an animation, without chunks that are no pixels. What a decoder allocates follows the sizes, so they have to agree.
    fn frame(&mut self, data: &[u8]) -> Result<Vec<u8>, Refusal> {
        const SIZES: Refusal = Refusal::Damaged("the size of a frame is wrong");
        let (canvas_width, canvas_height) = self.size.ok_or(SIZES)?;
        let mut reader = Reader::new(data);
        let (x, y) = (reader.u24_le()? * 2, reader.u24_le()? * 2);
        let size = (reader.u24_le()? + 1, reader.u24_le()? + 1);
        if x + size.0 > canvas_width || y + size.1 > canvas_height {
            return Err(SIZES);
        }
        reader.take(4)?;
        let mut kept = reader.since(0).to_vec();
        let mut has_pixels = false;
        while reader.rest().len() >= 8 {
            let (kind, data) = chunk(&mut reader)?;
            match &kind {
                b"VP8 " | b"VP8L" if !has_pixels => {
                    if stored_size(kind, data)? != size {
                        return Err(SIZES);
                    }
                    has_pixels = true;
                    write_chunk(&mut kept, kind, data);
                }
                b"ALPH" if !has_pixels => write_chunk(&mut kept, kind, data),
                _ => drop(self.removed.insert(RemovedCode::Application)),
            }
        }
        if has_pixels { Ok(kept) } else { Err(SIZES) }
    }

    /// Most bytes that a decoder holds of a pixel. Lossy: brightness and colours (1.5), the result, and how transparent it is, as a lossless
    /// picture (5). Lossless: the result, a copy that has a place for alpha, and the tables of blocks (1). Moving: the canvas, what is seen
    /// of it, and the first frame (12), beside one frame of any kind.
    fn memory(&self, width: u32, height: u32, has_alpha: bool) -> Memory {
        let (decoding, codes) = match (self.is_animated, has_alpha, self.pixels) {
            (true, ..) => (23, CODES),
            (_, true, Pixels::Lossy) => (11, CODES),
            (_, false, Pixels::Lossy) => (5, 0),
            _ => (8, CODES),
        };
        // Lossy pixels come in blocks of 16.
        let padded = u64::from(width).next_multiple_of(16) * u64::from(height).next_multiple_of(16);
        Memory { decoding: padded * decoding + codes, pixel: if has_alpha || self.is_animated { 4 } else { 3 } }
    }

    fn finish(mut self) -> Result<Walked, Refusal> {
        let (width, height) = self.size.ok_or(Refusal::Damaged("it has no picture"))?;
        // A simple file has no place for an orientation: its EXIF chunk means nothing to readers.
        if self.extended.is_none() {
            self.orientation = Orientation::Upright;
        }
        let tiff = self.orientation.minimal_tiff();
        let mut kept = b"RIFF\0\0\0\0WEBP".to_vec();
        kept.reserve(self.chunks.len() + 64);
        if let Some(mut header) = self.extended {
            header[0] &= ALPHA_FLAG | ANIMATION_FLAG;
            header[1..4].fill(0);
            header[0] |= if tiff.is_some() { EXIF_FLAG } else { 0 } | if self.has_profile { ICC_FLAG } else { 0 };
            write_chunk(&mut kept, *b"VP8X", &header);
        }
        kept.extend_from_slice(&self.chunks);
        if let Some(tiff) = tiff {
            write_chunk(&mut kept, *b"EXIF", &tiff);
        }
        let length = u32::try_from(kept.len() - 8).map_err(|_| Refusal::Damaged("it is too long for its format"))?;
        kept[4..8].copy_from_slice(&length.to_le_bytes());
        let has_alpha = self.extended.map_or(self.pixels == Pixels::LosslessWithAlpha, |header| header[0] & ALPHA_FLAG != 0);
        let memory = self.memory(width, height, has_alpha);
        let Self { orientation, frames, is_animated: animated, removed, .. } = self;
        let total_pixels = u64::from(width) * u64::from(height) * u64::from(frames);
        Ok(Walked { width, height, orientation, frames, animated, total_pixels, colour: Colour::Rgb, has_alpha, memory, kept, removed })
    }
}

fn canvas(data: &[u8]) -> Result<(u32, u32), Refusal> {
    let mut reader = Reader::new(data);
    reader.take(4)?;
    Ok((reader.u24_le()? + 1, reader.u24_le()? + 1))
}

fn stored_size(kind: [u8; 4], data: &[u8]) -> Result<(u32, u32), Refusal> {
    if kind == *b"VP8 " { lossy_size(data) } else { lossless_size(data) }
}

fn lossy_size(data: &[u8]) -> Result<(u32, u32), Refusal> {
    let mut reader = Reader::new(data);
    reader.take(3)?;
    if reader.take(3)? != b"\x9d\x01\x2a" {
        return Err(Refusal::Damaged("its header is broken"));
    }
    Ok((u32::from(reader.u16_le()? & 0x3fff), u32::from(reader.u16_le()? & 0x3fff)))
}

fn lossless_size(data: &[u8]) -> Result<(u32, u32), Refusal> {
    let mut reader = Reader::new(data);
    if reader.u8()? != 0x2f {
        return Err(Refusal::Damaged("its header is broken"));
    }
    let bits = reader.u32_le()?;
    Ok(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
}
