//! ICC profiles: cut to what engines need for colours.
//!
//! The documented needs of browsers and engines: Chromium and Firefox for Android (skcms), Firefox (qcms), Safari (`ColorSync`), libpng,
//! Little CMS and moxcms want the header, the colorants or tables, the curves, the white point and its adaptation. None of them needs text,
//! but ICC.1 requires `desc` and `cprt`, and a strict reader may ask for them: an existing one stays or gets neutral text ([`words`]); a
//! missing one is not added.
//!
//! Most photographs carry one of a few common profiles (sRGB, Display P3, Adobe RGB). Their texts and dates are listed, and they stay byte
//! for byte. Any other profile may have been made on, or of, one person's screen: its texts, its date, the maker and the model in its
//! header, and the tags that say more (Apple's `mmod` has a screen's serial number) are cut.

mod header;
mod lut;
mod published;
mod tags;
mod words;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

use crate::{Colour, RemovedCode};
use tags::{MOST_TAGS, Tag};

pub use words::is_known_name;

/// The rest of a profile, and what was cut.
#[derive(Debug, PartialEq, Eq)]
pub struct Cut<'a> {
    /// `None`: engines ignore it, so it is cut. `Borrowed`: unchanged. `Owned`: shorter, or with other texts.
    pub profile: Option<Cow<'a, [u8]>>,
    /// Empty when the profile is as it was.
    pub removed: BTreeSet<RemovedCode>,
}

/// Cuts an unpacked profile of a picture with this kind of colour. Cutting twice is the same as cutting once.
///
/// A profile that can't be read, or that is for another kind of picture, is cut completely: browsers use a profile of greys for grey
/// pictures only, one of RGB for grey ones too, and one of inks for inks. Time and memory are a few times the profile's length.
pub fn cut(profile: &[u8], colour: Colour) -> Cut<'_> {
    cut_readable(profile, colour).unwrap_or_else(|| Cut {
        profile: None,
        removed: BTreeSet::from([RemovedCode::ColourProfile]),
    })
}

fn cut_readable(profile: &[u8], colour: Colour) -> Option<Cut<'_>> {
    let length = usize::try_from(u32_at(profile, 0)?).ok()?;
    let body = profile.get(..length)?;
    let space = header::space(body)?;
    if !header::fits(space, colour) {
        return None;
    }
    if published::is_published(profile) {
        return Some(Cut {
            profile: Some(Cow::Borrowed(profile)),
            removed: BTreeSet::new(),
        });
    }
    let table = Table::read(body, space)?;
    let mut removed = table.removed;
    let is_common = table.has_known_words && removed.is_empty();
    let header = header::cut(body, is_common, &mut removed)?;
    let is_same = removed.is_empty()
        && body.len() == profile.len()
        && table.is_same
        && is_zero_outside(body, &table.claimed);
    if is_same {
        return Some(Cut {
            profile: Some(Cow::Borrowed(profile)),
            removed,
        });
    }
    if removed.is_empty() {
        removed.insert(RemovedCode::ColourProfile);
    }
    // Of a profile that differs from the published one, the header is not the published one's.
    let header = if is_common {
        header::cut(body, false, &mut removed)?
    } else {
        header
    };
    Some(Cut {
        profile: Some(Cow::Owned(write(&header, &table.tags)?)),
        removed,
    })
}

/// What is kept of the tags.
struct Table<'a> {
    tags: Vec<Tag<'a>>,
    /// Where the bytes are that belong to the header, the table or a tag.
    claimed: Vec<Range<usize>>,
    removed: BTreeSet<RemovedCode>,
    /// A name is there, and all words are those of a published profile.
    has_known_words: bool,
    /// No tag lost a byte that is not zero.
    is_same: bool,
}

impl<'a> Table<'a> {
    fn read(body: &'a [u8], space: [u8; 4]) -> Option<Self> {
        let count = usize::try_from(u32_at(body, header::SIZE)?)
            .ok()
            .filter(|count| *count <= MOST_TAGS)?;
        let end = header::SIZE + 4 + 12 * count;
        let mut table = Table {
            tags: Vec::new(),
            claimed: Vec::new(),
            removed: BTreeSet::new(),
            has_known_words: false,
            is_same: true,
        };
        table.claimed.push(0..end);
        // Tags may share their data; data that overlap otherwise are read again for each, and must not become more than there were.
        let mut total = 0_usize;
        let is_modern = body.get(8).is_some_and(|version| *version >= 4);
        for entry in body.get(header::SIZE + 4..end)?.chunks_exact(12) {
            let name = entry.first_chunk::<4>().copied()?;
            let [start, size] =
                [4, 8].map(|at| u32_at(entry, at).and_then(|number| usize::try_from(number).ok()));
            let range = start?..start?.checked_add(size?)?;
            // As skcms does: a tag that is not there spoils all of it.
            let data = body.get(range.clone()).filter(|data| data.len() >= 4)?;
            total += if table.claimed.contains(&range) {
                0
            } else {
                range.len()
            };
            if total > body.len() {
                return None;
            }
            table.tag(name, range, data, space, is_modern)?;
        }
        table.has_colours(space).then_some(table)
    }

