//! A backup in a folder: files 0600, folders 0700.
//!
//! A file gets its name once its bytes are on the disk, so that whatever has a name is whole. Synchronising each would take most of the time:
//! the whole file system is synchronised, for many files at once.

use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures::StreamExt;
use tokio::sync::Mutex;
use tokio_util::io::ReaderStream;

use super::{OURS, PRUNED};
use crate::backup::BackupError;
use crate::backup::archive::{Names, Pieces};
use crate::backup::spool::{Spool, Spooled, Temporary};
use crate::private;

/// Files without a name yet.
const BEGUN: &str = "tmp";
const LOCK: &str = "lock";
/// How many files wait to be synchronised, and how many bytes.
const MOST_FILES: usize = 256;
const MOST_BYTES: u64 = 64 * 1024 * 1024;
const PIECE: usize = 256 * 1024;

/// See the module.
pub struct Folder {
    path: Arc<Path>,
    next: AtomicU64,
    waiting: Mutex<Waiting>,
    lock: Mutex<Option<File>>,
}

#[derive(Default)]
struct Waiting {
    files: Vec<(Temporary, String)>,
    bytes: u64,
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

    pub async fn begin(&self) -> Result<(), BackupError> {
        let path = self.path.clone();
        let file = blocking(self.to_string(), move || take(&path)).await?;
        let file = file.map_err(|refusal| refusal(self.to_string()))?;
        *self.lock.lock().await = Some(file);
        Ok(())
    }

    pub async fn spool(&self) -> Result<Spool, BackupError> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let place = self.path.join(BEGUN).join(number.to_string());
        let mut options = tokio::fs::OpenOptions::new();
        let made = options.write(true).create_new(true).mode(0o600);
        let file = made.open(&place).await;
        let file = file.map_err(BackupError::file(self.to_string()))?;
        Ok(Spool::new(file, Some(Temporary(place))))
    }

    pub async fn keep(&self, path: &str, file: Spooled) -> Result<(), BackupError> {
        let mut waiting = self.waiting.lock().await;
        waiting.bytes += file.bytes;
        let named = file.place.map(|place| (place, path.to_owned()));
        waiting.files.extend(named);
        if waiting.files.len() < MOST_FILES && waiting.bytes < MOST_BYTES {
            return Ok(());
        }
        self.name(std::mem::take(&mut *waiting)).await
    }

    pub async fn settle(&self) -> Result<(), BackupError> {
        let waiting = std::mem::take(&mut *self.waiting.lock().await);
        self.name(waiting).await?;
        let path = self.path.clone();
        blocking(self.to_string(), move || synchronise(&path)).await
    }

    async fn name(&self, waiting: Waiting) -> Result<(), BackupError> {
        let folder = self.path.clone();
        let name = move || {
            synchronise(&folder)?;
            for (file, path) in waiting.files {
                let path = folder.join(path);
                if let Some(parent) = path.parent() {
                    make(parent)?;
                }
                fs::rename(&file.0, &path)?;
            }
            Ok(())
        };
        blocking(self.to_string(), name).await
    }

    pub async fn sizes(&self, paths: &[String]) -> Result<Vec<Option<u64>>, BackupError> {
        let paths: Vec<_> = paths.iter().map(|path| self.path.join(path)).collect();
        let size = |path| match fs::metadata(path) {
            Ok(file) => Ok(Some(file.len())),
            Err(error) if is_nothing(&error) => Ok(None),
            Err(error) => Err(error),
        };
        blocking(self.to_string(), move || {
            paths.into_iter().map(size).collect()
        })
        .await
    }

    pub async fn read(&self, path: &str) -> Result<Option<Pieces>, BackupError> {
        let path = self.path.join(path);
        let name = path.display().to_string();
        // A pipe would be waited for, and a link leads elsewhere.
        let kind = tokio::fs::symlink_metadata(&path).await;
        if kind.is_ok_and(|kind| !kind.is_file()) {
            return Err(BackupError::Damaged(format!("{name} is no file")));
        }
        match tokio::fs::File::open(&path).await {
            Ok(file) => {
                let pieces = ReaderStream::with_capacity(file, PIECE);
                let pieces =
                    pieces.map(move |piece| piece.map_err(BackupError::file(name.clone())));
                Ok(Some(pieces.boxed()))
            }
            Err(error) if is_nothing(&error) => Ok(None),
            Err(error) => Err(BackupError::file(name)(error)),
        }
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

type Refusal = fn(String) -> BackupError;

/// Makes the folder where it is missing, and takes its lock.
fn take(path: &Path) -> io::Result<Result<File, Refusal>> {
    make(path)?;
    for entry in path.read_dir()? {
        let name = entry?.file_name();
        if !name.to_str().is_some_and(|name| OURS.contains(&name)) {
            return Ok(Err(BackupError::NotOurs));
        }
    }
    let lock = private::file(&path.join(LOCK))?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(fs::TryLockError::WouldBlock) => return Ok(Err(BackupError::Busy)),
        Err(fs::TryLockError::Error(error)) => return Err(error),
    }
    let begun = path.join(BEGUN);
    if begun.exists() {
        fs::remove_dir_all(&begun)?;
    }
    make(&begun)?;
    Ok(Ok(lock))
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

/// Removes the files that are not among these, and the folders that become empty. `true`: this one is.
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
        } else if names.has(&path) {
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
