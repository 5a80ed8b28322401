//! PNG and APNG: chunks are kept or cut; their order stays.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::apng::Animation;
use crate::bytes::{Reader, size};
use crate::exif::{self, Orientation};
use crate::memory::Memory;
use crate::{Colour, FormatLimits, Refusal, RemovedCode, Walked};

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// One table in the page, which has to be small; sixteen where speed counts.
#[cfg(target_family = "wasm")]
type Tables = crc::Table<1>;
#[cfg(not(target_family = "wasm"))]
type Tables = crc::Table<16>;

static CHECKSUM: crc::Crc<u32, Tables> = crc::Crc::<u32, Tables>::new(&crc::CRC_32_ISO_HDLC);

struct Chunk<'a> {
    kind: [u8; 4],
    data: &'a [u8],
    /// Length, kind, data and checksum as they stand.
    whole: &'a [u8],
    is_intact: bool,
}

#[derive(Default)]
struct Walk {
    size: (u32, u32),
    orientation: Orientation,
    has_pixels: bool,
    animation: Option<Animation>,
    /// Where its chunks are in `chunks`.
    moving: Vec<Range<usize>>,
    /// Kinds that were kept and come once.
    seen: BTreeSet<[u8; 4]>,
    chunks: Vec<u8>,
    removed: BTreeSet<RemovedCode>,
}

pub fn walk(bytes: &[u8], limits: &FormatLimits) -> Result<Walked, Refusal> {
    let mut reader = Reader::new(bytes);
    reader.take(SIGNATURE.len())?;
    let header = chunk(&mut reader)?;
    if header.kind != *b"IHDR" || header.data.len() != 13 || !header.is_intact {
        return Err(Refusal::Damaged("its header is broken"));
    }
    let mut fields = Reader::new(header.data);
    let mut walk = Walk { size: (fields.u32_be()?, fields.u32_be()?), ..Walk::default() };
    // Before anything is copied or counted.
    limits.check(walk.size.0, walk.size.1, 1)?;
    walk.chunks.reserve(bytes.len());
    loop {
        let chunk = chunk(&mut reader)?;
        if chunk.kind == *b"IEND" {
            break;
        }
        walk.chunk(&chunk, limits)?;
    }
    if !reader.rest().is_empty() {
        walk.removed.insert(RemovedCode::TrailingData);
    }
    walk.finish(header.whole)
}

fn chunk<'a>(reader: &mut Reader<'a>) -> Result<Chunk<'a>, Refusal> {
    let start = reader.position();
    let length = size(reader.u32_be()?)?;
    let kind = reader.array()?;
    let data = reader.take(length)?;
    let checksum = reader.u32_be()?;
    let whole = reader.since(start);
    let is_intact = CHECKSUM.checksum(whole.get(4..8 + length).unwrap_or_default()) == checksum;
    Ok(Chunk { kind, data, whole, is_intact })
}

