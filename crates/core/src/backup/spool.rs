//! A file that is being written and has no name yet.

use std::path::PathBuf;

use sha2::{Digest, Sha256};
use tokio::fs::File;
use tokio::io::AsyncWriteExt;

use super::BackupError;
use super::manifest::Named;
use super::sealed::Sealer;
use crate::db;

/// See the module. It is removed when it is dropped.
pub struct Spool {
    file: File,
    place: Option<Temporary>,
    hash: Sha256,
    bytes: u64,
    sealed: Option<Sealed>,
}

/// What is written of a file that is encrypted.
struct Sealed {
    sealer: Sealer,
    hash: Sha256,
}

/// A file that is written to its end.
pub struct Spooled {
    /// What was written.
    pub file: std::fs::File,
    /// Where it is, if it has a place.
    pub place: Option<Temporary>,
    /// How much there was to write, bytes.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: db::Sha256,
    /// That of the file, which may be encrypted.
    pub stored_sha256: [u8; 32],
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
    pub fn new(file: File, place: Option<Temporary>) -> Self {
        Self {
            file,
            place,
            hash: Sha256::new(),
            bytes: 0,
            sealed: None,
        }
    }

    /// The same, encrypted.
    pub async fn sealed(mut self, sealer: Sealer, header: &[u8]) -> Result<Self, BackupError> {
        let hash = Sha256::new_with_prefix(header);
        self.sealed = Some(Sealed { sealer, hash });
        self.store(header).await?;
        Ok(self)
    }

    /// Writes on.
    pub async fn write(&mut self, piece: &[u8]) -> Result<(), BackupError> {
        self.hash.update(piece);
        self.bytes += piece.len() as u64;
        match &mut self.sealed {
            None => self.store(piece).await,
            Some(sealed) => {
                let chunks = sealed.sealer.seal(piece);
                sealed.hash.update(&chunks);
                self.store(&chunks).await
            }
        }
    }

    async fn store(&mut self, bytes: &[u8]) -> Result<(), BackupError> {
        let written = self.file.write_all(bytes).await;
        written.map_err(BackupError::file(self.name()))
    }

    fn name(&self) -> String {
        let place = self.place.as_ref().map(|place| place.0.clone());
        let place = place.unwrap_or_else(std::env::temp_dir);
        place.display().to_string()
    }

    /// Ends it.
    pub async fn end(mut self) -> Result<Spooled, BackupError> {
        let sha256: [u8; 32] = self.hash.clone().finalize().into();
        let mut stored_sha256 = sha256;
        if let Some(Sealed { sealer, mut hash }) = self.sealed.take() {
            let last = sealer.end();
            hash.update(&last);
            stored_sha256 = hash.finalize().into();
            self.store(&last).await?;
        }
        let flushed = self.file.flush().await;
        flushed.map_err(BackupError::file(self.name()))?;
        Ok(Spooled {
            file: self.file.into_std().await,
            place: self.place,
            bytes: self.bytes,
            sha256: db::Sha256(sha256),
            stored_sha256,
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
