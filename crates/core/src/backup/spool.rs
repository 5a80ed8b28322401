//! A file that is being written and has no name yet.
//!
//! What is written is gathered, and hashed, encrypted and stored on a thread for such work: a small file is made in one go.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::mem;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use sha2::{Digest, Sha256};

use super::BackupError;
use super::manifest::Named;
use super::sealed::Sealer;
use crate::db;

/// How much is gathered, bytes.
const MOST: usize = 256 * 1024;

/// See the module. It is removed when it is dropped.
pub struct Spool {
    /// Where it is, for an error.
    name: String,
    gathered: Vec<u8>,
    /// `None`: the disk has failed.
    writing: Option<Writing>,
}

/// What is written so far.
struct Writing {
    file: Option<File>,
    place: Option<Temporary>,
    hash: Sha256,
    bytes: u64,
    sealed: Option<Sealed>,
}

/// The same of a file that is encrypted.
struct Sealed {
    sealer: Sealer,
    header: Vec<u8>,
    hash: Sha256,
}

/// A file that is written to its end.
pub struct Spooled {
    /// What was written.
    pub file: File,
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
    /// At this place, where nothing is.
    pub fn at(place: PathBuf) -> Self {
        Self::new(place.display().to_string(), Some(Temporary(place)))
    }

    /// Among the system's temporary files.
    pub fn nameless() -> Self {
        Self::new(std::env::temp_dir().display().to_string(), None)
    }

    fn new(name: String, place: Option<Temporary>) -> Self {
        let writing = Writing {
            file: None,
            place,
            hash: Sha256::new(),
            bytes: 0,
            sealed: None,
        };
        Self {
            name,
            gathered: Vec::new(),
            writing: Some(writing),
        }
    }

    /// The same, encrypted.
    #[must_use]
    pub fn sealed(mut self, sealer: Sealer, header: Vec<u8>) -> Self {
        if let Some(writing) = &mut self.writing {
            let hash = Sha256::new_with_prefix(&header);
            writing.sealed = Some(Sealed {
                sealer,
                header,
                hash,
            });
        }
        self
    }

    /// Writes on.
    pub async fn write(&mut self, piece: &[u8]) -> Result<(), BackupError> {
        self.gathered.extend_from_slice(piece);
        if self.gathered.len() < MOST {
            return Ok(());
        }
        let writing = self.hand_over(Ok).await?;
        self.writing = Some(writing);
        Ok(())
    }

    /// Ends it.
    pub async fn end(mut self) -> Result<Spooled, BackupError> {
        self.hand_over(Writing::end).await
    }

    /// Writes what is gathered, and goes on with what is written then.
    async fn hand_over<T: Send + 'static>(
        &mut self,
        then: impl FnOnce(Writing) -> io::Result<T> + Send + 'static,
    ) -> Result<T, BackupError> {
        let (writing, gathered) = (self.writing.take(), mem::take(&mut self.gathered));
        let work = move || {
            let mut writing = writing.ok_or(io::ErrorKind::BrokenPipe)?;
            writing.write(&gathered)?;
            then(writing)
        };
        let done = tokio::task::spawn_blocking(work).await;
        done.unwrap_or_else(|error| Err(io::Error::other(error)))
            .map_err(BackupError::file(&*self.name))
    }
}

impl Writing {
    fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        self.hash.update(piece);
        self.bytes += piece.len() as u64;
        let Some(sealed) = &mut self.sealed else {
            return self.store(piece);
        };
        let chunks = sealed.sealer.seal(piece);
        sealed.hash.update(&chunks);
        self.store(&chunks)
    }

    /// The file is made for its first bytes, which may be none.
    fn store(&mut self, bytes: &[u8]) -> io::Result<()> {
        let file = if let Some(file) = &mut self.file {
            file
        } else {
            let mut file = self.make()?;
            if let Some(sealed) = &self.sealed {
                file.write_all(&sealed.header)?;
            }
            self.file.insert(file)
        };
        file.write_all(bytes)
    }

    fn make(&self) -> io::Result<File> {
        let Some(place) = &self.place else {
            return tempfile::tempfile();
        };
        let mut new = OpenOptions::new();
        new.write(true).create_new(true).mode(0o600).open(&place.0)
    }

    fn end(mut self) -> io::Result<Spooled> {
        let sha256: [u8; 32] = self.hash.clone().finalize().into();
        let mut stored_sha256 = sha256;
        if let Some(sealed) = self.sealed.take() {
            let Sealed {
                sealer, mut hash, ..
            } = sealed;
            let last = sealer.end();
            hash.update(&last);
            stored_sha256 = hash.finalize().into();
            self.store(&last)?;
        }
        Ok(Spooled {
            file: self.file.ok_or(io::ErrorKind::NotFound)?,
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
