//! The file of an archive: its names are checked before anything else, and nothing of it is read that its manifest does not name.

use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sha2::{Digest, Sha256};
use tintype_core::db;
use tintype_core::uploads::{Content, WholeFile};
use tintype_dto::{EXPORT_FORMAT, EXPORT_VERSION, ExportedImage, ProblemCode};
use tintype_imaging::sniff;
use zip::ZipArchive;
use zip::result::ZipError;

use super::bounded::Bounded;
use super::manifest::{self, Manifest};
use crate::problems::ApiError;
use crate::spool;

const MANIFEST: &str = "manifest.json";
/// The largest manifest, bytes: of some two million pictures.
const MOST_MANIFEST: u64 = 1024 * 1024 * 1024;
/// The most that is read to find what is in an archive, bytes: the list of a million pictures.
const MOST_LIST: u64 = 256 * 1024 * 1024;
/// A file is held in memory up to this size, bytes.
const IN_MEMORY: u64 = 1024 * 1024;
/// What the type of a file is told by, bytes.
const HEAD: usize = 64;
/// How much is read at once, bytes.
const PIECE: usize = 64 * 1024;

/// Why nothing is imported of an archive.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// Nothing can be found in it.
    #[error("it is cut short or no ZIP archive: copy or download it again")]
    NoArchive(#[source] ZipError),
    /// It leads out of it, or to somewhere else.
    #[error(
        "it holds {0:?}, a link or a name that leads out of it, as no export does: take another copy from where it was exported"
    )]
    Name(String),
    /// It is none that Tintype has written.
    #[error(
        "it has no manifest.json: name an archive as Tintype has written it. A folder of pictures is imported once it is unpacked"
    )]
    NoManifest,
    /// The manifest has more bytes than one may have.
    #[error(
        "its manifest has more than {MOST_MANIFEST} bytes: take another copy from where it was exported"
    )]
    ManifestTooLarge,
    /// The manifest is none.
    #[error(
        "its manifest.json is damaged or none of an export: take another copy from where it was exported"
    )]
    Manifest(#[source] serde_json::Error),
    /// The manifest is of another form.
    #[error(
        "its manifest.json calls itself {0:?}, not {EXPORT_FORMAT:?}: name an archive that Tintype has written"
    )]
    Foreign(String),
    /// The manifest is of a newer version.
    #[error(
        "its manifest.json is of version {0}, and this Tintype knows {EXPORT_VERSION}: import it with a newer Tintype"
    )]
    Newer(u32),
    /// There is no room for a copy of the manifest.
    #[error(
        "its manifest can't be copied: make room in the data folder, or in that of temporary files"
    )]
    Spool(#[source] io::Error),
}

/// See the module.
pub struct Pack(Mutex<ZipArchive<Bounded<BufReader<File>>>>);

impl Pack {
    /// # Errors
    /// See [`PackError`].
    pub fn open(file: File) -> Result<Self, PackError> {
        let left = Arc::new(AtomicU64::new(MOST_LIST));
        let bounded = Bounded::new(BufReader::new(file), left.clone());
        let zip = ZipArchive::new(bounded).map_err(PackError::NoArchive)?;
        // From here on as much is read as the list says.
        left.store(u64::MAX, Ordering::Relaxed);
        for index in 0..zip.len() {
            let entry = zip.by_index_data(index).map_err(PackError::NoArchive)?;
            let name = entry
                .name()
                .unwrap_or_else(|_| String::from_utf8_lossy(entry.name_raw()));
            if entry.is_symlink() || leads_out(&name) {
                return Err(PackError::Name(name.into_owned()));
            }
        }
        Ok(Self(Mutex::new(zip)))
    }

    /// Its manifest, of which every word has been read; a copy stands in this folder.
    ///
    /// # Errors
    /// See [`PackError`].
    pub fn manifest(&self, folder: &Path) -> Result<Manifest, PackError> {
        let mut zip = self.zip();
        let index = zip.index_for_name_raw(MANIFEST.as_bytes());
        let index = index.ok_or(PackError::NoManifest)?;
        let entry = zip.by_index(index).map_err(PackError::NoArchive)?;
        if entry.size() > MOST_MANIFEST {
            return Err(PackError::ManifestTooLarge);
        }
        // It may say that it is smaller than it is.
        let images = manifest::check(entry.take(MOST_MANIFEST))?;
        let entry = zip.by_index(index).map_err(PackError::NoArchive)?;
        let mut copy = spool::file(folder).map_err(PackError::Spool)?;
        io::copy(&mut entry.take(MOST_MANIFEST), &mut copy).map_err(PackError::Spool)?;
        Ok(Manifest::new(copy, images))
    }

