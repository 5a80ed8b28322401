//! GIF: extensions are kept or cut; pictures are copied byte for byte.

use std::collections::BTreeSet;

use crate::bytes::Reader;
use crate::exif::{self, Orientation};
use crate::memory::Memory;
use crate::{Colour, FormatLimits, Refusal, RemovedCode, Walked};

/// Of the signature and the screen, bytes.
const HEADER: usize = 13;
/// The flag that a colour table follows.
const TABLE: u8 = 0x80;

struct Walk<'a> {
    kept: Vec<u8>,
    /// A graphic control waits for the picture that it belongs to.
    control: &'a [u8],
    has_table: bool,
    needs_table: bool,
    frames: u32,
    /// Of all frames: they may be larger than the canvas.
    pixels: u64,
    /// Pixels of the largest frame.
    largest: u64,
    has_alpha: bool,
    removed: BTreeSet<RemovedCode>,
}

pub fn walk(bytes: &[u8], limits: &FormatLimits) -> Result<Walked, Refusal> {
    let mut reader = Reader::new(bytes);
    reader.take(6)?;
    let (width, height) = (u32::from(reader.u16_le()?), u32::from(reader.u16_le()?));
    limits.check(width, height, 1)?;
    let flags = reader.u8()?;
    reader.take(2)?;
    skip_table(&mut reader, flags)?;
    let mut walk = Walk {
        kept: Vec::with_capacity(bytes.len()),
        control: &[],
        has_table: flags & TABLE != 0,
        needs_table: false,
        frames: 0,
        pixels: 0,
        largest: 0,
        has_alpha: false,
        removed: BTreeSet::new(),
    };
    walk.kept.extend_from_slice(reader.since(0));
    // Some programs leave the end marker out.
    while let Ok(introducer) = reader.u8() {
        match introducer {
            0x21 => walk.extension(&mut reader, limits)?,
            0x2c => walk.picture(&mut reader, limits)?,
            0x3b => break,
            _ if walk.frames > 0 => {
                walk.removed.insert(RemovedCode::TrailingData);
                break;
            }
            _ => return Err(Refusal::Damaged("a block is unknown")),
        }
    }
    if !reader.rest().is_empty() {
        walk.removed.insert(RemovedCode::TrailingData);
    }
    walk.kept.push(0x3b);
    if walk.needs_table {
        add_table(&mut walk.kept);
    }
    let Walk { kept, frames, largest, pixels: total_pixels, has_alpha, removed, .. } = walk;
    // The canvas has four bytes a pixel, a frame one.
    let memory = Memory { decoding: u64::from(width) * u64::from(height) * 4 + largest, pixel: 4 };
    let (orientation, animated, colour) = (Orientation::Upright, frames > 1, Colour::Indexed);
    Ok(Walked { width, height, orientation, frames, animated, total_pixels, colour, has_alpha, memory, kept, removed })
}

fn skip_table(reader: &mut Reader<'_>, flags: u8) -> Result<(), Refusal> {
    if flags & TABLE != 0 {
        reader.take(3 << ((flags & 7) + 1))?;
    }
    Ok(())
}

/// Without a table, pixels have no colours: 256 greys, as other programs take them.
fn add_table(kept: &mut Vec<u8>) {
    kept[10] |= TABLE | 7;
    kept.splice(HEADER..HEADER, (0..=255).flat_map(|grey| [grey; 3]));
}

fn skip_blocks(reader: &mut Reader<'_>) -> Result<(), Refusal> {
    loop {
        match reader.u8()? {
            0 => return Ok(()),
            length => drop(reader.take(length.into())?),
        }
    }
}

impl<'a> Walk<'a> {
    fn extension(&mut self, reader: &mut Reader<'a>, limits: &FormatLimits) -> Result<(), Refusal> {
        let start = reader.position() - 1;
        let label = reader.u8()?;
        let body = reader.position();
        skip_blocks(reader)?;
        let (whole, data) = (reader.since(start), reader.since(body));
        match label {
            // Of a fixed size, so that nothing hides in it.
            0xf9 if whole.len() == 8 => self.control = whole,
            0xfe => drop(self.removed.insert(RemovedCode::Comment)),
            0x01 => {
                // Text that is drawn like a picture: nothing draws it. Its control goes with it.
                self.control = &[];
                self.removed.insert(RemovedCode::Comment);
            }
            0xff => self.application(whole, data.get(1..12).unwrap_or_default(), limits),
            _ => drop(self.removed.insert(RemovedCode::Application)),
        }
        Ok(())
    }

    fn application(&mut self, whole: &[u8], name: &[u8], limits: &FormatLimits) {
        match name {
            // How often it repeats: sub-blocks of a fixed size, so that nothing hides in them.
            b"NETSCAPE2.0" | b"ANIMEXTS1.0" if whole.len() == 19 => self.kept.extend_from_slice(whole),
            b"ICCRGBG1012" if whole.len() as u64 <= limits.max_metadata_bytes => self.kept.extend_from_slice(whole),
            b"XMP DataXMP" => exif::xmp(whole, &mut self.removed),
            _ => drop(self.removed.insert(RemovedCode::Application)),
        }
    }

    fn picture(&mut self, reader: &mut Reader<'a>, limits: &FormatLimits) -> Result<(), Refusal> {
        let start = reader.position() - 1;
        reader.take(4)?;
        let (width, height) = (reader.u16_le()?, reader.u16_le()?);
        limits.check(width.into(), height.into(), 1)?;
        let flags = reader.u8()?;
        skip_table(reader, flags)?;
        self.needs_table |= flags & TABLE == 0 && !self.has_table;
        reader.u8()?;
        skip_blocks(reader)?;
        self.has_alpha |= self.control.get(3).is_some_and(|flags| flags & 1 != 0);
        self.kept.extend_from_slice(self.control);
        self.control = &[];
        self.kept.extend_from_slice(reader.since(start));
        self.frames += 1;
        let pixels = u64::from(width) * u64::from(height);
        self.pixels += pixels;
        self.largest = self.largest.max(pixels);
        if self.frames > limits.max_frames || self.pixels > limits.max_total_pixels {
            return Err(Refusal::TooLarge("The animation has too many or too large frames. Save it shorter or smaller.".into()));
        }
        Ok(())
    }
}
