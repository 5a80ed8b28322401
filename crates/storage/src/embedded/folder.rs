//! The folder that objects are kept in.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use sha2::{Digest, Sha256};

use super::index::{Entry, Index, Noted, Page};
use super::record::Record;
use super::turns::Turns;
use crate::failpoint;

/// The folder that holds one bucket: `objects/<2 hex>/<SHA-256 of bucket NUL key>`, and `tmp/` for what is being written.
///
/// A key never becomes a path, so any key is valid. Files under `objects` are complete and durable: they are written in `tmp`,
/// synchronised, and then linked or renamed.
pub struct Folder {
    objects: PathBuf,
    temp: PathBuf,
    bucket: String,
    index: Index,
    turns: Turns,
}

/// An object that is being read.
pub struct Opened {
    pub file: File,
    pub record: Record,
    pub modified: SystemTime,
}

/// A file in `tmp`, deleted when this is dropped.
pub struct Temp {
    pub file: File,
    path: PathBuf,
}

/// A file that is being written, or was left by a dead process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// Where it is.
    pub path: PathBuf,
    /// When it was written to last.
    pub modified: SystemTime,
}

/// The unfinished files in an embedded store's folder, read from outside. Empty if there is no such folder.
///
/// # Errors
/// When the folder can't be read.
pub fn unfinished(folder: &Path) -> io::Result<Vec<Unfinished>> {
    let files = match fs::read_dir(folder.join("tmp")) {
        Ok(files) => files,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut found = Vec::new();
    for file in files {
        let path = file?.path();
        match fs::metadata(&path) {
            Ok(metadata) => found.push(Unfinished {
                modified: metadata.modified()?,
                path,
            }),
            // It has become an object, or was dropped.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

/// Checks that an embedded store's folder is writable now: writes, synchronises and removes a file.
///
/// # Errors
/// It is not: the folder is missing, read-only or another user's, or its disk is full or broken.
pub fn probe(folder: &Path) -> io::Result<()> {
    let mut temp = Temp::new(&folder.join("tmp"))?;
    temp.file.write_all(b"probe")?;
    temp.file.sync_all()
}

/// How many files of at most `most` bytes in an embedded store's folder can't be read as objects, so that nobody knows what they were.
///
/// # Errors
/// When the folder can't be read.
pub fn unreadable(folder: &Path, most: u64) -> io::Result<u64> {
    let mut found = 0;
    walk(&folder.join("objects"), |path, opened| {
        let is_small = || fs::metadata(path).map_or(true, |file| file.len() <= most);
        if let Err(error) = opened
            && is_small()
        {
            tracing::error!(%error, path = %path.display(), "a file can't be read: it may have been any small object");
            found += 1;
        }
    })?;
    Ok(found)
}

/// Whether a new object may replace an old one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replace {
    Allowed,
    Refused,
}

/// How publishing ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Published {
    Stored,
    /// Another object was there before, and [`Replace::Refused`].
    Taken,
}

impl Folder {
    /// Creates missing folders, and removes what an earlier process left in `tmp`.
    pub fn prepare(root: &Path, bucket: &str) -> io::Result<Self> {
        let (objects, temp) = (root.join("objects"), root.join("tmp"));
        let holders: Vec<_> = root
            .ancestors()
            .take_while(|folder| !folder.exists())
            .filter_map(Path::parent)
            .collect();
        let mut private = DirBuilder::new();
        private.recursive(true).mode(0o700);
        private.create(&temp)?;
        for shard in 0..=u8::MAX {
            private.create(objects.join(hex::encode([shard])))?;
        }
        for folder in [objects.as_path(), root].into_iter().chain(holders) {
            sync(folder)?;
        }
        for stale in fs::read_dir(&temp)? {
            fs::remove_file(stale?.path())?;
        }
        Ok(Self {
            objects,
            temp,
            bucket: bucket.to_owned(),
            index: Index::default(),
            turns: Turns::default(),
        })
    }

    pub fn bucket(&self) -> &str {
        &self.bucket
    }

    /// Running PUTs.
    pub fn turns(&self) -> &Turns {
        &self.turns
    }

    pub fn create(&self) -> io::Result<Temp> {
        Temp::new(&self.temp)
    }

    /// Publishes a complete file under its name. When this returns, the object survives a power cut.
    pub fn publish(&self, temp: &Temp, record: &Record, replace: Replace) -> io::Result<Published> {
        temp.file.sync_all()?;
        failpoint("store.file-synced");
        let modified = temp.file.metadata()?.modified()?;
        let path = self.path(&record.key);
        let published = self.index.change(&record.key, || {
            match replace {
                Replace::Allowed => fs::rename(&temp.path, &path)?,
                Replace::Refused => match fs::hard_link(&temp.path, &path) {
                    Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                        return Ok((Published::Taken, Noted::Nothing));
                    }
                    other => other?,
                },
            }
            Ok((Published::Stored, Noted::Stored(entry(record, modified))))
        })?;
        failpoint("store.named");
        // Also for the second PUT: "taken" promises that an object is there to stay.
        let synced = sync_parent(&path);
        if synced.is_err() && (published, replace) == (Published::Stored, Replace::Refused) {
            // Nobody knows of it yet. If it stayed, a retry would get "taken" for an object that may not last.
            self.remove(&record.key)?;
        }
        failpoint("store.folder-synced");
        synced.map(|()| published)
    }

    /// Whether there is a durable object at `key`.
    pub fn holds(&self, key: &str) -> io::Result<bool> {
        let path = self.path(key);
        Ok(fs::exists(&path)? && sync_parent(&path).is_ok())
    }

    pub fn open(&self, key: &str) -> io::Result<Option<Opened>> {
        let Some(opened) = open(&self.path(key))? else {
            return Ok(None);
        };
        if opened.record.key != key || opened.record.bucket != self.bucket {
            return Err(io::Error::new(
                ErrorKind::InvalidData,
                "an object's file has another object's name",
            ));
        }
        Ok(Some(opened))
    }

    pub fn remove(&self, key: &str) -> io::Result<()> {
        let path = self.path(key);
        self.index.change(key, || match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(((), Noted::Removed)),
        })?;
        failpoint("unstore.unlinked");
        // Also if it was gone already: the process that removed it may not have reached this line.
        sync_parent(&path)
    }

    pub fn list(&self, prefix: &str, after: Option<&str>, most: usize) -> io::Result<Page> {
        self.index.page(prefix, after, most, || self.scan())
    }

    fn scan(&self) -> io::Result<BTreeMap<String, Entry>> {
        let mut entries = BTreeMap::new();
        walk(&self.objects, |path, opened| match opened {
            Ok(Opened {
                record, modified, ..
            }) => {
                if record.bucket == self.bucket {
                    let entry = entry(&record, modified);
                    entries.insert(record.key, entry);
                }
            }
            Err(error) => {
                tracing::error!(%error, path = %path.display(), "a damaged object is left out of the listing");
            }
        })?;
        Ok(entries)
    }

    fn path(&self, key: &str) -> PathBuf {
        let name = Sha256::new()
            .chain_update(&self.bucket)
            .chain_update([0])
            .chain_update(key)
            .finalize();
        let name = hex::encode(name);
        self.objects.join(&name[..2]).join(name)
    }
}

