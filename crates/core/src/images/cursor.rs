//! A place in the list of images.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Datelike, SubsecRound, Utc};
use sea_orm::sea_query::Expr;
use tintype_dto::SortOrder;
use uuid::Uuid;

use crate::db::ImageId;

/// The place behind an image in a list: what the list is sorted by, and the image's id. On the wire as base64url.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    pub place: Place,
    pub id: ImageId,
}

/// What a list is sorted by, of one image.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Of the upload; in the trash, of the purge. 8 bytes.
    Time(DateTime<Utc>),
    /// Folded. Behind an `n`.
    Name(String),
    /// Bytes. 8 bytes behind an `s`.
    Size(i64),
}

const NAME: u8 = b'n';
const SIZE: u8 = b's';

impl Cursor {
    #[must_use]
    pub fn encode(&self) -> String {
        let mut bytes = match &self.place {
            Place::Time(time) => time.timestamp_micros().to_be_bytes().to_vec(),
            Place::Name(name) => [&[NAME], name.as_bytes()].concat(),
            Place::Size(size) => [&[SIZE], &size.to_be_bytes()[..]].concat(),
        };
        bytes.extend(self.id.0.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// `None` if this server did not make it, or made it for another order.
    #[must_use]
    pub fn decode(text: &str, order: SortOrder) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (place, id) = bytes.split_at_checked(bytes.len().checked_sub(16)?)?;
        let place = match (order, place) {
            (SortOrder::Newest | SortOrder::Oldest, micros) => {
                let micros = i64::from_be_bytes(micros.try_into().ok()?);
                Place::Time(ordered(DateTime::from_timestamp_micros(micros)?)?)
            }
            (SortOrder::Name, [NAME, name @ ..]) => Place::Name(stored(name)?),
            (SortOrder::Size, [SIZE, size @ ..]) => {
                Place::Size(i64::from_be_bytes(size.try_into().ok()?))
            }
            _ => return None,
        };
        let id = Uuid::from_slice(id).ok()?.into();
        Some(Self { place, id })
    }

    /// The place after every image that is not older than this time. `None`: no image can be.
    #[must_use]
    pub fn before(time: DateTime<Utc>) -> Option<Self> {
        Some(Self {
            place: Place::Time(ordered(time.trunc_subsecs(6))?),
            id: Uuid::nil().into(),
        })
    }
}

impl Place {
    /// As the database compares it.
    pub(super) fn value(self) -> Expr {
        match self {
            Self::Time(time) => Expr::val(time),
            Self::Name(name) => Expr::val(name),
            Self::Size(size) => Expr::val(size),
        }
    }
}

/// SQLite compares times as text, which goes wrong outside the years 0 to 9999.
fn ordered(time: DateTime<Utc>) -> Option<DateTime<Utc>> {
    (0..=9999).contains(&time.year()).then_some(time)
}

/// PostgreSQL's text holds no NUL.
fn stored(name: &[u8]) -> Option<String> {
    let name = std::str::from_utf8(name).ok()?;
    (!name.contains('\0')).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places() -> [(SortOrder, Place); 4] {
        let time = Place::Time(Utc::now().trunc_subsecs(6));
        [
            (SortOrder::Newest, time.clone()),
            (SortOrder::Oldest, time),
            (SortOrder::Name, Place::Name("\u{e9}t\u{e9} 7.jpg".into())),
            (SortOrder::Size, Place::Size(i64::MAX)),
        ]
    }

    #[test]
    fn a_cursor_survives_the_wire_and_fits_its_own_order_alone() {
        for (order, place) in places() {
            let id = ImageId::generate();
            let cursor = Cursor { place, id };
            for (other, place) in places() {
                let expected = same_kind(&place, &cursor.place).then_some(&cursor);
                let read = Cursor::decode(&cursor.encode(), other);
                assert_eq!(read.as_ref(), expected, "{order:?} as {other:?}");
            }
        }
    }

    fn same_kind(one: &Place, other: &Place) -> bool {
        std::mem::discriminant(one) == std::mem::discriminant(other)
    }

    #[test]
    fn a_cursor_that_nobody_made_is_refused() {
        let id = [7; 16];
        let nul = [&b"na\0b"[..], &id].concat();
        let no_text = [&b"n\xff"[..], &id].concat();
        let short_size = [&b"s1234567"[..], &id].concat();
        // Of eight bytes with the mark: as long as a time.
        let name = [&b"nseven.j"[..], &id].concat();
        for bad in [
            "",
            "x",
            "!!!",
            &URL_SAFE_NO_PAD.encode([255; 23]),
            &URL_SAFE_NO_PAD.encode([127; 24]),
            &"A".repeat(10_000),
            &URL_SAFE_NO_PAD.encode(nul),
            &URL_SAFE_NO_PAD.encode(no_text),
            &URL_SAFE_NO_PAD.encode(short_size),
        ] {
            for (order, _) in places() {
                assert_eq!(Cursor::decode(bad, order), None, "{bad} {order:?}");
            }
        }
        let name = URL_SAFE_NO_PAD.encode(name);
        assert_eq!(Cursor::decode(&name, SortOrder::Newest), None);
        assert!(Cursor::decode(&name, SortOrder::Name).is_some());
    }
}
