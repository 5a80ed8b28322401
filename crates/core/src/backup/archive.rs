//! The files of one backup, wherever they are.

use std::collections::HashSet;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use bytes::{Bytes, BytesMut};
use futures::stream::BoxStream;
use futures::{Stream, StreamExt, TryStreamExt};
use sha2::{Digest, Sha256};

use super::BackupError;
use super::folder::Folder;
use super::spool::{Spool, Spooled};
use crate::db;

/// Where objects are, below which their keys follow.
pub const OBJECTS: &str = "objects/";
/// A longer line is damaged, bytes.
const LONGEST_LINE: usize = 1024 * 1024;

/// The bytes of a file as they come.
pub type Pieces = BoxStream<'static, Result<Bytes, BackupError>>;

/// Where a backup is.
pub struct Archive {
    folder: Folder,
}

impl Archive {
    /// In this folder.
    #[must_use]
    pub fn in_folder(folder: Folder) -> Self {
        Self { folder }
    }

    /// Nobody else writes there until it is dropped. What a dead process has begun is removed.
    pub async fn lock(&self) -> Result<(), BackupError> {
        self.folder.lock().await
    }

    /// Begins a file.
    pub async fn spool(&self) -> Result<Spool, BackupError> {
        self.folder.spool().await
    }

    /// Gives a file its name. It can be read, and survives a power cut, once everything is settled.
    pub async fn keep(&self, path: &str, file: Spooled) -> Result<(), BackupError> {
        self.folder.keep(path, file).await
    }

    /// Settles every file that is kept.
    pub async fn settle(&self) -> Result<(), BackupError> {
        self.folder.settle().await
    }

    /// The size of a file's contents, bytes. `None`: there is none.
    pub async fn size(&self, path: &str) -> Result<Option<u64>, BackupError> {
        self.folder.size(path).await
    }

    /// A file, `None` if there is none.
    pub async fn read(&self, path: &str) -> Result<Option<Pieces>, BackupError> {
        self.folder.read(path).await
    }

    /// A whole file that is small. A larger one is damaged.
    pub async fn get(&self, path: &str, most: u64) -> Result<Option<Bytes>, BackupError> {
        let Some(mut pieces) = self.read(path).await? else {
            return Ok(None);
        };
        let mut bytes = BytesMut::new();
        while let Some(piece) = pieces.try_next().await? {
            bytes.extend_from_slice(&piece);
            if bytes.len() as u64 > most {
                return Err(BackupError::Damaged(format!("{path} is too large")));
            }
        }
        Ok(Some(bytes.freeze()))
    }

    /// The lines of a file.
    pub async fn lines(
        &self,
        path: &str,
    ) -> Result<impl Stream<Item = Result<Bytes, BackupError>> + use<>, BackupError> {
        let pieces = self.read(path).await?;
        let pieces = pieces.ok_or_else(|| BackupError::Damaged(format!("{path} is missing")))?;
        Ok(lines(pieces, path.to_owned()))
    }

    /// The size and the SHA-256 of a file, `None` if there is none.
    pub async fn hash(
        &self,
        path: &str,
        mut on_piece: impl FnMut(u64),
    ) -> Result<Option<(u64, db::Sha256)>, BackupError> {
        let Some(mut pieces) = self.read(path).await? else {
            return Ok(None);
        };
        let (mut hash, mut size) = (Sha256::new(), 0);
        while let Some(piece) = pieces.try_next().await? {
            hash.update(&piece);
            size += piece.len() as u64;
            on_piece(piece.len() as u64);
        }
        Ok(Some((size, db::Sha256(hash.finalize().into()))))
    }

    /// Removes every file but these and the manifest.
    pub async fn retain(&self, names: Names) -> Result<(), BackupError> {
        self.folder.retain(names).await
    }
}

impl fmt::Display for Archive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.folder.fmt(f)
    }
}

/// The file of an object. Keys are the server's own; others get a name that any disk takes.
pub fn path_of(key: &str) -> String {
    let is_plain = |part: &str| {
        !part.starts_with('.')
            && !part.is_empty()
            && part.len() < 200
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    if key.split('/').all(is_plain) {
        format!("{OBJECTS}{key}")
    } else {
        format!("{OBJECTS}odd/{}", db::Sha256::of(key.as_bytes()))
    }
}

/// Names of files, of which 8 bytes each are kept. Two may be taken for one.
#[derive(Default)]
pub struct Names(HashSet<u64>);

impl Names {
    /// Adds a name.
    pub fn add(&mut self, path: &str) {
        self.0.insert(hash_of(path));
    }

    /// Whether it was added.
    pub fn has(&self, path: &str) -> bool {
        self.0.contains(&hash_of(path))
    }
}

fn hash_of(path: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    path.hash(&mut hasher);
    hasher.finish()
}

/// Cuts at every end of a line. The last one has to have an end, too.
fn lines(pieces: Pieces, path: String) -> impl Stream<Item = Result<Bytes, BackupError>> {
    let state = (pieces, BytesMut::new(), 0);
    futures::stream::try_unfold(state, move |(mut pieces, mut rest, mut seen)| {
        let damaged = |what| BackupError::Damaged(format!("{path}: {what}"));
        let (long, cut) = (damaged("a line is too long"), damaged("it is cut short"));
        async move {
            loop {
                if let Some(end) = rest[seen..].iter().position(|byte| *byte == b'\n') {
                    let line = rest.split_to(seen + end + 1).freeze();
                    let line = line.slice(..line.len() - 1);
                    return Ok(Some((line, (pieces, rest, 0))));
                }
                seen = rest.len();
                if seen > LONGEST_LINE {
                    return Err(long);
                }
                match pieces.next().await.transpose()? {
                    Some(piece) => rest.extend_from_slice(&piece),
                    None if rest.is_empty() => return Ok(None),
                    None => return Err(cut),
                }
            }
        }
    })
}
