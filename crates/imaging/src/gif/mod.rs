//! GIF: extensions are kept or cut; frames are copied byte for byte, up to where their last code ends.

mod blocks;
mod lzw;

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::bytes::Reader;
use crate::exif::{self, Orientation};
use crate::memory::Memory;
use crate::{Colour, FormatLimits, Refusal, RemovedCode, Walked, icc};
use blocks::Blocks;
use lzw::{Codes, Lengths};

/// Of the signature and the screen, bytes.
const HEADER: usize = 13;
/// The flag that a colour table follows.
const TABLE: u8 = 0x80;
/// Before the number in a block that says how often the animation repeats, bytes.
const REPEATS: usize = 16;

#[expect(clippy::struct_excessive_bools, reason = "each is found by itself")]
struct Walk<'a> {
    /// Of the screen; what the first frame takes beyond it belongs to it.
    width: u32,
    height: u32,
    kept: Vec<u8>,
    lengths: Lengths,
    /// A graphic control waits for the picture that it belongs to.
    control: &'a [u8],
    /// Where in `kept` the number of repetitions stands.
    repeats: Option<usize>,
    has_profile: bool,
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
    // Without a size of its own, the screen has that of the first frame.
    limits.check(width.max(1), height.max(1), 1)?;
    let flags = reader.u8()?;
    reader.take(2)?;
    skip_table(&mut reader, flags)?;
    let mut walk = Walk {
        width,
        height,
        kept: Vec::with_capacity(bytes.len()),
        lengths: Lengths::new(),
        control: &[],
        repeats: None,
        has_profile: false,
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
    Ok(walk.finish())
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

impl<'a> Walk<'a> {
    fn extension(&mut self, reader: &mut Reader<'a>, limits: &FormatLimits) -> Result<(), Refusal> {
        let start = reader.position() - 1;
        let label = reader.u8()?;
        let mut blocks = Blocks::take(reader)?;
        let whole = reader.since(start);
        match label {
            // Of a fixed size, so that nothing hides in it.
            0xf9 if whole.len() == 8 => self.control = whole,
            0xfe => drop(self.removed.insert(RemovedCode::Comment)),
            0x01 => {
                // Text drawn as a picture, which no program draws. Its control extension is cut with it.
                self.control = &[];
                self.removed.insert(RemovedCode::Comment);
            }
            0xff => match blocks.next().unwrap_or_default() {
                name @ (b"NETSCAPE2.0" | b"ANIMEXTS1.0") => self.repeat(whole, name, blocks),
                name @ b"ICCRGBG1012" if !self.has_profile => {
                    self.profile(whole, name, &blocks, limits);
                }
                b"XMP DataXMP" => exif::xmp(whole, &mut self.removed),
                _ => drop(self.removed.insert(RemovedCode::Application)),
            },
            _ => drop(self.removed.insert(RemovedCode::Application)),
        }
        Ok(())
    }

    /// How often it repeats: the last number holds, in the block where the first one stood. Beside it, other programs write how much
    /// they would like to read ahead, which nobody does.
    fn repeat(&mut self, whole: &[u8], name: &[u8], blocks: Blocks<'_>) {
        let number = blocks
            .filter_map(|block| {
                if let [1, low, high, ..] = block {
                    Some([*low, *high])
                } else {
                    None
                }
            })
            .last();
        let Some(number) = number else {
            self.removed.insert(RemovedCode::Application);
            return;
        };
        if let Some(at) = self.repeats {
            self.kept[at..at + 2].copy_from_slice(&number);
            self.removed.insert(RemovedCode::Application);
            return;
        }
        self.repeats = Some(self.kept.len() + REPEATS);
        let block = [&[0x21, 0xff, 11], name, &[3, 1], &number, &[0]].concat();
        if block != whole {
            self.removed.insert(RemovedCode::Application);
        }
        self.kept.extend_from_slice(&block);
    }

    fn profile(&mut self, whole: &[u8], name: &[u8], blocks: &Blocks<'_>, limits: &FormatLimits) {
        if whole.len() as u64 > limits.max_metadata_bytes {
            self.removed.insert(RemovedCode::ColourProfile);
            return;
        }
        let profile = blocks.joined();
        let cut = icc::cut(&profile, Colour::Indexed);
        self.removed.extend(cut.removed);
        self.has_profile = cut.profile.is_some();
        match cut.profile {
            Some(Cow::Borrowed(_)) => self.kept.extend_from_slice(whole),
            Some(Cow::Owned(profile)) => {
                self.kept
                    .extend_from_slice(&[&[0x21, 0xff, 11], name].concat());
                blocks::write(&mut self.kept, &profile);
            }
            None => {}
        }
    }

    fn picture(&mut self, reader: &mut Reader<'a>, limits: &FormatLimits) -> Result<(), Refusal> {
        let start = reader.position() - 1;
        let (left, top) = (u32::from(reader.u16_le()?), u32::from(reader.u16_le()?));
        let (width, height) = (u32::from(reader.u16_le()?), u32::from(reader.u16_le()?));
        limits.check(width, height, 1)?;
        let flags = reader.u8()?;
        skip_table(reader, flags)?;
        self.needs_table |= flags & TABLE == 0 && !self.has_table;
        if self.frames == 0 {
            self.has_alpha = (left, top) != (0, 0) || width < self.width || height < self.height;
            (self.width, self.height) =
                (self.width.max(left + width), self.height.max(top + height));
            limits.check(self.width, self.height, 1)?;
        }
        self.frames += 1;
        let pixels = u64::from(width) * u64::from(height);
        self.pixels += pixels;
        self.largest = self.largest.max(pixels);
        if self.frames > limits.max_frames || self.pixels > limits.max_total_pixels {
            return Err(Refusal::TooLarge(
                "The animation has too many or too large frames. Save it shorter or smaller."
                    .into(),
            ));
        }
        self.has_alpha |= self.control.get(3).is_some_and(|flags| flags & 1 != 0);
        self.kept
            .extend_from_slice(std::mem::take(&mut self.control));
        let bits = reader.u8()?;
        self.kept.extend_from_slice(reader.since(start));
        self.codes(reader, bits, pixels)
    }

    /// A frame may have fewer pixels than its size says, or none: the rest shows what was there before.
    fn codes(&mut self, reader: &mut Reader<'a>, bits: u8, pixels: u64) -> Result<(), Refusal> {
        let start = reader.position();
        let blocks = Blocks::take(reader)?;
        let mut codes = Codes::new(&mut self.lengths, bits, pixels)?;
        for block in blocks.clone() {
            codes.read(block)?;
        }
        let (end, missing) = codes.end();
        self.has_alpha |= self.frames == 1 && missing > 0;
        match blocks::cut(&blocks, end) {
            Some(data) => {
                if blocks.length() > end.bytes() {
                    self.removed.insert(RemovedCode::TrailingData);
                }
                blocks::write(&mut self.kept, &data);
            }
            None => self.kept.extend_from_slice(reader.since(start)),
        }
        Ok(())
    }

    fn finish(mut self) -> Walked {
        self.kept.push(0x3b);
        let [width, height] = [self.width, self.height]
            .map(|side| u16::try_from(side).unwrap_or(u16::MAX).to_le_bytes());
        self.kept[6..10].copy_from_slice(&[width, height].concat());
        if self.needs_table {
            add_table(&mut self.kept);
        }
        let Self {
            width,
            height,
            kept,
            frames,
            largest,
            pixels: total_pixels,
            has_alpha,
            removed,
            ..
        } = self;
        // The canvas has four bytes a pixel, a frame one; of a first frame that is not whole there are two.
        let memory = Memory {
            decoding: u64::from(width) * u64::from(height) * 4 + largest * 2,
            pixel: 4,
        };
        let (orientation, animated, colour) = (Orientation::Upright, frames > 1, Colour::Indexed);
        Walked {
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
        }
    }
}