    /// The file of a picture, held in this folder when it is large. It has the size and the hash that the manifest says.
    ///
    /// # Errors
    /// What a client would be told of such a file.
    pub fn take(&self, image: &ExportedImage, folder: &Path) -> Result<WholeFile, ApiError> {
        let mut zip = self.zip();
        let index = zip.index_for_name_raw(image.file.as_bytes());
        let index = index.ok_or_else(|| {
            let detail = "The archive does not have this file. Take another copy from where it was exported.";
            ApiError::new(ProblemCode::NotUploaded, detail)
        })?;
        let entry = zip.by_index(index).map_err(damaged)?;
        if entry.size() != image.size_bytes {
            return Err(of_another_size());
        }
        let mut into = Intake::begin(image.size_bytes, folder)?;
        into.fill(entry.take(image.size_bytes + 1))?;
        into.end(image)
    }

    fn zip(&self) -> MutexGuard<'_, ZipArchive<Bounded<BufReader<File>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a name means something outside the folder that an archive is unpacked in, on any system.
fn leads_out(name: &str) -> bool {
    let is_absolute = name.starts_with('/') || name.contains(['\\', '\0']);
    let has_drive = name.as_bytes().get(1) == Some(&b':');
    is_absolute || has_drive || name.split('/').any(|part| part == "..")
}

/// A picture on its way out of the archive.
struct Intake {
    bytes: Bytes,
    head: Vec<u8>,
    size_bytes: u64,
    hash: Sha256,
}

enum Bytes {
    Memory(Vec<u8>),
    File(File),
}

impl Intake {
    fn begin(size_bytes: u64, folder: &Path) -> Result<Self, ApiError> {
        let bytes = if size_bytes <= IN_MEMORY {
            Bytes::Memory(Vec::new())
        } else {
            Bytes::File(spool::file(folder).map_err(spool::failed)?)
        };
        Ok(Self {
            bytes,
            head: Vec::new(),
            size_bytes: 0,
            hash: Sha256::new(),
        })
    }

    fn fill(&mut self, mut from: impl Read) -> Result<(), ApiError> {
        let mut piece = vec![0; PIECE];
        loop {
            let read = from.read(&mut piece).map_err(damaged)?;
            let read = &piece[..read];
            if read.is_empty() {
                return Ok(());
            }
            self.hash.update(read);
            self.size_bytes += read.len() as u64;
            let head = read.len().min(HEAD - self.head.len());
            self.head.extend_from_slice(&read[..head]);
            match &mut self.bytes {
                Bytes::Memory(bytes) => bytes.extend_from_slice(read),
                Bytes::File(file) => file.write_all(read).map_err(spool::failed)?,
            }
        }
    }

    fn end(self, image: &ExportedImage) -> Result<WholeFile, ApiError> {
        let sha256 = db::Sha256(self.hash.finalize().into());
        if self.size_bytes != image.size_bytes {
            return Err(of_another_size());
        }
        if sha256.to_string() != image.sha256 {
            let detail = "The file is not the one that the manifest means. Take another copy from where it was exported.";
            return Err(ApiError::new(ProblemCode::HashMismatch, detail));
        }
        let content_type = sniff(&self.head)
            .map_err(|refusal| ApiError::new(refusal.code(), refusal.to_string()))?;
        Ok(WholeFile {
            filename: image.filename.clone(),
            content_type,
            size_bytes: self.size_bytes,
            sha256,
            created_at: Some(image.created_at),
            content: match self.bytes {
                Bytes::Memory(bytes) => Content::Memory(bytes.into()),
                Bytes::File(file) => Content::File(Arc::new(file)),
            },
        })
    }
}

fn of_another_size() -> ApiError {
    let detail = "The file has another size than the manifest says. Take another copy from where it was exported.";
    ApiError::new(ProblemCode::SizeMismatch, detail)
}

fn damaged(error: impl std::fmt::Display) -> ApiError {
    let detail = format!(
        "The file can't be read from the archive: {error}. Take another copy from where it was exported."
    );
    ApiError::new(ProblemCode::NotUploaded, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_leads_out_is_one_on_any_system() {
        for name in [
            "../a",
            "a/../../b",
            "a/..",
            "/a",
            "..",
            "C:\\a",
            "C:a",
            "a\\..\\b",
            "a\0",
        ] {
            assert!(leads_out(name), "{name}");
        }
        for name in [
            "images/a.jpg",
            "images/..a.jpg",
            "images/a..",
            "manifest.json",
            "images/",
        ] {
            assert!(!leads_out(name), "{name}");
        }
    }
}
