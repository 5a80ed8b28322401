//! JPEG: segments are kept or cut; scans are copied byte for byte.

use std::collections::BTreeSet;

use crate::bytes::{ENDS_EARLY, Reader};
use crate::exif::{self, Orientation};
use crate::memory::Memory;
use crate::{Colour, FormatLimits, Refusal, RemovedCode, Walked};

const EXIF: &[u8] = b"Exif\0\0";
const XMP: &[u8] = b"http://ns.adobe.com/x";
const ICC: &[u8] = b"ICC_PROFILE\0";
/// Progressive encoders write about 10.
const MOST_SCANS: u32 = 200;

#[derive(Default)]
struct Walk {
    size: Option<(u32, u32)>,
    /// How often each component is sampled in a block, across and down.
    sampling: Vec<(u8, u8)>,
    /// Decoders hold the coefficients of the whole picture.
    is_held_whole: bool,
    orientation: Orientation,
    has_exif: bool,
    icc_bytes: u64,
    jfif: Option<[u8; 18]>,
    segments: Vec<u8>,
    scans: u32,
    removed: BTreeSet<RemovedCode>,
}

pub fn walk(bytes: &[u8], limits: &FormatLimits) -> Result<Walked, Refusal> {
    let mut reader = Reader::new(bytes);
    reader.take(2)?;
    let mut walk = Walk { segments: Vec::with_capacity(bytes.len()), ..Walk::default() };
    loop {
        match walk.marker(&mut reader)? {
            0xd9 => break,
            0x01 | 0xd0..=0xd7 => {}
            code => walk.segment(code, &mut reader, limits)?,
        }
    }
    if !reader.rest().is_empty() {
        walk.removed.insert(RemovedCode::TrailingData);
    }
    walk.finish()
}

impl Walk {
    /// The next marker: 0xFF, any number of 0xFF, then the code. Decoders skip what stands before it, as some programs get a length
    /// wrong; here it is cut.
    fn marker(&mut self, reader: &mut Reader<'_>) -> Result<u8, Refusal> {
        let mut before = reader.u8()?;
        let mut is_junk = before != 0xff;
        loop {
            let byte = reader.u8()?;
            if before == 0xff && !matches!(byte, 0x00 | 0xff) {
                if is_junk {
                    self.removed.insert(RemovedCode::Application);
                }
                return Ok(byte);
            }
            is_junk |= byte != 0xff;
            before = byte;
        }
    }

