//! The header of a profile: fields that say how to read it stay, fields that say whose it is are cut.

use std::collections::BTreeSet;

use super::u32_at;
use crate::{Colour, RemovedCode};

pub const SIZE: usize = 128;

/// When the profiles that everybody has were published, as the header has it: year, month, day, hour, minute, second.
const DATES: &[[u16; 6]] = &[
    NO_DATE,
    [0; 6],
    // sRGB of Hewlett-Packard; Adobe RGB (1998) and its siblings, twice.
    [1998, 2, 9, 6, 49, 0],
    [1999, 6, 3, 0, 0, 0],
    [2000, 8, 11, 19, 51, 59],
    [2000, 7, 26, 5, 41, 53],
    // sRGB of Google; Display P3 of Apple, of 2015, 2017 and 2022; Display P3 of Samsung.
    [2016, 12, 8, 9, 38, 28],
    [2015, 10, 14, 13, 8, 57],
    [2017, 7, 7, 13, 22, 32],
    [2022, 1, 1, 0, 0, 0],
    [2018, 6, 24, 13, 22, 32],
    // ITU-R BT.709 and BT.2020 of Apple; the smallest ones, that libraries put into what they resize.
    [2015, 10, 25, 0, 29, 28],
    [2016, 1, 5, 16, 57, 39],
    [2018, 3, 20, 9, 14, 29],
    [2021, 4, 27, 10, 27, 0],
    // sRGB2014 and sRGB v4 of the ICC.
    [2015, 2, 15, 0, 0, 0],
    [2007, 7, 25, 0, 5, 37],
];
/// For a profile that gets no other: a date that is valid, as some reader may look.
const NO_DATE: [u16; 6] = [2000, 1, 1, 0, 0, 0];

/// The colours that it is for, when engines accept its header: skcms and libpng look at these fields.
pub fn space(body: &[u8]) -> Option<[u8; 4]> {
    let field = |at: usize| body.get(at..)?.first_chunk::<4>().copied();
    let is_signed = field(36)? == *b"acsp";
    let is_read = matches!(body.get(8)?, 2..=4);
    let is_of_a_device = matches!(&field(12)?, b"scnr" | b"mntr" | b"prtr" | b"spac");
    let is_connected = matches!(&field(20)?, b"XYZ " | b"Lab ");
    // D50 in 16.16, and a hundredth about it.
    let white: [u32; 3] = [0xf6d6, 0x1_0000, 0xd32d];
    let is_white = white
        .into_iter()
        .zip([68, 72, 76])
        .all(|(want, at)| u32_at(body, at).is_some_and(|has| has.abs_diff(want) < 0x28f));
    let is_meant = u32_at(body, 64)? & 0xffff <= 3;
    if is_signed && is_read && is_of_a_device && is_connected && is_white && is_meant {
        field(16)
    } else {
        None
    }
}

/// Whether browsers take it for a picture that stores its colours like this.
pub const fn fits(space: [u8; 4], colour: Colour) -> bool {
    match colour {
        Colour::Grey => matches!(&space, b"GRAY" | b"RGB "),
        Colour::Rgb | Colour::Indexed => matches!(&space, b"RGB "),
        Colour::Cmyk => matches!(&space, b"CMYK"),
    }
}

/// The header of a common profile (one that everybody has) or of another one.
pub fn cut(
    body: &[u8],
    is_common: bool,
    removed: &mut BTreeSet<RemovedCode>,
) -> Option<[u8; SIZE]> {
    let was: [u8; SIZE] = body.first_chunk::<SIZE>().copied()?;
    let mut out = was;
    let mut clear = |fields: &[(usize, usize)]| {
        for (from, to) in fields {
            out.get_mut(*from..*to).unwrap_or_default().fill(0);
        }
    };
    // Reserved, or for whoever made it: of the version, the flags, the attributes and the intent, and the end.
    clear(&[(10, 12), (44, 47), (56, 63), (64, 66), (100, SIZE)]);
    if !is_common {
        // The engine, the maker, the model and the creator; an identifier that is not that of the changed profile.
        clear(&[(4, 8), (48, 56), (80, 100)]);
    }
    if !matches!(
        was.get(40..44)?,
        b"APPL" | b"MSFT" | b"SGI " | b"SUNW" | b"TGNT"
    ) {
        clear(&[(40, 44)]);
    }
    *out.get_mut(47)? &= 3;
    *out.get_mut(63)? &= 15;
    if out != was {
        removed.insert(RemovedCode::ColourProfile);
    }
    let date = was.get(24..36)?;
    let is_known = |known: &[u16; 6]| {
        known
            .iter()
            .flat_map(|number| number.to_be_bytes())
            .eq(date.iter().copied())
    };
    let is_kept = if is_common {
        DATES.iter().any(is_known)
    } else {
        is_known(&NO_DATE) || is_known(&[0; 6])
    };
    if !is_kept {
        removed.insert(RemovedCode::Time);
        for (byte, new) in out
            .get_mut(24..36)?
            .iter_mut()
            .zip(NO_DATE.iter().flat_map(|number| number.to_be_bytes()))
        {
            *byte = new;
        }
    }
    Some(out)
}
