//! A file that is being written and has no name yet.

use std::path::PathBuf;

use sha2::{Digest, Sha256};
use tokio::fs::File;
use tokio::io::AsyncWriteExt;

use super::BackupError;
use super::manifest::Named;
use crate::db;

/// See the module. It is removed when it is dropped.
pub struct Spool {
    file: File,
    place: Temporary,
    hash: Sha256,
    bytes: u64,
}

/// A file that is written to its end.
pub struct Spooled {
    /// Where it is.
    pub place: Temporary,
    /// How large it is.
    pub bytes: u64,
    /// What it holds.
    pub sha256: db::Sha256,
}

/// The path of a file that is removed with it, unless the file has moved.
pub struct Temporary(pub PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        // It has moved, or the next run removes it.
        let _ = std::fs::remove_file(&self.0);
    }
}

impl Spool {
    /// Into this file, which is new.
    pub fn new(file: File, place: Temporary) -> Self {
        Self {
            file,
            place,
            hash: Sha256::new(),
            bytes: 0,
        }
    }

    /// Writes on.
    pub async fn write(&mut self, piece: &[u8]) -> Result<(), BackupError> {
        self.hash.update(piece);
        self.bytes += piece.len() as u64;
        let written = self.file.write_all(piece).await;
        written.map_err(BackupError::file(self.place.0.display().to_string()))
    }

    /// Ends it.
    pub async fn end(mut self) -> Result<Spooled, BackupError> {
        let flushed = self.file.flush().await;
        flushed.map_err(BackupError::file(self.place.0.display().to_string()))?;
        Ok(Spooled {
            place: self.place,
            bytes: self.bytes,
            sha256: db::Sha256(self.hash.finalize().into()),
        })
    }
}

impl Spooled {
    /// With the name that it is going to have.
    #[must_use]
    pub fn named(&self, path: &str) -> Named {
        Named {
            path: path.to_owned(),
            bytes: self.bytes,
            sha256: self.sha256,
        }
    }
}
