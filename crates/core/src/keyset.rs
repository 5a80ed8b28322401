//! Lists in pages: where one ends, and the rows behind that.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Datelike, SubsecRound, Utc};
use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{EntityTrait, ExprTrait, Order, QueryFilter, QueryOrder, QueryTrait, Select};
use tintype_dto::SortOrder;
use uuid::Uuid;

/// The place behind something in a list: what the list is sorted by, and the thing's id. On the wire as base64url.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    pub place: Place,
    pub id: Uuid,
}

/// What a list is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    Time,
    Name,
    Size,
    Position,
}

/// What a list is sorted by, of one thing in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Of an upload; in the trash, of the purge; of an album, when it was made. 8 bytes.
    Time(DateTime<Utc>),
    /// Folded. Behind an `n`.
    Name(String),
    /// Bytes. 8 bytes behind an `s`.
    Size(i64),
    /// In an album. 8 bytes behind a `p`.
    Position(i64),
}

const NAME: u8 = b'n';
const SIZE: u8 = b's';
const POSITION: u8 = b'p';

impl From<SortOrder> for Key {
    fn from(order: SortOrder) -> Self {
        match order {
            SortOrder::Newest | SortOrder::Oldest => Self::Time,
            SortOrder::Name => Self::Name,
            SortOrder::Size => Self::Size,
        }
    }
}

impl Cursor {
    #[must_use]
    pub fn encode(&self) -> String {
        let mut bytes = match &self.place {
            Place::Time(time) => time.timestamp_micros().to_be_bytes().to_vec(),
            Place::Name(name) => [&[NAME], name.as_bytes()].concat(),
            Place::Size(size) => [&[SIZE], &size.to_be_bytes()[..]].concat(),
            Place::Position(position) => [&[POSITION], &position.to_be_bytes()[..]].concat(),
        };
        bytes.extend(self.id.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// `None` if this server did not make it, or made it for a list that is sorted by something else.
    #[must_use]
    pub fn decode(text: &str, key: Key) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (place, id) = bytes.split_at_checked(bytes.len().checked_sub(16)?)?;
        let number = |bytes: &[u8]| Some(i64::from_be_bytes(bytes.try_into().ok()?));
        let place = match (key, place) {
            (Key::Time, micros) => {
                Place::Time(ordered(DateTime::from_timestamp_micros(number(micros)?)?)?)
            }
            (Key::Name, [NAME, name @ ..]) => Place::Name(stored(name)?),
            (Key::Size, [SIZE, size @ ..]) => Place::Size(number(size)?),
            (Key::Position, [POSITION, position @ ..]) => Place::Position(number(position)?),
            _ => return None,
        };
        let id = Uuid::from_slice(id).ok()?;
        Some(Self { place, id })
    }

    /// The place after every image that is not older than this time. `None`: no image can be.
    #[must_use]
    pub fn before(time: DateTime<Utc>) -> Option<Self> {
        Some(Self {
            place: Place::Time(ordered(time.trunc_subsecs(6))?),
            id: Uuid::nil(),
        })
    }

    /// The rows by this key and their ids, from behind the cursor on: a seek in an index of this order.
    pub(crate) fn sort<E: EntityTrait>(
        after: Option<Self>,
        rows: Select<E>,
        [key, id]: [SimpleExpr; 2],
        direction: Order,
    ) -> Select<E> {
        let rows = rows.apply_if(after, |rows, last| {
            // A row-value comparison: both databases seek to it. `a < x OR (a = x AND b < y)` is scanned by PostgreSQL.
            let row = Expr::tuple([key.clone(), id.clone()]);
            let last = Expr::tuple([last.place.value(), Expr::val(last.id)]);
            rows.filter(if direction == Order::Asc {
                row.gt(last)
            } else {
                row.lt(last)
            })
        });
        rows.order_by(key, direction.clone())
            .order_by(id, direction)
    }
}

impl Place {
    /// As the database compares it.
    fn value(self) -> Expr {
        match self {
            Self::Time(time) => Expr::val(time),
            Self::Name(name) => Expr::val(name),
            Self::Size(number) | Self::Position(number) => Expr::val(number),
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

    fn places() -> [(Key, Place); 4] {
        [
            (Key::Time, Place::Time(Utc::now().trunc_subsecs(6))),
            (Key::Name, Place::Name("\u{e9}t\u{e9} 7.jpg".into())),
            (Key::Size, Place::Size(i64::MAX)),
            (Key::Position, Place::Position(i64::MIN)),
        ]
    }

    #[test]
    fn a_cursor_survives_the_wire_and_fits_its_own_list_alone() {
        for (key, place) in places() {
            let id = Uuid::now_v7();
            let cursor = Cursor { place, id };
            for (other, _) in places() {
                let expected = (key == other).then_some(&cursor);
                let read = Cursor::decode(&cursor.encode(), other);
                assert_eq!(read.as_ref(), expected, "{key:?} as {other:?}");
            }
        }
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
            for (key, _) in places() {
                assert_eq!(Cursor::decode(bad, key), None, "{bad} {key:?}");
            }
        }
        let name = URL_SAFE_NO_PAD.encode(name);
        assert_eq!(Cursor::decode(&name, Key::Time), None);
        assert!(Cursor::decode(&name, Key::Name).is_some());
    }
}