    fn segment(&mut self, code: u8, reader: &mut Reader<'_>, limits: &FormatLimits) -> Result<(), Refusal> {
        let length = usize::from(reader.u16_be()?);
        let data = reader.take(length.checked_sub(2).ok_or(Refusal::Damaged("a segment has the wrong length"))?)?;
        match code {
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                self.frame(code, data)?;
                self.keep(code, data);
            }
            // 0xdc, which may redefine the height, is cut like everything that is not named here.
            0xc4 | 0xcc | 0xdb | 0xdd => self.keep(code, data),
            0xda => {
                self.count_scan(limits)?;
                self.is_held_whole |= self.scans > 1 || data.first().map(|count| usize::from(*count)) != Some(self.sampling.len());
                self.keep(code, data);
                self.segments.extend_from_slice(scan(reader)?);
            }
            0xe0..=0xef | 0xfe => self.application(code, data, limits)?,
            _ => drop(self.removed.insert(RemovedCode::Application)),
        }
        Ok(())
    }

    /// Each scan may run over the whole picture again: together they cost what the frames of an animation do.
    fn count_scan(&mut self, limits: &FormatLimits) -> Result<(), Refusal> {
        let (width, height) = self.size.ok_or(Refusal::Damaged("it has no picture"))?;
        self.scans += 1;
        let pixels = u64::from(width) * u64::from(height) * u64::from(self.scans);
        if self.scans > MOST_SCANS || pixels > limits.max_total_pixels {
            return Err(Refusal::TooLarge("The picture has too many scans. Save it again as an ordinary JPEG.".into()));
        }
        Ok(())
    }

    fn frame(&mut self, code: u8, data: &[u8]) -> Result<(), Refusal> {
        let mut frame = Reader::new(data);
        frame.u8()?;
        let (height, width) = (frame.u16_be()?, frame.u16_be()?);
        let sampling = data.get(6..).unwrap_or_default().chunks_exact(3).map(|component| (component[1] >> 4, component[1] & 15));
        self.sampling = sampling.collect();
        self.is_held_whole = !matches!(code, 0xc0 | 0xc1);
        if self.size.replace((width.into(), height.into())).is_some() {
            return Err(Refusal::Damaged("it holds several pictures in one"));
        }
        Ok(())
    }

    /// Coefficients have two bytes, for every sample of every component; sizes are whole blocks.
    fn memory(&self, width: u32, height: u32) -> Memory {
        let most = |of: fn(&(u8, u8)) -> u8| u64::from(self.sampling.iter().map(of).max().unwrap_or(1).max(1));
        let (across, down) = (most(|sampling| sampling.0), most(|sampling| sampling.1));
        let padded = u64::from(width).next_multiple_of(8 * across) * u64::from(height).next_multiple_of(8 * down);
        let samples = |(x, y): &(u8, u8)| padded * u64::from(*x) * u64::from(*y) / (across * down);
        let (all, largest) = (self.sampling.iter().map(samples).sum::<u64>(), self.sampling.iter().map(samples).max().unwrap_or(0));
        let pixel = if self.sampling.len() == 1 { 1 } else { 3 };
        let pixels = u64::from(width) * u64::from(height) * pixel;
        // Of the decoder that works at a reduced scale: coefficients, a copy of one component's, samples and pixels at half the size.
        let scaled = 2 * largest + (all + pixels) / 4;
        let held = if self.is_held_whole { 2 * all } else { 0 };
        Memory { decoding: held + scaled.max(pixels), pixel }
    }

    fn keep(&mut self, code: u8, data: &[u8]) {
        write_segment(&mut self.segments, code, data);
    }

    fn application(&mut self, code: u8, data: &[u8], limits: &FormatLimits) -> Result<(), Refusal> {
        match code {
            0xe0 if data.starts_with(b"JFIF\0") && data.len() >= 14 => self.keep_jfif(data),
            0xe1 if data.starts_with(EXIF) => self.exif(&data[EXIF.len()..]),
            0xe1 if data.starts_with(XMP) => exif::xmp(data, &mut self.removed),
            0xe2 if data.starts_with(ICC) => self.keep_profile(data, limits)?,
            0xee if data.starts_with(b"Adobe") && data.len() >= 12 => self.keep_adobe(data),
            _ => drop(self.removed.insert(meaning(code, data))),
        }
        Ok(())
    }

    /// Says how colours are stored, in 12 bytes.
    fn keep_adobe(&mut self, data: &[u8]) {
        self.keep(0xee, &data[..12]);
        if data.len() > 12 {
            self.removed.insert(RemovedCode::Application);
        }
    }

    /// The header of JFIF, without its thumbnail.
    fn keep_jfif(&mut self, data: &[u8]) {
        if data.len() > 14 || data[12..14] != [0, 0] {
            self.removed.insert(RemovedCode::Thumbnail);
        }
        let mut jfif = *b"\xff\xe0\0\x10JFIF\0\x01\x02\0\0\0\0\0\0\0";
        jfif[4..16].copy_from_slice(&data[..12]);
        self.jfif.get_or_insert(jfif);
    }

    /// The first block counts, as for every reader.
    fn exif(&mut self, tiff: &[u8]) {
        let report = exif::read(tiff);
        self.removed.extend(report.holds);
        if !self.has_exif {
            self.has_exif = true;
            self.orientation = report.orientation;
        }
    }

    fn keep_profile(&mut self, data: &[u8], limits: &FormatLimits) -> Result<(), Refusal> {
        self.icc_bytes += data.len() as u64;
        if self.icc_bytes > limits.max_metadata_bytes {
            return Err(Refusal::Damaged("its colour profile is too large"));
        }
        self.keep(0xe2, data);
        Ok(())
    }

    fn finish(self) -> Result<Walked, Refusal> {
        let (width, height) = self.size.ok_or(Refusal::Damaged("it has no picture"))?;
        if self.scans == 0 {
            return Err(Refusal::Damaged("it has no picture"));
        }
        let mut kept = b"\xff\xd8".to_vec();
        kept.reserve(self.segments.len() + 64);
        kept.extend_from_slice(self.jfif.as_ref().map_or(&[][..], |jfif| jfif));
        if let Some(tiff) = self.orientation.minimal_tiff() {
            write_segment(&mut kept, 0xe1, &[EXIF, &tiff].concat());
        }
        kept.extend_from_slice(&self.segments);
        kept.extend_from_slice(b"\xff\xd9");
        let colour = match self.sampling.len() {
            1 => Colour::Grey,
            4 => Colour::Cmyk,
            _ => Colour::Rgb,
        };
        let memory = self.memory(width, height);
        let Self { orientation, removed, .. } = self;
        Ok(Walked {
            width,
            height,
            orientation,
            frames: 1,
            animated: false,
            total_pixels: u64::from(width) * u64::from(height) * u64::from(self.scans),
            colour,
            has_alpha: false,
            memory,
            kept,
            removed,
        })
    }
}

/// Of a segment that is cut whole.
fn meaning(code: u8, data: &[u8]) -> RemovedCode {
    match code {
        0xe0 if data.starts_with(b"JFXX\0") => RemovedCode::Thumbnail,
        0xeb if data.starts_with(b"JP") => RemovedCode::C2pa,
        0xed => RemovedCode::Iptc,
        0xfe => RemovedCode::Comment,
        _ => RemovedCode::Application,
    }
}

fn write_segment(out: &mut Vec<u8>, code: u8, data: &[u8]) {
    // A segment that was read, or is shorter: its length fits.
    let length = u16::try_from(data.len() + 2).unwrap_or(u16::MAX);
    out.extend_from_slice(&[0xff, code]);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(data);
}

/// Entropy-coded data up to the next marker that is no restart.
fn scan<'a>(reader: &mut Reader<'a>) -> Result<&'a [u8], Refusal> {
    let rest = reader.rest();
    let ends = |at: &usize| rest.get(at + 1).is_some_and(|code| !matches!(code, 0x00 | 0xd0..=0xd7 | 0xff));
    let end = memchr::memchr_iter(0xff, rest).find(ends).ok_or(ENDS_EARLY)?;
    reader.take(end)
}
