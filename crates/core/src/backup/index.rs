//! The list of a backup's objects, in the order of their images.

use std::pin::Pin;

use bytes::Bytes;
use futures::stream::Peekable;
use futures::{Stream, StreamExt};
use serde::{Deserialize, Serialize};

use super::BackupError;
use super::archive::Archive;
use super::manifest::Manifest;
use crate::db::{ImageId, Sha256};

/// An object of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Which image names it.
    pub image: ImageId,
    /// Its key in the bucket.
    pub key: String,
    /// Its size, bytes.
    pub size_bytes: u64,
    /// Of its bytes.
    pub sha256: Sha256,
    /// Its `Content-Type`.
    pub content_type: String,
}

/// Every object of a backup.
pub async fn entries(
    archive: &Archive,
    manifest: &Manifest,
) -> Result<impl Stream<Item = Result<Entry, BackupError>> + use<>, BackupError> {
    let path = manifest.objects.file.path.clone();
    let lines = archive.lines(&path).await?;
    Ok(lines.map(move |line| entry(&line?, &path)))
}

fn entry(line: &Bytes, path: &str) -> Result<Entry, BackupError> {
    let damaged = |why: String| BackupError::Damaged(format!("{path}: {why}"));
    let entry: Entry = serde_json::from_slice(line).map_err(|error| damaged(error.to_string()))?;
    let leads_out = |part: &str| matches!(part, "" | "." | "..");
    if entry.key.split('/').any(leads_out) {
        return Err(damaged(format!("{:?} is no key", entry.key)));
    }
    Ok(entry)
}

type Entries = Pin<Box<dyn Stream<Item = Result<Entry, BackupError>> + Send>>;

/// What the last backup has of images that are asked for in their order.
pub struct Known(Option<Peekable<Entries>>);

impl Known {
    /// Of this backup.
    pub async fn of(archive: &Archive, last: Option<&Manifest>) -> Result<Self, BackupError> {
        let Some(manifest) = last else {
            return Ok(Self(None));
        };
        match entries(archive, manifest).await {
            Ok(entries) => {
                let entries: Entries = Box::pin(entries);
                Ok(Self(Some(entries.peekable())))
            }
            // Whoever found it damaged has deleted it.
            Err(BackupError::Damaged(_)) => Ok(Self(None)),
            Err(error) => Err(error),
        }
    }

    /// Whether there is a last backup.
    pub fn has_any(&self) -> bool {
        self.0.is_some()
    }

    /// The objects of an image.
    pub async fn take(&mut self, image: ImageId) -> Result<Vec<Entry>, BackupError> {
        let mut found = Vec::new();
        let Some(entries) = &mut self.0 else {
            return Ok(found);
        };
        let mut entries = Pin::new(entries);
        let is_due = |entry: &Result<Entry, BackupError>| {
            entry.as_ref().map_or(true, |entry| entry.image <= image)
        };
        while let Some(entry) = entries.as_mut().next_if(is_due).await {
            found.push(entry?);
        }
        found.retain(|entry| entry.image == image);
        Ok(found)
    }
}
