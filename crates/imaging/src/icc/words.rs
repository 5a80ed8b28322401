//! The texts of a profile: the common ones, and what replaces others.

use std::borrow::Cow;
use std::ops::Range;

use super::lut::only;
use super::{u16_at, u32_at};

/// Names and notices of profiles that came with a system, an editor or a camera, one a line; `#` stands for a digit. First what is put in
/// here, then names, those of the smallest profiles (sRGB, its greys, Display P3, Adobe RGB, ROMM, ITU-R BT.709 and BT.2020, inks), of inks,
/// who made them, and what they are of. A profile with other words was made by a person or of a screen, and its words may say so
/// ("DELL U2720Q", "Anna's screen, calibrated"). No words are known ones too.
const KNOWN: &str = "
RGB
Grey
CMYK
n/a
sRGB
sRGB IEC61966-2.1
sRGB IEC61966-2-1 black scaled
sRGB IEC61966-2-1 no black scaling
sRGB Color Space Profile
sRGB Profile
sRGB built-in
sRGB2014
GIMP built-in sRGB
Generic RGB Profile
Generic Gray Profile
Generic Gray Gamma #.# Profile
Generic CMYK Profile
Gray Gamma #.#
Dot Gain ##%
Adobe RGB (1998)
Compatible with Adobe RGB (1998)
AdobeRGB1998
Apple RGB
ColorMatch RGB
Display P3
Display P3 Gamut with sRGB Transfer
ProPhoto RGB
ROMM RGB
eciRGB v2
Rec. ITU-R BT.709-5
Rec. ITU-R BT.2020-1
c2
uRGB
nRGB
sGry
uGry
nGry
sP3
sP3C
uP3
uP3C
A98C
ROMM
uROM
R709
u709
2020
202C
u202
u20C
uCMY
U.S. Web Coated (SWOP) v2
Nikon sRGB 4.0.0.300#
Copyright (c) 1998 Hewlett-Packard Company
Copyright #### Adobe Systems Incorporated
Copyright #### Adobe Systems, Inc.
Copyright Apple Inc., ####
Copyright Apple, Inc., ####
Copyright #### Apple Computer Inc., all rights reserved.
Copyright #### Apple Inc., all rights reserved.
Copyright (c) #### Samsung Electronics Co., Ltd.
Copyright International Color Consortium, ####
Copyright #### International Color Consortium
Google Inc. ####
Google, Inc.
No copyright, use freely
Public Domain
CC0
0
Kodak
Nikon Inc. & Nikon Corporation 2001
IEC http://www.iec.ch
IEC 61966-2.1 Default RGB colour space - sRGB
IEC 61966-2-1 Default RGB Colour Space - sRGB
Reference Viewing Condition in IEC61966-2.1
Reference Viewing Condition in IEC 61966-2-1
";

/// Names that programs give a profile in a PNG, besides its own.
const LABELS: &[&str] = &[
    "icc",
    "ICC",
    "ICC Profile",
    "ICC profile",
    "Photoshop ICC profile",
    "kCGColorSpaceDisplayP3",
    "kCGColorSpaceSRGB",
    "Skia",
];

/// Whether a PNG may call its profile so.
pub fn is_known_name(name: &[u8]) -> bool {
    LABELS.iter().any(|label| label.as_bytes() == name)
        || is_known(name.iter().copied().map(u16::from))
}

/// More languages than any profile is named in.
const MOST_RECORDS: usize = 64;

/// The tag without what stands between its words; `None` when one of them is not known.
pub fn known(data: &[u8]) -> Option<Cow<'_, [u8]>> {
    match data.first_chunk::<4>()? {
        b"text" => text(data),
        b"desc" => description(data),
        b"mluc" => localised(data),
        _ => None,
    }
}

fn text(data: &[u8]) -> Option<Cow<'_, [u8]>> {
    let words = until_zero(data.get(8..)?);
    let size = data.len().min(9 + words.len());
    is_known(words.iter().copied().map(u16::from))
        .then(|| only(data, size, &[0..4, 8..8 + words.len()]))?
}

