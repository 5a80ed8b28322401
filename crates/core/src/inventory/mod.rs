//! The contents of the bucket and the rows that name them: read by audits, and by sweeps before they act.

mod listing;
mod orphans;
pub(crate) mod rows;

use std::fmt;

use sea_orm::DbErr;
use serde::Serialize;
use tintype_storage::StoreError;

use crate::db::ImageId;

pub(crate) use self::listing::Listing;
pub use self::orphans::{Found, Orphans};
pub(crate) use self::orphans::{ids, unclaimed};

/// How many calls to the store run concurrently.
pub(crate) const AT_ONCE: usize = 8;

/// Why one of them can't be read.
#[derive(Debug, thiserror::Error)]
pub enum InventoryError {
    /// The database does not answer.
    #[error("the database can't be read: `tintype doctor` says what is wrong")]
    Database(#[from] DbErr),
    /// The store does not answer.
    #[error(
        "the storage can't be read: `tintype doctor` says what is wrong (the embedded store answers while `tintype serve` runs)"
    )]
    Store(#[from] StoreError),
}

/// Which of an image's objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// What was published.
    Original,
    /// Up to 1600 pixels.
    Preview,
    /// Up to 400 pixels.
    Thumb,
    /// What the bucket says of the image itself.
    Manifest,
}

/// A row that names a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Row {
    /// Of an image, by its id.
    Image(ImageId),
    /// Of an upload, by its id.
    Upload(ImageId),
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Original => "original",
            Self::Preview => "preview",
            Self::Thumb => "thumb",
            Self::Manifest => "manifest",
        })
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Image(id) => write!(f, "image {id}"),
            Self::Upload(id) => write!(f, "upload {id}"),
        }
    }
}
