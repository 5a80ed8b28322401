//! A backup in a folder: files 0600, folders 0700.
//!
//! A file gets its name once its bytes are on the disk, so that whatever has a name is whole. Synchronising each would take most of the time:
//! the whole file system is synchronised, for many files at once.

use std::ffi::OsStr;
use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read};
use std::mem;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use futures::{StreamExt, stream};
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

use super::{LOCK, PRUNED, are_ours};
use crate::backup::BackupError;
use crate::backup::archive::{Names, Pieces, is_of_backup};
use crate::backup::spool::{Spool, Spooled, Temporary};
use crate::private;

/// Files without a name yet.
const BEGUN: &str = "tmp";
/// How many files wait to be synchronised, and how many bytes. While those before them are, others are written.
const MOST_FILES: usize = 4096;
const MOST_BYTES: u64 = 256 * 1024 * 1024;
const PIECE: usize = 256 * 1024;

/// See the module.
pub struct Folder {
    path: Arc<Path>,
    next: AtomicU64,
    waiting: Mutex<Waiting>,
    lock: Mutex<Option<File>>,
}

/// Files whose bytes may not be on the disk yet.
#[derive(Default)]
struct Waiting {
    files: Vec<(Temporary, String)>,
    bytes: u64,
    /// Gives those before them their names.
    naming: Option<JoinHandle<io::Result<()>>>,
}

/// What there is to read.
enum Opened {
    Nothing,
    /// Something else is there.
    NoFile,
    File(File),
}

impl Folder {
    /// Looks at nothing yet.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self {
            path: path.into(),
            next: AtomicU64::new(0),
            waiting: Mutex::default(),
            lock: Mutex::default(),
        }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub async fn begin(&self) -> Result<(), BackupError> {
        let path = self.path.clone();
        let file = blocking(self.to_string(), move || take(&path)).await?;
        let file = file.map_err(|refusal| refusal(self.to_string()))?;
        *self.lock.lock().await = Some(file);
        Ok(())
    }

    /// What the lock says.
    pub async fn note(&self) -> Result<String, BackupError> {
        let path = self.path.join(LOCK);
        blocking(self.to_string(), move || {
            fs::read(path).map(|note| String::from_utf8_lossy(&note).into_owned())
        })
        .await
    }

    pub async fn write_note(&self, note: String) -> Result<(), BackupError> {
        let path = self.path.join(LOCK);
        blocking(self.to_string(), move || fs::write(path, note)).await
    }

    pub fn spool(&self) -> Spool {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        Spool::at(self.path.join(BEGUN).join(number.to_string()))
    }

    pub async fn keep(&self, path: &str, file: Spooled) -> Result<(), BackupError> {
        let mut waiting = self.waiting.lock().await;
        waiting.bytes += file.bytes;
        let named = file.place.map(|place| (place, path.to_owned()));
        waiting.files.extend(named);
        if waiting.files.len() < MOST_FILES && waiting.bytes < MOST_BYTES {
            return Ok(());
        }
        let named = waiting.name(&self.path).await;
        named.map_err(BackupError::file(self.to_string()))
    }

    pub async fn settle(&self) -> Result<(), BackupError> {
        let mut waiting = self.waiting.lock().await;
        let settled = async {
            waiting.name(&self.path).await?;
            waiting.named().await
        };
        settled.await.map_err(BackupError::file(self.to_string()))?;
        let path = self.path.clone();
        blocking(self.to_string(), move || synchronise(&path)).await
    }

    pub async fn sizes(&self, paths: &[String]) -> Result<Vec<Option<u64>>, BackupError> {
        let paths: Vec<_> = paths.iter().map(|path| self.path.join(path)).collect();
        // What a link leads to is no part of the backup.
        let size = |path| match fs::symlink_metadata(path) {
            Ok(file) => Ok(file.is_file().then_some(file.len())),
            Err(error) if is_nothing(&error) => Ok(None),
            Err(error) => Err(error),
        };
        blocking(self.to_string(), move || {
            paths.into_iter().map(size).collect()
        })
        .await
    }

    pub async fn read(&self, path: &str) -> Result<Option<Pieces>, BackupError> {
        let (path, name) = self.place_of(path);
        // A small file is read in one go.
        let begin = move || match open(&path)? {
            Opened::File(file) => piece(file).map(Ok),
            other => Ok(Err(other)),
        };
        let first = match blocking(name.clone(), begin).await? {
            Ok(first) => first,
            Err(Opened::NoFile) => return Err(no_file(&name)),
            Err(_) => return Ok(None),
        };
        let pieces = stream::try_unfold((Some(first), None), move |(read, rest)| {
            let name = name.clone();
            async move {
                let (bytes, rest) = match (read, rest) {
                    (Some(read), _) => read,
                    (None, Some(file)) => blocking(name, move || piece(file)).await?,
                    (None, None) => return Ok(None),
                };
                Ok((!bytes.is_empty()).then_some((bytes, (None, rest))))
            }
        });
        Ok(Some(pieces.boxed()))
    }

    /// The file itself.
    pub async fn file(&self, path: &str) -> Result<Option<File>, BackupError> {
        let (path, name) = self.place_of(path);
        match blocking(name.clone(), move || open(&path)).await? {
            Opened::Nothing => Ok(None),
            Opened::NoFile => Err(no_file(&name)),
            Opened::File(file) => Ok(Some(file)),
        }
    }

    /// Where a file is, and how an error calls it.
    fn place_of(&self, path: &str) -> (PathBuf, String) {
        let path = self.path.join(path);
        let name = path.display().to_string();
        (path, name)
    }

    pub async fn retain(&self, names: Names) -> Result<(), BackupError> {
        let folder = self.path.clone();
        let retain = move || {
            for part in PRUNED {
                prune(&folder, part, &names)?;
            }
            Ok(())
        };
        blocking(self.to_string(), retain).await
    }
}

