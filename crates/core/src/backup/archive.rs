//! The files of one backup, wherever they are.

use std::collections::HashSet;
use std::fmt;
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};

use bytes::{Bytes, BytesMut};
use futures::stream::BoxStream;
use futures::{Stream, StreamExt, TryStreamExt};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::files::Files;
use super::sealed::{self, Key, Unopened};
use super::spool::{Spool, Spooled};
use super::{BackupError, manifest};
use crate::db;
use crate::keys;
use crate::secret::Secret;

/// Where objects are, below which their keys follow.
pub const OBJECTS: &str = "objects/";
/// A longer line is damaged, bytes.
const LONGEST_LINE: usize = 1024 * 1024;

/// The bytes of a file as they come.
pub type Pieces = BoxStream<'static, Result<Bytes, BackupError>>;

/// Where the key of a backup is that is encrypted.
const KEY: &str = "key.age";
/// A larger file holds no key, bytes.
const LONGEST_KEY: u64 = 4096;

/// The files of a backup, and what they are encrypted with.
pub struct Archive {
    files: Files,
    key: Option<Key>,
}

impl Archive {
    /// Whether a passphrase is needed to read what is there.
    ///
    /// # Errors
    /// The place can't be read.
    pub async fn is_encrypted(files: &Files) -> Result<bool, BackupError> {
        files.must_have_a_name()?;
        has(files, KEY).await
    }

    /// Opens what is there.
    ///
    /// # Errors
    /// It is encrypted and the passphrase is missing or another one.
    pub async fn open(files: Files, passphrase: Option<&Secret>) -> Result<Self, BackupError> {
        files.must_have_a_name()?;
        let key = match get(&files, KEY, LONGEST_KEY).await {
            Ok(None) => None,
            Ok(Some(file)) => Some(unlock(&files, &file, passphrase)?),
            Err(BackupError::Damaged(_)) => return Err(BackupError::KeyDamaged(files.to_string())),
            Err(error) => return Err(error),
        };
        Ok(Self { files, key })
    }

    /// The same for writing: makes the place where it is missing, and encrypts what is begun with a passphrase.
    ///
    /// # Errors
    /// See [`Self::open`]; or it holds other things, is in use, or holds a backup that is not encrypted.
    pub async fn begin(files: Files, passphrase: Option<&Secret>) -> Result<Self, BackupError> {
        files.must_have_a_name()?;
        files.begin().await?;
        let (Some(passphrase), false) = (passphrase, Self::is_encrypted(&files).await?) else {
            return Self::open(files, passphrase).await;
        };
        if let Some(manifest) = get(&files, manifest::PATH, manifest::MOST).await? {
            let place = files.to_string();
            return Err(if sealed::is_sealed(&manifest) {
                BackupError::KeyLost(place)
            } else {
                BackupError::NotEncrypted(place)
            });
        }
        let key = Key::random();
        let file = key.locked(passphrase).ok_or(BackupError::Unencryptable)?;
        let mut spool = files.spool();
        spool.write(&file).await?;
        files.keep(KEY, spool.end().await?).await?;
        files.settle().await?;
        Ok(Self {
            files,
            key: Some(key),
        })
    }

    /// From now on the place is this installation's.
    ///
    /// # Errors
    /// It is another's.
    pub async fn claim(&self, installation: Uuid) -> Result<(), BackupError> {
        self.files.claim(installation).await
    }

    /// Begins a file.
    pub fn spool(&self) -> Result<Spool, BackupError> {
        let spool = self.files.spool();
        let Some(key) = &self.key else {
            return Ok(spool);
        };
        let (sealer, header) = key.seal().ok_or(BackupError::Unencryptable)?;
        Ok(spool.sealed(sealer, header))
    }

    /// Gives a file its name. It can be read, and survives a power cut, once everything is settled.
    pub async fn keep(&self, path: &str, file: Spooled) -> Result<(), BackupError> {
        self.files.keep(path, file).await
    }

    /// Settles every file that is kept.
    pub async fn settle(&self) -> Result<(), BackupError> {
        self.files.settle().await
    }

