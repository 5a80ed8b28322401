//! PNG and APNG: chunks are kept or cut; their order stays. What the pixels are packed in is measured, and ends where they do.

mod apng;
mod chunks;
mod header;
mod pixels;
mod profile;

use std::collections::BTreeSet;
use std::ops::Range;

use crate::bytes::{ENDS_EARLY, Reader};
use crate::exif::{self, Orientation};
use crate::memory::Memory;
use crate::{Colour, FormatLimits, Refusal, RemovedCode, Walked};
use apng::{Animation, Frame};
use chunks::{Chunk, write_chunk};
use header::{Header, Kind};
use pixels::Pixels;
use profile::Kept;

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
const IOS: Refusal = Refusal::Unsupported(
    "This is an iOS-optimised PNG (CgBI), which browsers can't show: export it again with Preview or Photos, or undo it with `pngcrush -revert-iphone-optimizations`.",
);

struct Walk<'a> {
    file: &'a [u8],
    header: Header,
    orientation: Option<Orientation>,
    /// How many colours the palette has.
    colours: Option<usize>,
    /// Of the still picture.
    pixels: Pixels<'a>,
    animation: Option<Animation>,
    /// Those behind the still picture.
    frames: Vec<Frame<'a>>,
    /// Kinds that were kept and come once.
    seen: BTreeSet<[u8; 4]>,
    /// What is kept before the pixels.
    head: Vec<u8>,
    /// Where the animation's chunks are in `head`.
    moving: Vec<Range<usize>>,
    removed: BTreeSet<RemovedCode>,
}

pub fn walk(bytes: &[u8], limits: &FormatLimits) -> Result<Walked, Refusal> {
    let mut reader = Reader::new(bytes);
    reader.take(SIGNATURE.len())?;
    let first = chunks::read(&mut reader)?;
    if first.kind == *b"CgBI" {
        return Err(IOS);
    }
    if first.kind != *b"IHDR" || first.data.len() != 13 || !first.is_intact() {
        return Err(Refusal::Damaged("its header is broken"));
    }
    let mut walk = Walk::new(bytes, Header::read(first.data)?);
    // Before anything is copied or counted.
    limits.check(walk.header.size.0, walk.header.size.1, 1)?;
    let mut is_ended = false;
    while !is_ended {
        let start = reader;
        let Ok(chunk) = chunks::read(&mut reader) else {
            // A program that was stopped, or a copy: the pixels may be whole.
            reader = start;
            break;
        };
        is_ended = chunk.kind == *b"IEND";
        if !is_ended {
            walk.chunk(&chunk, start.position(), limits)?;
        } else if !chunk.data.is_empty() {
            walk.removed.insert(RemovedCode::TrailingData);
        }
    }
    if !reader.rest().is_empty() {
        walk.removed.insert(RemovedCode::TrailingData);
    }
    walk.finish(first.whole, is_ended, limits)
}

impl<'a> Walk<'a> {
    fn new(file: &'a [u8], header: Header) -> Self {
        Self {
            file,
            header,
            orientation: None,
            colours: None,
            pixels: Pixels::new(file, 0),
            animation: None,
            frames: Vec::new(),
            seen: BTreeSet::new(),
            head: Vec::new(),
            moving: Vec::new(),
            removed: BTreeSet::new(),
        }
    }

    const fn has_pixels(&self) -> bool {
        !self.pixels.is_empty()
    }

    fn chunk(
        &mut self,
        chunk: &Chunk<'a>,
        at: usize,
        limits: &FormatLimits,
    ) -> Result<(), Refusal> {
        match &chunk.kind {
            b"IHDR" => return Err(Refusal::Damaged("it has two headers")),
            b"IDAT" => return self.keep_pixels(chunk, at),
            b"PLTE" => return self.palette(chunk),
            b"acTL" if !self.has_pixels() => return self.control(chunk),
            b"fcTL" if self.animation.is_some() => {
                return if self.has_pixels() {
                    self.frame(chunk, limits)
                } else {
                    self.control(chunk)
                };
            }
            b"fdAT" if self.animation.is_some() => return self.frame_pixels(chunk, at),
            b"eXIf" => self.exif(chunk),
            kind if self.keeps(chunk, limits)? => drop(self.seen.insert(*kind)),
            [first, ..] if first.is_ascii_uppercase() => {
                return Err(Refusal::Damaged(
                    "it needs an extension that browsers don't know",
                ));
            }
            kind => drop(self.removed.insert(chunks::meaning(*kind, chunk.data))),
        }
        if chunk.kind == *b"iTXt" && chunk.data.starts_with(b"XML:com.adobe.xmp") {
            exif::xmp(chunk.data, &mut self.removed);
        }
        Ok(())
    }

    fn keep_pixels(&mut self, chunk: &Chunk<'_>, at: usize) -> Result<(), Refusal> {
        intact(chunk)?;
        self.pixels.push(at..at + chunk.whole.len());
        match &mut self.animation {
            Some(animation) if self.frames.is_empty() => animation.default_pixels(),
            Some(animation) => animation.contradict(),
            None => {}
        }
        Ok(())
    }

