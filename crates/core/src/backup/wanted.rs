//! Which objects a backup has to have: those of every image that is not being deleted.

use serde_json::Value as Json;

use super::BackupError;
use super::column::Column;
use super::index::{Entry, Known};
use super::snapshot::place;
use crate::db::{ImageId, Sha256};

/// An object that has to be in the backup.
#[derive(Debug)]
pub struct Wanted {
    /// Which image names it.
    pub image: ImageId,
    /// Its key.
    pub key: String,
    /// What the row says of an original, of which alone it says anything.
    pub says: Option<Said>,
    /// What the last backup has at this key.
    pub known: Option<Entry>,
}

/// What a row says of an original.
#[derive(Clone, Debug)]
pub struct Said {
    pub size_bytes: u64,
    pub sha256: Sha256,
    pub content_type: String,
}

/// The objects of the image in this line.
pub async fn of_image(
    columns: &[Column],
    line: &[u8],
    known: &mut Known,
) -> Result<Vec<Wanted>, BackupError> {
    let row = Row::read(columns, line)?;
    let image = row
        .text("id")
        .and_then(|id| id.parse::<uuid::Uuid>().ok())
        .map(ImageId)
        .ok_or_else(|| BackupError::Damaged("an image has no id".into()))?;
    let mut known = known.take(image).await?;
    if row.text("state") == Some("deleting") {
        return Ok(Vec::new());
    }
    let parts = [
        (row.text("original_key"), row.original()),
        (row.text("preview_key"), None),
        (row.text("thumb_key"), None),
    ];
    let mut wanted = Vec::new();
    for (key, says) in parts {
        let Some(key) = key else { continue };
        let at = known.iter().position(|entry| entry.key == key);
        wanted.push(Wanted {
            image,
            key: key.to_owned(),
            says,
            known: at.map(|at| known.swap_remove(at)),
        });
    }
    Ok(wanted)
}

/// The size of the original of the image in this line, bytes.
pub fn size_of(columns: &[Column], line: &[u8]) -> Result<u64, BackupError> {
    Ok(Row::read(columns, line)?.size_bytes().unwrap_or(0))
}

/// A line with the names of its values.
struct Row<'a> {
    columns: &'a [Column],
    values: Vec<Json>,
}

impl<'a> Row<'a> {
    fn read(columns: &'a [Column], line: &[u8]) -> Result<Self, BackupError> {
        let values = serde_json::from_slice(line)
            .map_err(|error| BackupError::Damaged(format!("a row of images: {error}")))?;
        Ok(Self { columns, values })
    }

    fn value(&self, name: &str) -> Option<&Json> {
        self.values.get(place(self.columns, name)?)
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.value(name)?.as_str()
    }

    fn size_bytes(&self) -> Option<u64> {
        self.value("size_bytes")?.as_u64()
    }

    fn original(&self) -> Option<Said> {
        Some(Said {
            size_bytes: self.size_bytes()?,
            sha256: self.text("sha256")?.parse().ok()?,
            content_type: self.text("content_type")?.to_owned(),
        })
    }
}