impl fmt::Display for Folder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path.display().fmt(f)
    }
}

impl Waiting {
    /// Gives these files their names once they are on the disk. It does not wait for it, but for those before them.
    async fn name(&mut self, folder: &Arc<Path>) -> io::Result<()> {
        self.named().await?;
        let (folder, files) = (folder.clone(), mem::take(&mut self.files));
        self.bytes = 0;
        self.naming = Some(tokio::task::spawn_blocking(move || name(&folder, files)));
        Ok(())
    }

    /// Until those before have their names.
    async fn named(&mut self) -> io::Result<()> {
        match self.naming.take() {
            Some(naming) => naming.await.map_err(io::Error::other)?,
            None => Ok(()),
        }
    }
}

fn name(folder: &Path, files: Vec<(Temporary, String)>) -> io::Result<()> {
    synchronise(folder)?;
    for (file, path) in files {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            make(parent)?;
        }
        fs::rename(&file.0, &path)?;
    }
    Ok(())
}

/// A pipe would be waited for, and a link leads elsewhere.
fn open(path: &Path) -> io::Result<Opened> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_file() => File::open(path).map(Opened::File),
        Ok(_) => Ok(Opened::NoFile),
        Err(error) if is_nothing(&error) => Ok(Opened::Nothing),
        Err(error) => Err(error),
    }
}

/// The next bytes of a file, and the file, if they may not be its last.
fn piece(mut file: File) -> io::Result<(Bytes, Option<File>)> {
    let mut piece = Vec::with_capacity(PIECE);
    (&mut file).take(PIECE as u64).read_to_end(&mut piece)?;
    let is_last = piece.len() < PIECE;
    Ok((piece.into(), (!is_last).then_some(file)))
}

fn no_file(name: &str) -> BackupError {
    BackupError::Damaged(format!("{name} is no file"))
}

type Refusal = fn(String) -> BackupError;

/// Makes the folder where it is missing, and takes its lock.
fn take(path: &Path) -> io::Result<Result<File, Refusal>> {
    make(path)?;
    let entries = path.read_dir()?.map(|entry| Ok(entry?.file_name()));
    let names: Vec<_> = entries.collect::<io::Result<_>>()?;
    if !are_ours(names.iter().map(|name| name.to_str().unwrap_or_default())) {
        return Ok(Err(BackupError::NotOurs));
    }
    let lock = private::file(&path.join(LOCK))?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(fs::TryLockError::WouldBlock) => return Ok(Err(BackupError::Busy)),
        Err(fs::TryLockError::Error(error)) => return Err(error),
    }
    let begun = path.join(BEGUN);
    make(&begun)?;
    for file in begun.read_dir()? {
        let file = file?;
        if is_begun(&file.file_name()) && file.file_type()?.is_file() {
            fs::remove_file(file.path())?;
        }
    }
    Ok(Ok(lock))
}

/// Whether a file is called as [`Folder::spool`] calls them.
fn is_begun(name: &OsStr) -> bool {
    name.to_str()
        .is_some_and(|name| name.parse::<u64>().is_ok())
}

fn make(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Everything that is written by now survives a power cut.
fn synchronise(folder: &Path) -> io::Result<()> {
    let folder = OpenOptions::new().read(true).open(folder)?;
    #[cfg(target_os = "linux")]
    rustix::fs::syncfs(&folder)?;
    #[cfg(not(target_os = "linux"))]
    rustix::fs::sync();
    folder.sync_all()
}

/// Removes the backup's files that are not among these, and the folders that become empty. `true`: this one is.
fn prune(root: &Path, folder: &str, names: &Names) -> io::Result<bool> {
    let entries = match root.join(folder).read_dir() {
        Ok(entries) => entries,
        Err(error) if is_nothing(&error) => return Ok(false),
        Err(error) => return Err(error),
    };
    let mut is_empty = true;
    for entry in entries {
        let entry = entry?;
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        let is_gone = if entry.file_type()?.is_dir() {
            prune(root, &path, names)?
        } else if names.has(&path) || !is_of_backup(&path) {
            false
        } else {
            fs::remove_file(root.join(&path))?;
            true
        };
        is_empty &= is_gone;
    }
    if is_empty {
        fs::remove_dir(root.join(folder))?;
    }
    Ok(is_empty)
}

fn is_nothing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

async fn blocking<T: Send + 'static>(
    file: String,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, BackupError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(io::Error::other(error)))
        .map_err(BackupError::file(file))
}