    /// Indexed pixels need it. To others it is a suggestion, for screens of 256 colours, or not allowed.
    fn palette(&mut self, chunk: &Chunk<'_>) -> Result<(), Refusal> {
        intact(chunk)?;
        let is_needed = self.header.kind == Kind::Indexed && !self.has_pixels();
        if !is_needed {
            self.removed.insert(RemovedCode::Application);
            return Ok(());
        }
        let size = chunk.data.len();
        if self.colours.is_some() || size == 0 || !size.is_multiple_of(3) || size > 768 {
            return Err(Refusal::Damaged("its palette is broken"));
        }
        let colours = (size / 3).min(self.header.most_colours());
        self.colours = Some(colours);
        self.keep(chunk, 3 * colours);
        Ok(())
    }

    /// Browsers look at the first one, and not behind the pixels.
    fn exif(&mut self, chunk: &Chunk<'_>) {
        let report = exif::read(chunk.data);
        self.removed.extend(report.holds);
        if self.has_pixels() || self.orientation.is_some() || !chunk.is_intact() {
            self.removed.insert(RemovedCode::Exif);
        } else {
            self.orientation = Some(report.orientation);
        }
    }

    /// A chunk that says how the pixels look is kept. Each has a size of its own, so that nothing hides in it, comes once, and before them.
    fn keeps(&mut self, chunk: &Chunk<'a>, limits: &FormatLimits) -> Result<bool, Refusal> {
        if self.has_pixels() || self.seen.contains(&chunk.kind) || !chunk.is_intact() {
            return Ok(false);
        }
        if chunk.kind == *b"iCCP" {
            return Ok(
                match profile::cut(chunk, &self.header, limits, &mut self.removed)? {
                    Kept::Data(kept) => {
                        write_chunk(&mut self.head, chunk.kind, &[&kept]);
                        true
                    }
                    Kept::OfOthers => {
                        if self.seen.insert(*b"sRGB") {
                            write_chunk(&mut self.head, *b"sRGB", &[&[0]]);
                        }
                        false
                    }
                    Kept::Nothing => false,
                },
            );
        }
        let size = chunks::kept(chunk.kind, chunk.data.len(), &self.header, self.colours);
        if let Some(size) = size {
            self.keep(chunk, size);
        }
        Ok(size.is_some())
    }

    /// The first bytes of a chunk.
    fn keep(&mut self, chunk: &Chunk<'_>, size: usize) {
        if size == chunk.data.len() {
            self.head.extend_from_slice(chunk.whole);
        } else {
            self.removed.insert(RemovedCode::Application);
            write_chunk(
                &mut self.head,
                chunk.kind,
                &[chunk.data.get(..size).unwrap_or_default()],
            );
        }
    }

    fn finish(
        mut self,
        first: &[u8],
        is_ended: bool,
        limits: &FormatLimits,
    ) -> Result<Walked, Refusal> {
        if !self.has_pixels() {
            return Err(if is_ended {
                Refusal::Damaged("it has no picture")
            } else {
                ENDS_EARLY
            });
        }
        if self.header.kind == Kind::Indexed && self.colours.is_none() {
            return Err(Refusal::Damaged("it has no palette"));
        }
        let frames = self
            .animation
            .as_ref()
            .filter(|animation| animation.is_whole())
            .map(|animation| animation.frames);
        if !is_ended && self.animation.is_some() && frames.is_none() {
            return Err(ENDS_EARLY);
        }
        if frames.is_none() && !self.moving.is_empty() {
            self.hold_still();
        }
        let (width, height) = self.header.size;
        limits.check(width, height, frames.unwrap_or(1))?;
        let kept = self.write(first)?;
        let (colour, has_alpha) = (
            self.header.colour(),
            self.header.has_alpha_channel() || self.seen.contains(b"tRNS"),
        );
        let (orientation, animated) = (self.orientation.unwrap_or_default(), frames.is_some());
        let pixel = if colour == Colour::Grey { 1 } else { 3 } + u64::from(has_alpha);
        // Pixels are decoded to 8 bits a channel; of an animation there is the first frame, and the one that is looked at.
        let decoding = u64::from(width) * u64::from(height) * pixel * if animated { 2 } else { 1 };
        let memory = Memory { decoding, pixel };
        let frames = frames.unwrap_or(1);
        let total_pixels = u64::from(width) * u64::from(height) * u64::from(frames);
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
            removed: self.removed,
        })
    }

    fn write(&mut self, first: &[u8]) -> Result<Vec<u8>, Refusal> {
        let plan = self
            .pixels
            .plan(self.header.unpacked(self.header.size), &mut self.removed)?;
        let mut kept = SIGNATURE.to_vec();
        kept.reserve(self.file.len() + 128);
        kept.extend_from_slice(first);
        if let Some(tiff) = self.orientation.and_then(Orientation::minimal_tiff) {
            write_chunk(&mut kept, *b"eXIf", &[&tiff]);
        }
        kept.extend_from_slice(&self.head);
        self.pixels.write(&plan, *b"IDAT", Vec::new, &mut kept);
        self.write_frames(&mut kept)?;
        write_chunk(&mut kept, *b"IEND", &[]);
        Ok(kept)
    }
}

fn intact(chunk: &Chunk<'_>) -> Result<(), Refusal> {
    if chunk.is_intact() {
        Ok(())
    } else {
        Err(Refusal::Damaged("a checksum is wrong"))
    }
}