fn write_chunk(out: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    let start = out.len() + 4;
    out.extend_from_slice(&u32::try_from(data.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend_from_slice(&kind);
    out.extend_from_slice(data);
    let checksum = CHECKSUM.checksum(&out[start..]);
    out.extend_from_slice(&checksum.to_be_bytes());
}

impl Walk {
    fn chunk(&mut self, chunk: &Chunk<'_>, limits: &FormatLimits) -> Result<(), Refusal> {
        match &chunk.kind {
            b"IHDR" => return Err(Refusal::Damaged("it has two headers")),
            b"IDAT" | b"PLTE" => return self.keep_pixels(chunk),
            b"acTL" if !self.has_pixels => return self.keep_moving(chunk),
            b"fcTL" | b"fdAT" if self.animation.is_some() => return self.keep_moving(chunk),
            b"eXIf" => {
                let report = exif::read(chunk.data);
                self.orientation = report.orientation;
                self.removed.extend(report.holds);
                return Ok(());
            }
            kind if chunk.is_intact && self.is_kept(*kind, chunk.data, limits)? => {
                self.seen.insert(*kind);
                self.chunks.extend_from_slice(chunk.whole);
                return Ok(());
            }
            [first, ..] if first.is_ascii_uppercase() => return Err(Refusal::Damaged("it needs an extension that browsers don't know")),
            kind => self.removed.insert(meaning(*kind, chunk.data)),
        };
        if chunk.kind == *b"iTXt" && chunk.data.starts_with(b"XML:com.adobe.xmp") {
            exif::xmp(chunk.data, &mut self.removed);
        }
        Ok(())
    }

    fn keep_pixels(&mut self, chunk: &Chunk<'_>) -> Result<(), Refusal> {
        if !chunk.is_intact {
            return Err(Refusal::Damaged("a checksum is wrong"));
        }
        if chunk.kind == *b"IDAT" {
            self.has_pixels = true;
            self.animation.iter_mut().for_each(Animation::default_pixels);
        }
        self.chunks.extend_from_slice(chunk.whole);
        Ok(())
    }

    fn keep_moving(&mut self, chunk: &Chunk<'_>) -> Result<(), Refusal> {
        let start = self.chunks.len();
        self.keep_pixels(chunk)?;
        self.moving.push(start..self.chunks.len());
        match (&mut self.animation, &chunk.kind) {
            (None, _) => self.animation = Some(Animation::new(chunk.data, self.size)),
            (Some(animation), b"fcTL") => animation.control(chunk.data, !self.has_pixels),
            (Some(animation), b"fdAT") => animation.pixels(chunk.data),
            (Some(animation), _) => animation.contradict(),
        }
        Ok(())
    }

    /// Whether a chunk says how the pixels look. Each has a size of its own, so that nothing hides in it, and comes once.
    fn is_kept(&self, kind: [u8; 4], data: &[u8], limits: &FormatLimits) -> Result<bool, Refusal> {
        let size = data.len();
        let fits = match &kind {
            b"tRNS" => size <= 256,
            b"hIST" => size <= 512 && size.is_multiple_of(2),
            b"gAMA" | b"cICP" => size == 4,
            b"cHRM" => size == 32,
            b"sRGB" => size == 1,
            b"sBIT" => (1..=4).contains(&size),
            b"bKGD" => matches!(size, 1 | 2 | 6),
            b"pHYs" => size == 9,
            b"mDCV" => size == 24,
            b"cLLI" => size == 8,
            b"iCCP" => !self.seen.contains(&kind) && is_profile(data, limits)?,
            _ => false,
        };
        Ok(fits && !self.seen.contains(&kind))
    }

    fn finish(mut self, header: &[u8]) -> Result<Walked, Refusal> {
        if !self.has_pixels {
            return Err(Refusal::Damaged("it has no picture"));
        }
        let frames = self.animation.as_ref().filter(|animation| animation.is_whole()).map(|animation| animation.frames);
        if frames.is_none() && !self.moving.is_empty() {
            self.hold_still();
        }
        let mut kept = SIGNATURE.to_vec();
        kept.reserve(self.chunks.len() + 128);
        kept.extend_from_slice(header);
        if let Some(tiff) = self.orientation.minimal_tiff() {
            write_chunk(&mut kept, *b"eXIf", &tiff);
        }
        kept.extend_from_slice(&self.chunks);
        write_chunk(&mut kept, *b"IEND", &[]);
        let (width, height) = self.size;
        let (colour, has_alpha) = self.colours(header);
        let (orientation, animated) = (self.orientation, frames.is_some());
        let pixel = if colour == Colour::Grey { 1 } else { 3 } + u64::from(has_alpha);
        // Pixels are decoded to 8 bits a channel; of an animation there is the first frame, and the one that is looked at.
        let decoding = u64::from(width) * u64::from(height) * pixel * if animated { 2 } else { 1 };
        let memory = Memory { decoding, pixel };
        let frames = frames.unwrap_or(1);
        let total_pixels = u64::from(width) * u64::from(height) * u64::from(frames);
        Ok(Walked { width, height, orientation, frames, animated, total_pixels, colour, has_alpha, memory, kept, removed: self.removed })
    }

    fn colours(&self, header: &[u8]) -> (Colour, bool) {
        let is_transparent = self.seen.contains(b"tRNS");
        match header.get(17) {
            Some(0) => (Colour::Grey, is_transparent),
            Some(3) => (Colour::Indexed, is_transparent),
            Some(4) => (Colour::Grey, true),
            Some(6) => (Colour::Rgb, true),
            _ => (Colour::Rgb, is_transparent),
        }
    }

    /// Cuts an animation that is broken, as viewers show the still picture then.
    fn hold_still(&mut self) {
        let mut still = Vec::with_capacity(self.chunks.len());
        let mut from = 0;
        for Range { start, end } in self.moving.drain(..) {
            still.extend_from_slice(&self.chunks[from..start]);
            from = end;
        }
        still.extend_from_slice(&self.chunks[from..]);
        self.chunks = still;
        self.removed.insert(RemovedCode::Application);
    }
}

/// Whether a profile can be unpacked: decoders ignore one that can't, so it is cut. One that grows beyond the limit is never
/// unpacked further, and refused.
fn is_profile(data: &[u8], limits: &FormatLimits) -> Result<bool, Refusal> {
    let Some(name) = data.iter().take(80).position(|byte| *byte == 0) else { return Ok(false) };
    let packed = data.get(name + 2..).unwrap_or_default();
    let most = usize::try_from(limits.max_metadata_bytes).unwrap_or(usize::MAX);
    match miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(packed, most) {
        Ok(_) => Ok(true),
        Err(error) if error.status == miniz_oxide::inflate::TINFLStatus::HasMoreOutput => {
            Err(Refusal::Damaged("its colour profile is too large"))
        }
        Err(_) => Ok(false),
    }
}

fn meaning(kind: [u8; 4], data: &[u8]) -> RemovedCode {
    match &kind {
        b"tEXt" | b"zTXt" | b"iTXt" => keyword(data.split(|byte| *byte == 0).next().unwrap_or_default()),
        b"tIME" => RemovedCode::Time,
        b"caBX" => RemovedCode::C2pa,
        _ => RemovedCode::Application,
    }
}

fn keyword(word: &[u8]) -> RemovedCode {
    match word {
        b"Author" | b"Copyright" => RemovedCode::Owner,
        b"Software" => RemovedCode::Software,
        b"Creation Time" => RemovedCode::Time,
        b"Source" => RemovedCode::Device,
        b"XML:com.adobe.xmp" | b"Raw profile type xmp" => RemovedCode::Xmp,
        b"Raw profile type exif" | b"Raw profile type APP1" => RemovedCode::Exif,
        b"Raw profile type iptc" | b"Raw profile type 8bim" => RemovedCode::Iptc,
        _ => RemovedCode::Comment,
    }
}
