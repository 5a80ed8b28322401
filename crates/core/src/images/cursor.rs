//! A place in the list of images.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Datelike, SubsecRound, Utc};

use uuid::Uuid;

use crate::db::ImageId;

/// The place behind an image in the list: its time, in the trash that of its purge, and its id. On the wire 24 bytes as base64url.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    pub created_at: DateTime<Utc>,
    pub id: ImageId,
}

impl Cursor {
    #[must_use]
    pub fn encode(self) -> String {
        let mut bytes = [0; 24];
        bytes[..8].copy_from_slice(&self.created_at.timestamp_micros().to_be_bytes());
        bytes[8..].copy_from_slice(self.id.0.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// `None` if this server did not make it.
    #[must_use]
    pub fn decode(text: &str) -> Option<Self> {
        let bytes: [u8; 24] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let (micros, id) = bytes.split_at(8);
        let created_at =
            DateTime::from_timestamp_micros(i64::from_be_bytes(micros.try_into().ok()?))?;
        Self {
            created_at,
            id: Uuid::from_slice(id).ok()?.into(),
        }
        .if_ordered()
    }

    /// The place after every image that is not older than this time. `None`: no image can be.
    #[must_use]
    pub fn before(time: DateTime<Utc>) -> Option<Self> {
        Self {
            created_at: time.trunc_subsecs(6),
            id: Uuid::nil().into(),
        }
        .if_ordered()
    }

    /// SQLite compares times as text, which goes wrong outside the years 0 to 9999.
    fn if_ordered(self) -> Option<Self> {
        (0..=9999).contains(&self.created_at.year()).then_some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_the_wire_and_others_are_refused() {
        let cursor = Cursor {
            created_at: chrono::SubsecRound::trunc_subsecs(Utc::now(), 6),
            id: ImageId::generate(),
        };
        assert_eq!(Cursor::decode(&cursor.encode()), Some(cursor));
        for bad in [
            "",
            "x",
            "!!!",
            &URL_SAFE_NO_PAD.encode([255; 23]),
            &URL_SAFE_NO_PAD.encode([127; 24]),
            &"A".repeat(10_000),
        ] {
            assert_eq!(Cursor::decode(bad), None, "{bad}");
        }
    }
}
