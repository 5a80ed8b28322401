//! What a published file consists of, read without any of the code that wrote it. Nothing stands between two parts, and each is of a
//! kind that says how the picture looks, of the size that its kind has.

#![expect(
    clippy::unwrap_used,
    reason = "a file that can't be read breaks a promise"
)]

use std::ops::Range;

use tintype_imaging::ContentType;

/// Codes of pixels in a file: what a decoder consumes, to the last byte.
pub struct Codes {
    kind: Kind,
    /// Where they end.
    pub end: usize,
    /// Of a chunk in WebP: where the lengths stand that count its bytes, from the outermost one.
    lengths: Vec<usize>,
    /// Of a chunk in PNG: where it begins.
    start: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Scan,
    Deflated,
    Blocks,
    Chunk,
}

impl Codes {
    /// The file with words behind these codes, where the format gives them a place.
    pub fn followed_by(&self, file: &[u8], words: &[u8]) -> Vec<u8> {
        let (before, behind) = file.split_at(self.end);
        let length = u32::try_from(words.len()).unwrap();
        match self.kind {
            Kind::Scan => [before, words, behind].concat(),
            Kind::Blocks => [before, &[u8::try_from(words.len()).unwrap()], words, behind].concat(),
            Kind::Deflated => {
                let mut out = [before, words, behind].concat();
                add(&mut out, self.start, |old| {
                    u32::from_be_bytes(old).wrapping_add(length).to_be_bytes()
                });
                crate::mend::checksums(&mut out);
                out
            }
            Kind::Chunk => {
                let mut out = [before, words, behind].concat();
                for at in &self.lengths {
                    add(&mut out, *at, |old| {
                        u32::from_le_bytes(old).wrapping_add(length).to_le_bytes()
                    });
                }
                out
            }
        }
    }

    /// The file without the last byte of these codes, for a JPEG: elsewhere an end may be put, or be found in another byte.
    pub fn without_last(&self, file: &[u8]) -> Option<Vec<u8>> {
        (self.kind == Kind::Scan).then(|| {
            let (before, behind) = file.split_at(self.end);
            [&before[..before.len() - 1], behind].concat()
        })
    }
}

fn add(file: &mut [u8], at: usize, change: impl Fn([u8; 4]) -> [u8; 4]) {
    let place: &mut [u8; 4] = file[at..].first_chunk_mut().unwrap();
    *place = change(*place);
}

/// The codes of every picture in the file, in their order.
///
/// # Panics
/// When the file has a part that nothing needs.
pub fn read(file: &[u8], content_type: ContentType) -> Vec<Codes> {
    match content_type {
        ContentType::Jpeg => jpeg(file),
        ContentType::Png => png(file),
        ContentType::Gif => gif(file),
        ContentType::Webp => webp(file),
    }
}

fn u16_at(file: &[u8], at: usize) -> usize {
    usize::from(u16::from_be_bytes([file[at], file[at + 1]]))
}

fn jpeg(file: &[u8]) -> Vec<Codes> {
    let mut codes = Vec::new();
    assert_eq!(file[..2], [0xff, 0xd8]);
    let mut at = 2;
    while file[at..] != [0xff, 0xd9] {
        assert_eq!(file[at], 0xff, "something stands between two segments");
        let (marker, end) = (file[at + 1], at + 2 + u16_at(file, at + 2));
        segment(marker, &file[at + 4..end]);
        at = end;
        if marker == 0xda {
            while file[at] != 0xff || matches!(file[at + 1], 0 | 0xd0..=0xd7) {
                at += 1;
            }
            codes.push(Codes {
                kind: Kind::Scan,
                end: at,
                lengths: Vec::new(),
                start: end,
            });
        }
    }
    codes
}

fn segment(marker: u8, data: &[u8]) {
    let is_needed = match marker {
        0xe0 => data.len() == 14 && data.starts_with(b"JFIF\0") && data[12..] == [0, 0],
        0xe1 => orientation(data.strip_prefix(b"Exif\0\0").unwrap_or_default()),
        0xe2 => data.starts_with(b"ICC_PROFILE\0"),
        0xee => data.len() == 12 && data.starts_with(b"Adobe"),
        0xc0..=0xc2 => data.len() == 6 + 3 * usize::from(data[5]),
        0xda => data.len() == 4 + 2 * usize::from(data[0]),
        0xdd => data.len() == 2,
        0xc4 => fill(data, |table| {
            17 + table[1..17]
                .iter()
                .map(|count| usize::from(*count))
                .sum::<usize>()
        }),
        0xdb => fill(data, |table| 1 + if table[0] >> 4 == 0 { 64 } else { 128 }),
        _ => false,
    };
    assert!(is_needed, "a segment {marker:x} of {} bytes", data.len());
}

/// Whether tables of these lengths fill the segment to its end.
fn fill(data: &[u8], length: impl Fn(&[u8]) -> usize) -> bool {
    let mut at = 0;
    while at < data.len() {
        at += length(&data[at..]);
    }
    at == data.len()
}