    /// How much these files hold, bytes. `None`: there is none, or it is none of this backup.
    pub async fn sizes(&self, paths: &[String]) -> Result<Vec<Option<u64>>, BackupError> {
        let mut sizes = self.files.sizes(paths).await?;
        if self.key.is_some() {
            for size in &mut sizes {
                *size = size.and_then(sealed::opened_size);
            }
        }
        Ok(sizes)
    }

    /// What a file holds, `None` if there is none.
    pub async fn read(&self, path: &str) -> Result<Option<Pieces>, BackupError> {
        let pieces = self.files.read(path).await?;
        Ok(match &self.key {
            None => pieces,
            Some(key) => pieces.map(|pieces| key.open(pieces, path.to_owned())),
        })
    }

    /// A file of this machine with what a file holds: itself, or a copy. `None`: there is none.
    pub async fn file(&self, path: &str) -> Result<Option<File>, BackupError> {
        if let (Files::Folder(folder), None) = (&self.files, &self.key) {
            return folder.file(path).await;
        }
        let Some(mut pieces) = self.read(path).await? else {
            return Ok(None);
        };
        let mut copy = Spool::nameless();
        while let Some(piece) = pieces.try_next().await? {
            copy.write(&piece).await?;
        }
        Ok(Some(copy.end().await?.file))
    }

    /// A whole file that is small. A larger one is damaged.
    pub async fn get(&self, path: &str, most: u64) -> Result<Option<Bytes>, BackupError> {
        match self.read(path).await? {
            None => Ok(None),
            Some(pieces) => whole(pieces, path, most).await.map(Some),
        }
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
        mut on_piece: impl FnMut(&[u8]),
    ) -> Result<Option<(u64, db::Sha256)>, BackupError> {
        let Some(mut pieces) = self.read(path).await? else {
            return Ok(None);
        };
        let (mut hash, mut size) = (Sha256::new(), 0);
        while let Some(piece) = pieces.try_next().await? {
            hash.update(&piece);
            size += piece.len() as u64;
            on_piece(&piece);
        }
        Ok(Some((size, db::Sha256(hash.finalize().into()))))
    }

    /// Removes rows and objects but for these.
    pub async fn retain(&self, names: Names) -> Result<(), BackupError> {
        self.files.retain(names).await
    }
}

impl fmt::Display for Archive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.files.fmt(f)
    }
}

async fn has(files: &Files, path: &str) -> Result<bool, BackupError> {
    let sizes = files.sizes(&[path.to_owned()]).await?;
    Ok(sizes.iter().any(Option::is_some))
}

async fn get(files: &Files, path: &str, most: u64) -> Result<Option<Bytes>, BackupError> {
    match files.read(path).await? {
        None => Ok(None),
        Some(pieces) => whole(pieces, path, most).await.map(Some),
    }
}

async fn whole(mut pieces: Pieces, path: &str, most: u64) -> Result<Bytes, BackupError> {
    let mut bytes = BytesMut::new();
    while let Some(piece) = pieces.try_next().await? {
        bytes.extend_from_slice(&piece);
        if bytes.len() as u64 > most {
            return Err(BackupError::Damaged(format!("{path} is too large")));
        }
    }
    Ok(bytes.freeze())
}

fn unlock(files: &Files, file: &[u8], passphrase: Option<&Secret>) -> Result<Key, BackupError> {
    let place = files.to_string();
    let Some(passphrase) = passphrase else {
        return Err(BackupError::Encrypted(place));
    };
    Key::unlocked(file, passphrase).map_err(|why| match why {
        Unopened::Passphrase => BackupError::Passphrase(place),
        Unopened::Damaged => BackupError::KeyDamaged(place),
    })
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

/// Whether this is a name that a file of rows or an object has in a backup. Nothing else is removed from one.
pub fn is_of_backup(path: &str) -> bool {
    let is_id = |part: &str| part.parse::<Uuid>().is_ok();
    match path.split('/').collect::<Vec<_>>()[..] {
        ["rows", backup, file] => is_id(backup) && file.strip_suffix(".jsonl").is_some(),
        ["objects", "odd", hash] => hash.len() == 64,
        ["objects", _, _, _, _] => path.strip_prefix(OBJECTS).is_some_and(keys::is_published),
        _ => false,
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