    fn tag(
        &mut self,
        name: [u8; 4],
        range: Range<usize>,
        data: &'a [u8],
        space: [u8; 4],
        is_modern: bool,
    ) -> Option<()> {
        let is_second = self.tags.iter().any(|tag| tag.name == name);
        let kept = if is_second {
            tags::Kept::Nothing
        } else {
            tags::cut(name, data)
        };
        self.claimed.push(range.clone());
        let data = match kept {
            tags::Kept::Nothing => {
                self.removed.extend(tags::meaning(name));
                return Some(());
            }
            tags::Kept::Broken => return None,
            tags::Kept::Words => {
                self.removed.insert(RemovedCode::ColourProfile);
                Cow::Owned(words::neutral(name, space, is_modern))
            }
            tags::Kept::Data(kept) => {
                self.has_known_words |= name == *b"desc";
                let is_same = data.starts_with(&kept)
                    && data.get(kept.len()..)?.iter().all(|byte| *byte == 0);
                self.is_same &= is_same;
                kept
            }
        };
        self.tags.push(Tag { name, range, data });
        Some(())
    }

    /// Whether an engine finds in it how to show a colour.
    fn has_colours(&self, space: [u8; 4]) -> bool {
        let has = |name: &[u8; 4]| self.tags.iter().any(|tag| tag.name == *name);
        let by_table = [b"A2B0", b"A2B1", b"A2B2"].into_iter().any(has);
        by_table
            || match &space {
                b"RGB " => [b"rXYZ", b"gXYZ", b"bXYZ", b"rTRC", b"gTRC", b"bTRC"]
                    .into_iter()
                    .all(has),
                b"GRAY" => has(b"kTRC"),
                _ => false,
            }
    }
}

/// Whether nothing stands where nothing belongs.
fn is_zero_outside(body: &[u8], claimed: &[Range<usize>]) -> bool {
    let mut at = 0;
    // There are few: each time the one that begins first is looked for among those that reach further.
    while let Some(next) = claimed
        .iter()
        .filter(|range| range.end > at)
        .min_by_key(|range| range.start)
    {
        if !is_zero(body, at..next.start) {
            return false;
        }
        at = next.end;
    }
    is_zero(body, at..body.len())
}

fn is_zero(body: &[u8], range: Range<usize>) -> bool {
    body.get(range)
        .is_none_or(|gap| gap.iter().all(|byte| *byte == 0))
}

fn write(header: &[u8; header::SIZE], tags: &[Tag<'_>]) -> Option<Vec<u8>> {
    let mut out = header.to_vec();
    out.extend(u32::try_from(tags.len()).ok()?.to_be_bytes());
    let mut data = Vec::new();
    let start = out.len() + 12 * tags.len();
    let mut places: Vec<usize> = Vec::new();
    for (index, tag) in tags.iter().enumerate() {
        let shared = tags
            .iter()
            .take(index)
            .position(|before| before.is_shared_with(tag))
            .and_then(|at| places.get(at).copied());
        let place = shared.unwrap_or(start + data.len());
        if shared.is_none() {
            data.extend_from_slice(&tag.data);
            data.resize(data.len().next_multiple_of(4), 0);
        }
        places.push(place);
        out.extend(tag.name);
        out.extend(u32::try_from(place).ok()?.to_be_bytes());
        out.extend(u32::try_from(tag.data.len()).ok()?.to_be_bytes());
    }
    out.extend(data);
    let length = u32::try_from(out.len()).ok()?.to_be_bytes();
    out.first_chunk_mut::<4>()?.copy_from_slice(&length);
    Some(out)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes
        .get(at..)?
        .first_chunk::<4>()
        .copied()
        .map(u32::from_be_bytes)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes
        .get(at..)?
        .first_chunk::<2>()
        .copied()
        .map(u16::from_be_bytes)
}