/// A directory of one entry, which is the orientation.
fn orientation(tiff: &[u8]) -> bool {
    matches!(
        tiff,
        [
            b'I',
            b'I',
            b'*',
            0,
            8,
            0,
            0,
            0,
            1,
            0,
            0x12,
            1,
            3,
            0,
            1,
            0,
            0,
            0,
            1..=8,
            0,
            0,
            0,
            0,
            0,
            0,
            0
        ]
    )
}

fn png(file: &[u8]) -> Vec<Codes> {
    let mut codes: Vec<Codes> = Vec::new();
    let mut at = 8;
    let mut before = [0; 4];
    while at < file.len() {
        let length =
            usize::try_from(u32::from_be_bytes(*file[at..].first_chunk().unwrap())).unwrap();
        let (kind, end): ([u8; 4], _) = (*file[at + 4..].first_chunk().unwrap(), at + 8 + length);
        chunk(kind, &file[at + 8..end]);
        if matches!(&kind, b"IDAT" | b"fdAT") {
            // A stream goes on in the next chunk.
            if before == kind {
                codes.pop();
            }
            codes.push(Codes {
                kind: Kind::Deflated,
                end,
                lengths: Vec::new(),
                start: at,
            });
        }
        (at, before) = (end + 4, kind);
    }
    assert_eq!(&before, b"IEND");
    codes
}

fn chunk(kind: [u8; 4], data: &[u8]) {
    let length = data.len();
    let is_needed = match &kind {
        b"eXIf" => orientation(data),
        b"IDAT" => length > 0,
        b"fdAT" => length > 4,
        b"iCCP" => true,
        b"IEND" => length == 0,
        b"IHDR" => length == 13,
        b"acTL" | b"cLLI" => length == 8,
        b"fcTL" => length == 26,
        b"mDCV" => length == 24,
        b"pHYs" => length == 9,
        b"sRGB" => length == 1,
        b"gAMA" | b"cICP" => length == 4,
        b"cHRM" => length == 32,
        b"bKGD" => matches!(length, 1 | 2 | 6),
        b"sBIT" => (1..=4).contains(&length),
        b"tRNS" => (1..=256).contains(&length),
        b"PLTE" => length <= 768 && length.is_multiple_of(3),
        _ => false,
    };
    assert!(
        is_needed,
        "a chunk {} of {} bytes",
        kind.escape_ascii(),
        data.len()
    );
}

fn table(flags: u8) -> usize {
    if flags & 0x80 == 0 {
        0
    } else {
        3 << ((flags & 7) + 1)
    }
}

fn gif(file: &[u8]) -> Vec<Codes> {
    let mut codes = Vec::new();
    let mut at = 13 + table(file[10]);
    while file[at..] != [0x3b] {
        let (label, blocks) = match file[at] {
            0x2c => (0x2c, at + 10 + table(file[at + 9]) + 1),
            introducer => {
                assert_eq!(introducer, 0x21, "something stands between two blocks");
                (file[at + 1], at + 2)
            }
        };
        let end = last_block(file, blocks);
        let is_needed = match label {
            0x2c => true,
            0xf9 => end - blocks == 5,
            0xff if file[blocks + 1..].starts_with(b"ICCRGBG1012") => true,
            0xff => {
                end - blocks == 16
                    && [&b"NETSCAPE2.0"[..], b"ANIMEXTS1.0"]
                        .iter()
                        .any(|name| file[blocks + 1..].starts_with(name))
            }
            _ => false,
        };
        assert!(
            is_needed,
            "an extension {label:x} of {} bytes",
            end - blocks
        );
        if label == 0x2c {
            codes.push(Codes {
                kind: Kind::Blocks,
                end,
                lengths: Vec::new(),
                start: blocks,
            });
        }
        at = end + 1;
    }
    codes
}

/// Where the block of no length stands.
fn last_block(file: &[u8], mut at: usize) -> usize {
    while file[at] != 0 {
        at += 1 + usize::from(file[at]);
    }
    at
}

fn webp(file: &[u8]) -> Vec<Codes> {
    let mut codes = Vec::new();
    assert_eq!(
        usize::try_from(u32::from_le_bytes(*file[4..].first_chunk().unwrap())).unwrap(),
        file.len() - 8
    );
    chunks(file, 12..file.len(), &[4], &mut codes);
    codes
}

fn chunks(file: &[u8], place: Range<usize>, outer: &[usize], codes: &mut Vec<Codes>) {
    let mut at = place.start;
    while at < place.end {
        let length =
            usize::try_from(u32::from_le_bytes(*file[at + 4..].first_chunk().unwrap())).unwrap();
        let (kind, end) = (&file[at..at + 4], at + 8 + length);
        let lengths = [outer, &[at + 4]].concat();
        match (kind, length) {
            (b"ANMF", _) => chunks(file, at + 24..end, &lengths, codes),
            (b"VP8 " | b"VP8L" | b"ALPH", _) => codes.push(Codes {
                kind: Kind::Chunk,
                end,
                lengths,
                start: at,
            }),
            (b"ICCP", _) | (b"VP8X", 10) | (b"ANIM", 6) => {}
            _ => panic!("a chunk {} of {length} bytes", kind.escape_ascii()),
        }
        assert!(
            file[end..end + length % 2].iter().all(|byte| *byte == 0),
            "something stands in the padding"
        );
        at = end + length % 2;
    }
    assert_eq!(at, place.end, "something stands between two chunks");
}
