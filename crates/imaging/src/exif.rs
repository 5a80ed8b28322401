//! EXIF: the orientation, which is kept, and the fields that are cut.

use std::collections::BTreeSet;

use crate::RemovedCode;

/// How stored pixels have to be turned: the 8 values of the EXIF tag Orientation (0x0112).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Orientation {
    /// 1: as stored.
    #[default]
    Upright,
    /// 2: mirrored left to right.
    Mirrored,
    /// 3: by 180 degrees.
    HalfTurn,
    /// 4: mirrored top to bottom.
    Flipped,
    /// 5: mirrored, then a quarter turn.
    Transposed,
    /// 6: a quarter turn clockwise.
    QuarterTurn,
    /// 7: mirrored, then three quarters.
    Transversed,
    /// 8: a quarter turn counter-clockwise.
    ThreeQuarterTurn,
}

impl Orientation {
    /// From the tag's value; `None` for other numbers.
    #[must_use]
    pub const fn from_exif(value: u16) -> Option<Self> {
        Some(match value {
            1 => Self::Upright,
            2 => Self::Mirrored,
            3 => Self::HalfTurn,
            4 => Self::Flipped,
            5 => Self::Transposed,
            6 => Self::QuarterTurn,
            7 => Self::Transversed,
            8 => Self::ThreeQuarterTurn,
            _ => return None,
        })
    }

    /// The tag's value.
    #[must_use]
    pub const fn to_exif(self) -> u8 {
        match self {
            Self::Upright => 1,
            Self::Mirrored => 2,
            Self::HalfTurn => 3,
            Self::Flipped => 4,
            Self::Transposed => 5,
            Self::QuarterTurn => 6,
            Self::Transversed => 7,
            Self::ThreeQuarterTurn => 8,
        }
    }

    /// Width and height after turning.
    #[must_use]
    pub const fn apply(self, width: u32, height: u32) -> (u32, u32) {
        if self.to_exif() >= 5 {
            (height, width)
        } else {
            (width, height)
        }
    }

    /// A TIFF block with this tag and nothing else; `None` when nothing has to be turned.
    pub(crate) fn minimal_tiff(self) -> Option<[u8; 26]> {
        let value = match self {
            Self::Upright => return None,
            other => other.to_exif(),
        };
        let mut tiff = *b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\0\0\0\0\0\0\0\0";
        tiff[18] = value;
        Some(tiff)
    }
}

/// What an EXIF block says.
#[derive(Debug, Default)]
pub struct Report {
    pub orientation: Orientation,
    /// What it holds besides the orientation.
    pub holds: BTreeSet<RemovedCode>,
}

/// Reads a TIFF block. An unreadable one counts as [`RemovedCode::Exif`]; it is cut in any case.
pub fn read(tiff: &[u8]) -> Report {
    let mut report = Report::default();
    if Tiff::open(tiff)
        .and_then(|tiff| tiff.read(&mut report))
        .is_none()
    {
        report.holds.insert(RemovedCode::Exif);
    }
    report
}

struct Tiff<'a> {
    bytes: &'a [u8],
    little: bool,
}

/// More directories than any camera writes; cycles end here.
const MOST_DIRECTORIES: usize = 16;

impl<'a> Tiff<'a> {
    fn open(bytes: &'a [u8]) -> Option<Self> {
        let little = match bytes.get(..4)? {
            b"II*\0" => true,
            b"MM\0*" => false,
            _ => return None,
        };
        Some(Self { bytes, little })
    }

