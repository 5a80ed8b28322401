//! The tags of a profile: the table of kept tags, and the length of each.

use std::borrow::Cow;
use std::ops::Range;

use super::{lut, u16_at, u32_at, words};
use crate::RemovedCode;

/// As many as Little CMS reads.
pub const MOST_TAGS: usize = 100;

/// A tag that is kept.
pub struct Tag<'a> {
    pub name: [u8; 4],
    /// Where its data were.
    pub range: Range<usize>,
    /// The kept tags.
    pub data: Cow<'a, [u8]>,
}

impl Tag<'_> {
    pub fn is_shared_with(&self, other: &Self) -> bool {
        self.range == other.range && self.data == other.data
    }
}

/// What has to be in a tag.
#[derive(Clone, Copy)]
enum Form {
    /// Of this type and length.
    Fixed(&'static [u8; 4], usize),
    /// How much light a channel stands for.
    Curve,
    /// A table of many channels, and the curves around it.
    Lut,
    /// For people.
    Words,
}

const XYZ: Form = Form::Fixed(b"XYZ ", 20);
const NAME: Form = Form::Fixed(b"sig ", 12);

/// What stays; the flag says that engines give up on a profile in which it is broken. All else goes, by name or unknown: `vcgt`, `ndin` and
/// `mmod` describe one screen, `dscm` repeats the words, `targ`, `meta`, `pseq` and `MS00` tell how it was made, `D2B0` and its
/// kind repeat `A2B0` with real numbers.
const KEPT: &[(&[u8; 4], Form, bool)] = &[
    (b"rXYZ", XYZ, true),
    (b"gXYZ", XYZ, true),
    (b"bXYZ", XYZ, true),
    (b"rTRC", Form::Curve, true),
    (b"gTRC", Form::Curve, true),
    (b"bTRC", Form::Curve, true),
    (b"kTRC", Form::Curve, true),
    (b"wtpt", XYZ, false),
    (b"chad", Form::Fixed(b"sf32", 44), false),
    (b"cicp", Form::Fixed(b"cicp", 12), true),
    (b"A2B0", Form::Lut, true),
    (b"A2B1", Form::Lut, true),
    (b"A2B2", Form::Lut, true),
    (b"B2A0", Form::Lut, true),
    (b"B2A1", Form::Lut, true),
    (b"B2A2", Form::Lut, true),
    // Numbers that common profiles have and few engines read.
    (b"gamt", Form::Lut, false),
    (b"bkpt", XYZ, false),
    (b"lumi", XYZ, false),
    (b"chrm", Form::Fixed(b"chrm", 36), false),
    (b"meas", Form::Fixed(b"meas", 36), false),
    (b"view", Form::Fixed(b"view", 36), false),
    (b"tech", NAME, false),
    (b"rig0", NAME, false),
    (b"rig2", NAME, false),
    (b"desc", Form::Words, false),
    (b"cprt", Form::Words, false),
    (b"dmnd", Form::Words, false),
    (b"dmdd", Form::Words, false),
    (b"vued", Form::Words, false),
];

/// What becomes of a tag.
pub enum Kept<'a> {
    /// Its data, with everything besides the numbers cleared.
    Data(Cow<'a, [u8]>),
    /// It is required, and its text is private.
    Words,
    Nothing,
    /// No engine can use the profile.
    Broken,
}

pub fn cut(name: [u8; 4], data: &[u8]) -> Kept<'_> {
    let Some((_, form, is_needed)) = KEPT.iter().find(|(kept, ..)| **kept == name) else {
        return Kept::Nothing;
    };
    let kept = match form {
        Form::Fixed(kind, size) => data
            .starts_with(*kind)
            .then(|| data.get(..*size))
            .flatten()
            .map(Cow::Borrowed)
            .and_then(unreserved),
        Form::Curve => curve(data).and_then(unreserved),
        Form::Lut => lut::cut(data).and_then(unreserved),
        Form::Words => words::known(data),
    };
    match (kept, form) {
        (Some(data), _) => Kept::Data(data),
        (None, Form::Words) if matches!(&name, b"desc" | b"cprt") => Kept::Words,
        (None, _) if *is_needed => Kept::Broken,
        (None, _) => Kept::Nothing,
    }
}

/// What it means that a tag was cut.
pub fn meaning(name: [u8; 4]) -> impl Iterator<Item = RemovedCode> {
    let more = if name == *b"mmod" {
        Some(RemovedCode::Serial)
    } else {
        None
    };
    [RemovedCode::ColourProfile].into_iter().chain(more)
}

/// A sampled curve, or one of five formulas.
fn curve(data: &[u8]) -> Option<Cow<'_, [u8]>> {
    let size = curve_size(data)?;
    let curve = data.get(..size)?;
    Some(if data.starts_with(b"para") {
        without(curve, 10..12)
    } else {
        Cow::Borrowed(curve)
    })
}

/// The length of the curve at the start of `data`.
pub fn curve_size(data: &[u8]) -> Option<usize> {
    match data.first_chunk::<4>()? {
        b"curv" => usize::try_from(u32_at(data, 8)?)
            .ok()?
            .checked_mul(2)?
            .checked_add(12),
        b"para" => [16, 24, 28, 32, 40]
            .get(usize::from(u16_at(data, 8)?))
            .copied(),
        _ => None,
    }
}

/// The four bytes after a type are unused.
fn unreserved(data: Cow<'_, [u8]>) -> Option<Cow<'_, [u8]>> {
    if data.get(4..8)?.iter().all(|byte| *byte == 0) {
        return Some(data);
    }
    let mut data = data.into_owned();
    data.get_mut(4..8)?.fill(0);
    Some(Cow::Owned(data))
}

/// The data with zeros in this place.
pub fn without(data: &[u8], place: Range<usize>) -> Cow<'_, [u8]> {
    if data
        .get(place.clone())
        .is_none_or(|bytes| bytes.iter().all(|byte| *byte == 0))
    {
        return Cow::Borrowed(data);
    }
    let mut data = data.to_vec();
    if let Some(bytes) = data.get_mut(place) {
        bytes.fill(0);
    }
    Cow::Owned(data)
}
