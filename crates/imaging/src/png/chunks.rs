//! The chunks of a PNG: how one is read and written, which of them say how the pixels look, and what the others mean.

use super::header::{Header, Kind};
use crate::bytes::{CHECKSUM, Reader, size};
use crate::{Refusal, RemovedCode};

/// Bytes of a chunk besides its data.
pub const FRAME: usize = 12;

#[derive(Clone, Copy)]
pub struct Chunk<'a> {
    pub kind: [u8; 4],
    pub data: &'a [u8],
    /// Length, kind, data and checksum as they stand.
    pub whole: &'a [u8],
    checksum: u32,
}

impl Chunk<'_> {
    pub fn is_intact(&self) -> bool {
        CHECKSUM.checksum(self.whole.get(4..8 + self.data.len()).unwrap_or_default())
            == self.checksum
    }
}

pub fn read<'a>(reader: &mut Reader<'a>) -> Result<Chunk<'a>, Refusal> {
    let start = reader.position();
    let length = size(reader.u32_be()?)?;
    let kind = reader.array()?;
    let data = reader.take(length)?;
    let checksum = reader.u32_be()?;
    Ok(Chunk {
        kind,
        data,
        whole: reader.since(start),
        checksum,
    })
}

pub fn write_chunk(out: &mut Vec<u8>, kind: [u8; 4], data: &[&[u8]]) {
    let length: usize = data.iter().map(|part| part.len()).sum();
    out.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
    let start = out.len();
    out.extend_from_slice(&kind);
    for part in data {
        out.extend_from_slice(part);
    }
    let checksum = CHECKSUM.checksum(out.get(start..).unwrap_or_default());
    out.extend_from_slice(&checksum.to_be_bytes());
}

/// How many bytes are kept of a chunk that says how the pixels look; `None`: it says nothing, or decoders ignore it, as its size is wrong.
/// `colours` is how many the palette has, where there was one.
pub fn kept(
    kind: [u8; 4],
    length: usize,
    header: &Header,
    colours: Option<usize>,
) -> Option<usize> {
    let wanted = match (&kind, header.kind) {
        (b"tRNS", Kind::Grey)
        | (b"bKGD", Kind::Grey | Kind::GreyAlpha)
        | (b"sBIT", Kind::GreyAlpha) => 2,
        (b"tRNS", Kind::Rgb) | (b"bKGD", Kind::Rgb | Kind::Rgba) => 6,
        // Indices beyond the palette have no colour.
        (b"tRNS", Kind::Indexed) => colours.filter(|_| length > 0)?.min(length),
        (b"bKGD", Kind::Indexed) => colours.map(|_| 1)?,
        (b"sBIT", Kind::Grey) | (b"sRGB", _) => 1,
        (b"sBIT", Kind::Rgb | Kind::Indexed) => 3,
        (b"sBIT", Kind::Rgba) | (b"gAMA" | b"cICP", _) => 4,
        (b"cHRM", _) => 32,
        (b"pHYs", _) => 9,
        (b"mDCV", _) => 24,
        (b"cLLI", _) => 8,
        _ => return None,
    };
    (length == wanted || (kind == *b"tRNS" && header.kind == Kind::Indexed)).then_some(wanted)
}

pub fn meaning(kind: [u8; 4], data: &[u8]) -> RemovedCode {
    match &kind {
        b"tEXt" | b"zTXt" | b"iTXt" => {
            keyword(data.split(|byte| *byte == 0).next().unwrap_or_default())
        }
        b"tIME" => RemovedCode::Time,
        b"caBX" => RemovedCode::C2pa,
        b"iCCP" => RemovedCode::ColourProfile,
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