/// Of version 2: the same words in ASCII, in UTF-16 and in what a Macintosh had. Some programs leave out what follows the first.
fn description(data: &[u8]) -> Option<Cow<'_, [u8]>> {
    const MACINTOSH: usize = 67;
    let end = usize::try_from(u32_at(data, 8)?).ok()?.checked_add(12)?;
    let ascii = until_zero(data.get(12..end)?);
    let mut claimed: Vec<Range<usize>> = vec![0..4, 8..12 + ascii.len()];
    let mut is_good = is_known(ascii.iter().copied().map(u16::from));
    let mut size = end;
    if let Some(count) = u32_at(data, end + 4) {
        let start = end + 8;
        size = usize::try_from(count)
            .ok()?
            .checked_mul(2)?
            .checked_add(start)?;
        let units = utf16(data.get(start..size)?);
        claimed.extend([end + 4..end + 8, start..start + 2 * units.clone().count()]);
        is_good &= is_known(units);
        if let Some(script) = data.get(size..size + 3 + MACINTOSH) {
            let words = until_zero(
                script
                    .get(3..)?
                    .get(..usize::from(*script.get(2)?).min(MACINTOSH))?,
            );
            is_good &= is_known(words.iter().copied().map(u16::from));
            claimed.push(size + 2..size + 3 + words.len());
            size += 3 + MACINTOSH;
        }
    }
    is_good.then(|| only(data, size, &claimed)).flatten()
}

/// Of version 4: the same words in several languages.
fn localised(data: &[u8]) -> Option<Cow<'_, [u8]>> {
    let count = usize::try_from(u32_at(data, 8)?)
        .ok()
        .filter(|count| *count <= MOST_RECORDS)?;
    let mut claimed = vec![0..4, 8..16];
    let mut size = 16 + 12 * count;
    if u32_at(data, 12)? != 12 {
        return None;
    }
    for record in (0..count).map(|index| 16 + 12 * index) {
        let [length, start] = [record + 4, record + 8]
            .map(|at| u32_at(data, at).and_then(|number| usize::try_from(number).ok()));
        let end = start?.checked_add(length?)?;
        let units = utf16(data.get(start?..end)?);
        let is_language = data
            .get(record..record + 4)?
            .iter()
            .all(|byte| byte.is_ascii_alphabetic() || *byte == 0);
        claimed.extend([
            record..record + 12,
            start?..start? + 2 * units.clone().count(),
        ]);
        size = size.max(end);
        if !is_language || !is_known(units) {
            return None;
        }
    }
    only(data, size, &claimed)
}

fn until_zero(words: &[u8]) -> &[u8] {
    words.split(|byte| *byte == 0).next().unwrap_or_default()
}

fn utf16(words: &[u8]) -> impl Iterator<Item = u16> + Clone {
    (0..words.len() / 2)
        .map_while(|index| u16_at(words, 2 * index))
        .take_while(|unit| *unit != 0)
}

fn is_known(words: impl Iterator<Item = u16>) -> bool {
    // Longer than any that is known.
    let words: Vec<u16> = words.take(128).collect();
    let fits = |unit: u16, wanted: u8| {
        if wanted == b'#' {
            (48..58).contains(&unit)
        } else {
            unit == u16::from(wanted)
        }
    };
    let is = |known: &str| {
        known.len() == words.len()
            && words
                .iter()
                .zip(known.bytes())
                .all(|(unit, wanted)| fits(*unit, wanted))
    };
    KNOWN.lines().any(is)
}

/// What stands for the words of `desc` or `cprt`.
pub fn neutral(name: [u8; 4], space: [u8; 4], is_modern: bool) -> Vec<u8> {
    let words: &[u8] = match (&name, &space) {
        (b"cprt", _) => b"n/a",
        (_, b"GRAY") => b"Grey",
        (_, b"CMYK") => b"CMYK",
        _ => b"RGB",
    };
    let count = u8::try_from(words.len()).unwrap_or_default();
    if is_modern {
        let head = [
            b"mluc\0\0\0\0\0\0\0\x01\0\0\0\x0cenUS\0\0\0".as_slice(),
            &[2 * count],
            b"\0\0\0\x1c",
        ]
        .concat();
        head.into_iter()
            .chain(words.iter().flat_map(|byte| [0, *byte]))
            .collect()
    } else if name == *b"cprt" {
        [b"text\0\0\0\0", words, b"\0"].concat()
    } else {
        // No words in UTF-16, nor for a Macintosh.
        [
            b"desc\0\0\0\0\0\0\0".as_slice(),
            &[count + 1],
            words,
            &[0; 1 + 8 + 3 + 67],
        ]
        .concat()
    }
}