    fn u16(&self, at: usize) -> Option<u16> {
        let pair = self.bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if self.little {
            u16::from_le_bytes(pair)
        } else {
            u16::from_be_bytes(pair)
        })
    }

    fn u32(&self, at: usize) -> Option<u32> {
        let four = self.bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if self.little {
            u32::from_le_bytes(four)
        } else {
            u32::from_be_bytes(four)
        })
    }

    fn read(&self, report: &mut Report) -> Option<()> {
        let mut waiting = vec![(usize::try_from(self.u32(4)?).ok()?, false)];
        let mut seen = Vec::new();
        while let Some((at, is_thumbnail)) = waiting.pop() {
            if seen.contains(&at) || seen.len() >= MOST_DIRECTORIES {
                return None;
            }
            seen.push(at);
            if is_thumbnail {
                report.holds.insert(RemovedCode::Thumbnail);
            }
            let next = self.directory(at, is_thumbnail, report, &mut waiting)?;
            // The directory that follows the first one describes the thumbnail.
            if next != 0 && seen.len() == 1 {
                waiting.push((next, true));
            }
        }
        Some(())
    }

    /// Phones write a GPS directory that holds its version (tag 0) alone when they don't know where they are.
    fn position(&self, pointer: usize) -> RemovedCode {
        let holds_a_place = || {
            let at = usize::try_from(self.u32(pointer)?).ok()?;
            let count = usize::from(self.u16(at)?);
            Some((0..count).any(|index| self.u16(at + 2 + index * 12) != Some(0)))
        };
        if holds_a_place() == Some(false) {
            RemovedCode::Exif
        } else {
            RemovedCode::Location
        }
    }

    /// Of an entry. Browsers read one number of 16 bits, and nothing else.
    fn orientation(&self, entry: usize) -> Option<Orientation> {
        const SHORT: u16 = 3;
        let is_one = self.u16(entry + 2)? == SHORT && self.u32(entry + 4)? == 1;
        if is_one {
            self.u16(entry + 8).and_then(Orientation::from_exif)
        } else {
            None
        }
    }

    /// Reads one directory and says where the next one is.
    fn directory(
        &self,
        at: usize,
        is_thumbnail: bool,
        report: &mut Report,
        waiting: &mut Vec<(usize, bool)>,
    ) -> Option<usize> {
        let count = usize::from(self.u16(at)?);
        for index in 0..count {
            let entry = at.checked_add(2 + index * 12)?;
            let (tag, value) = (self.u16(entry)?, entry + 8);
            match tag {
                0x0112 if !is_thumbnail => {
                    report.orientation = self.orientation(entry).unwrap_or_default();
                }
                0x8769 | 0xa005 => {
                    waiting.push((usize::try_from(self.u32(value)?).ok()?, is_thumbnail));
                }
                0x8825 => drop(report.holds.insert(self.position(value))),
                tag => drop(report.holds.insert(meaning(tag))),
            }
        }
        usize::try_from(self.u32(at.checked_add(2 + count * 12)?)?).ok()
    }
}

fn meaning(tag: u16) -> RemovedCode {
    match tag {
        0x013b | 0x8298 | 0xa430 | 0xa437 | 0xa438 | 0x9c9d => RemovedCode::Owner,
        0x010f | 0x0110 | 0xa432..=0xa434 | 0xc614 => RemovedCode::Device,
        0xa431 | 0xa435 | 0xc62f | 0xa420 => RemovedCode::Serial,
        0x0132 | 0x9003 | 0x9004 | 0x9010..=0x9012 | 0x9290..=0x9292 => RemovedCode::Time,
        0x0131 | 0x013c | 0x000b | 0xa439..=0xa43c => RemovedCode::Software,
        0x010e | 0x9286 | 0xa436 | 0x9c9b | 0x9c9c | 0x9c9e | 0x9c9f => RemovedCode::Comment,
        0x927c => RemovedCode::MakerNote,
        0x0201 | 0x0202 => RemovedCode::Thumbnail,
        0x83bb | 0x8649 => RemovedCode::Iptc,
        0x02bc => RemovedCode::Xmp,
        _ => RemovedCode::Exif,
    }
}

/// What an XMP packet holds, by the names in the first part of its text.
pub fn xmp(packet: &[u8], removed: &mut BTreeSet<RemovedCode>) {
    const NAMES: &[(&[u8], RemovedCode)] = &[
        (b"GPSL", RemovedCode::Location),
        (b"Iptc4xmpCore:Location", RemovedCode::Location),
        (b"photoshop:City", RemovedCode::Location),
        (b"dc:creator", RemovedCode::Owner),
        (b"dc:rights", RemovedCode::Owner),
        (b"aux:OwnerName", RemovedCode::Owner),
        (b"tiff:Make", RemovedCode::Device),
        (b"tiff:Model", RemovedCode::Device),
        (b"SerialNumber", RemovedCode::Serial),
        (b"xmp:CreateDate", RemovedCode::Time),
        (b"photoshop:DateCreated", RemovedCode::Time),
        (b"xmp:CreatorTool", RemovedCode::Software),
        (b"dc:description", RemovedCode::Comment),
        (b"xmp:Thumbnails", RemovedCode::Thumbnail),
    ];
    const MOST: usize = 256 * 1024;
    removed.insert(RemovedCode::Xmp);
    let packet = packet.get(..MOST).unwrap_or(packet);
    removed.extend(
        NAMES
            .iter()
            .filter(|(name, _)| crate::bytes::contains(packet, name))
            .map(|(_, code)| code),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_minimal_block_says_the_orientation_and_nothing_else() {
        for value in 2..=8 {
            let tiff = Orientation::from_exif(value).and_then(Orientation::minimal_tiff);
            let report = read(&tiff.unwrap_or_default());
            assert_eq!(u16::from(report.orientation.to_exif()), value);
            assert!(report.holds.is_empty());
        }
        assert!(Orientation::Upright.minimal_tiff().is_none());
    }

    #[test]
    fn directories_that_point_at_each_other_end() {
        let mut tiff = b"II*\0\x08\0\0\0\x01\0\x69\x87\x04\0\x01\0\0\0\x08\0\0\0\0\0\0\0".to_vec();
        assert!(read(&tiff).holds.contains(&RemovedCode::Exif));
        tiff.truncate(12);
        assert!(read(&tiff).holds.contains(&RemovedCode::Exif));
        assert!(read(b"").holds.contains(&RemovedCode::Exif));
    }
}
