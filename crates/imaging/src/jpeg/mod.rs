//! JPEG: segments are kept or cut, and scans are followed to their end. The picture ends where it is complete.

mod band;
mod bits;
mod frame;
mod huffman;
mod kept_tables;
mod profile;
mod progress;
mod scan;
mod standard;

use std::collections::BTreeSet;

use frame::Frame;
use huffman::Tables;
use kept_tables::KeptTables;
use profile::Profile;
use scan::Scan;

use crate::bytes::Reader;
use crate::exif::{self, Orientation};
use crate::{FormatLimits, Refusal, RemovedCode, Walked};

const EXIF: &[u8] = b"Exif\0\0";
const XMP: &[u8] = b"http://ns.adobe.com/x";
const NO_PICTURE: Refusal = Refusal::Damaged("it has no picture");
const WRONG_LENGTH: Refusal = Refusal::Damaged("a segment has the wrong length");
/// Progressive encoders write about 10.
const MOST_SCANS: u32 = 200;

#[derive(Default)]
struct Walk {
    frame: Option<Frame>,
    tables: Tables,
    kept_tables: KeptTables,
    /// Units between two restarts; 0: there are none.
    interval: u16,
    /// Decoders hold the coefficients of the whole picture.
    is_held_whole: bool,
    orientation: Orientation,
    has_exif: bool,
    profile: Profile,
    jfif: Option<[u8; 18]>,
    segments: Vec<u8>,
    scans: u32,
    removed: BTreeSet<RemovedCode>,
}

pub fn walk(bytes: &[u8], limits: &FormatLimits) -> Result<Walked, Refusal> {
    let mut reader = Reader::new(bytes);
    reader.take(2)?;
    let mut walk = Walk {
        segments: Vec::with_capacity(bytes.len()),
        ..Walk::default()
    };
    while !walk.is_complete() {
        match walk.marker(&mut reader)? {
            0xd9 => break,
            0x01 | 0xd0..=0xd7 => {}
            code => walk.segment(code, &mut reader, limits)?,
        }
    }
    walk.behind(reader);
    walk.finish()
}

impl Walk {
    /// Whether its scans have given every coefficient. Some pictures end before that, by a marker.
    fn is_complete(&self) -> bool {
        self.frame
            .as_ref()
            .is_some_and(|frame| frame.progress.is_complete())
    }

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