impl Temp {
    fn new(folder: &Path) -> io::Result<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("{}-{}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = folder.join(name);
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)?;
        Ok(Self { file, path })
    }
}

impl Drop for Temp {
    fn drop(&mut self) {
        // Renamed files have left this folder; the next start removes what could not be removed.
        let _ = fs::remove_file(&self.path);
    }
}

/// Opens every file of the folder. What others have put beside the shards is no object.
fn walk(objects: &Path, mut each: impl FnMut(&Path, io::Result<Opened>)) -> io::Result<()> {
    for shard in fs::read_dir(objects)? {
        let shard = shard?;
        if !shard.file_type()?.is_dir() {
            continue;
        }
        for file in fs::read_dir(shard.path())? {
            let path = file?.path();
            match open(&path).transpose() {
                // It has gone meanwhile.
                None => {}
                Some(Err(error)) if !is_of_the_file(&error) => return Err(error),
                Some(opened) => each(&path, opened),
            }
        }
    }
    Ok(())
}

/// Whether the file is at fault, rather than the disk or the process.
fn is_of_the_file(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::InvalidData
            | ErrorKind::UnexpectedEof
            | ErrorKind::PermissionDenied
            | ErrorKind::IsADirectory
    )
}

fn open(path: &Path) -> io::Result<Option<Opened>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let modified = file.metadata()?.modified()?;
    Ok(Some(Opened {
        record: Record::read(&file)?,
        file,
        modified,
    }))
}

fn entry(record: &Record, modified: SystemTime) -> Entry {
    Entry {
        size: record.size,
        sha256: record.sha256,
        modified,
    }
}

fn sync(folder: &Path) -> io::Result<()> {
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    File::open(folder)?.sync_all()
}

fn sync_parent(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), sync)
}