    fn segment(
        &mut self,
        code: u8,
        reader: &mut Reader<'_>,
        limits: &FormatLimits,
    ) -> Result<(), Refusal> {
        let data = data(reader)?;
        match code {
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                self.frame(code, data, limits)?;
                self.keep(code, data);
            }
            0xc4 => {
                self.tables.define(data)?;
                self.kept_tables.keep(code, data, &mut self.segments)?;
            }
            0xdb => {
                self.kept_tables.keep(code, data, &mut self.segments)?;
            }
            0xdd => {
                self.interval = <[u8; 2]>::try_from(data)
                    .map(u16::from_be_bytes)
                    .map_err(|_| WRONG_LENGTH)?;
                self.keep(code, data);
            }
            0xda => self.scan(data, reader, limits)?,
            0xe0..=0xef | 0xfe if self.scans == 0 => self.application(code, data, limits)?,
            0xe0..=0xef | 0xfe => self.name(code, data),
            // 0xdc, which may redefine the height, is cut like everything that is not named here.
            _ => drop(self.removed.insert(RemovedCode::Application)),
        }
        Ok(())
    }

    fn frame(&mut self, code: u8, data: &[u8], limits: &FormatLimits) -> Result<(), Refusal> {
        let frame = Frame::new(code, data)?;
        // Before anything of it is counted or allocated.
        limits.check(frame.width, frame.height, 1)?;
        self.is_held_whole = frame.is_progressive;
        if self.frame.replace(frame).is_some() {
            return Err(Refusal::Damaged("it holds several pictures in one"));
        }
        Ok(())
    }

    fn scan(
        &mut self,
        data: &[u8],
        reader: &mut Reader<'_>,
        limits: &FormatLimits,
    ) -> Result<(), Refusal> {
        self.count_scan(limits)?;
        let frame = self.frame.as_mut().ok_or(NO_PICTURE)?;
        let scan = Scan::new(data, frame)?;
        self.is_held_whole |= self.scans > 1 || !scan.is_whole(frame);
        for tables in scan.prepare(&mut self.tables)? {
            self.kept_tables.keep(0xc4, &tables, &mut self.segments)?;
        }
        scan.mark(frame, &mut self.kept_tables);
        write_segment(&mut self.segments, 0xda, data);
        if scan.follow(
            frame,
            &self.tables,
            self.interval,
            reader,
            &mut self.segments,
        )? {
            self.removed.insert(RemovedCode::TrailingData);
        }
        Ok(())
    }

    /// Each scan may cover the whole picture again: together they cost as much as the frames of an animation.
    fn count_scan(&mut self, limits: &FormatLimits) -> Result<(), Refusal> {
        let frame = self.frame.as_ref().ok_or(NO_PICTURE)?;
        self.scans += 1;
        let pixels = u64::from(frame.width) * u64::from(frame.height) * u64::from(self.scans);
        if self.scans > MOST_SCANS || pixels > limits.max_total_pixels {
            return Err(Refusal::TooLarge(
                "The picture has too many scans. Save it again as an ordinary JPEG.".into(),
            ));
        }
        Ok(())
    }

    /// Cuts everything after the picture: segments up to an end marker are named by what they are.
    fn behind(&mut self, mut reader: Reader<'_>) {
        while let [0xff, code @ (0xe0..=0xef | 0xfe), ..] = *reader.rest() {
            let mut ahead = reader;
            let Ok(data) = ahead.take(2).and_then(|_| data(&mut ahead)) else {
                break;
            };
            self.name(code, data);
            reader = ahead;
        }
        if !matches!(reader.rest(), [] | [0xff, 0xd9]) {
            self.removed.insert(RemovedCode::TrailingData);
        }
    }

    fn keep(&mut self, code: u8, data: &[u8]) {
        write_segment(&mut self.segments, code, data);
    }

    fn application(&mut self, code: u8, data: &[u8], limits: &FormatLimits) -> Result<(), Refusal> {
        match code {
            0xe0 if data.starts_with(b"JFIF\0") && data.len() >= 14 => self.keep_jfif(data),
            0xe1 if data.starts_with(EXIF) && !self.has_exif => {
                self.has_exif = true;
                self.orientation = exif::read(&data[EXIF.len()..]).orientation;
                self.name(code, data);
            }
            0xe2 if data.starts_with(profile::NAME) => {
                self.profile.keep(data, self.segments.len(), limits)?;
            }
            0xee if data.starts_with(b"Adobe") && data.len() >= 12 => self.keep_adobe(data),
            _ => self.name(code, data),
        }
        Ok(())
    }

    /// Of a segment that is cut whole.
    fn name(&mut self, code: u8, data: &[u8]) {
        match (code, data.strip_prefix(EXIF)) {
            (0xe1, Some(tiff)) => self.removed.extend(exif::read(tiff).holds),
            (0xe1, _) if data.starts_with(XMP) => exif::xmp(data, &mut self.removed),
            _ => drop(self.removed.insert(meaning(code, data))),
        }
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

    fn finish(self) -> Result<Walked, Refusal> {
        let Self {
            frame,
            orientation,
            mut removed,
            scans,
            mut segments,
            ..
        } = self;
        let frame = frame.filter(|_| scans > 0).ok_or(NO_PICTURE)?;
        let (profile, cut) = self.profile.cut(frame.colour());
        removed.extend(cut);
        let mut at = self.profile.at;
        if let Some(cut) = self.kept_tables.cut(&segments, &mut at) {
            segments = cut;
            removed.insert(RemovedCode::Application);
        }
        let (before, behind) = segments.split_at(at.min(segments.len()));
        let mut kept = b"\xff\xd8".to_vec();
        kept.reserve(segments.len() + profile.len() + 64);
        kept.extend_from_slice(self.jfif.as_ref().map_or(&[][..], |jfif| jfif));
        if let Some(tiff) = orientation.minimal_tiff() {
            write_segment(&mut kept, 0xe1, &[EXIF, &tiff].concat());
        }
        kept.extend_from_slice(before);
        kept.extend_from_slice(&profile);
        kept.extend_from_slice(behind);
        kept.extend_from_slice(b"\xff\xd9");
        let (width, height) = (frame.width, frame.height);
        Ok(Walked {
            width,
            height,
            orientation,
            frames: 1,
            animated: false,
            total_pixels: u64::from(width) * u64::from(height) * u64::from(scans),
            colour: frame.colour(),
            has_alpha: false,
            memory: frame.memory(self.is_held_whole),
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

/// The data of a segment, after its length.
fn data<'a>(reader: &mut Reader<'a>) -> Result<&'a [u8], Refusal> {
    let length = usize::from(reader.u16_be()?);
    reader.take(length.checked_sub(2).ok_or(WRONG_LENGTH)?)
}
