//! Imports into an account, for the command line: folders of pictures, and what an account of another installation has taken away. Every picture goes the
//! way that every upload takes.

mod albums;
mod archive;
mod folder;
mod report;
mod target;
mod walk;

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use sea_orm::DbErr;
use tintype_core::private;

use self::target::Target;
use crate::config::Config;
use crate::maintenance::MaintenanceError;
use crate::problems::ApiError;

pub use self::archive::PackError;
pub use self::report::{Refusal, Report};

/// In the data folder, while an import runs.
const LOCK: &str = "import.lock";

/// Why an import ended before its end. Run again, it goes on.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The installation can't be opened.
    #[error(transparent)]
    Installation(#[from] MaintenanceError),
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] DbErr),
    /// There is no such account.
    #[error("there is no account {0}: `tintype user add` opens one")]
    NoAccount(String),
    /// Nobody may sign in to the account.
    #[error("the account {0} is disabled: `tintype user enable` lets it be used again")]
    Disabled(String),
    /// Another one runs.
    #[error("another import is running: wait for it, and run this one then")]
    Busy,
    /// There is nothing to import.
    #[error("{path} can't be read")]
    Unreadable {
        /// What was named.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Nothing of the archive can be trusted.
    #[error("nothing of {path} was imported")]
    Archive {
        /// What was named.
        path: PathBuf,
        /// Why, and what to do.
        source: PackError,
    },
    /// The installation can't take any more.
    #[error("the import stopped: mend this and run it again, which goes on from there")]
    Stopped(#[source] ApiError),
}

/// Who watches an import.
pub trait Progress: Sync {
    /// There are so many files to look at.
    fn begin(&self, files: u64);
    /// One of them has ended.
    fn advance(&self);
}

/// Two at once would take the same picture twice. `None`: this machine has nothing of the installation but its settings.
fn turn(config: &Config) -> Result<Option<File>, ImportError> {
    let folder = &config.data_dir;
    if !folder.is_dir() {
        return Ok(None);
    }
    let failed = |source| ImportError::Unreadable {
        path: folder.join(LOCK),
        source,
    };
    let lock = private::file(&folder.join(LOCK)).map_err(failed)?;
    match lock.try_lock() {
        Ok(()) => Ok(Some(lock)),
        Err(TryLockError::WouldBlock) => Err(ImportError::Busy),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

/// Imports into this account, whether the installation runs or not. What has become of each file until the end, or until the error, is in the report.
///
/// # Errors
/// See [`ImportError`].
pub async fn import(
    config: &Config,
    username: &str,
    source: &Path,
    progress: &dyn Progress,
    report: &mut Report,
) -> Result<(), ImportError> {
    let _turn = turn(config)?;
    let target = Target::open(config, username).await?;
    let unreadable = |why: io::Error| ImportError::Unreadable {
        path: source.to_owned(),
        source: why,
    };
    let ended = match source.metadata() {
        Ok(kind) if kind.is_dir() => {
            Box::pin(folder::import(&target, source, progress, report)).await
        }
        Ok(kind) if kind.is_file() => {
            let paths = (source, &*config.spool_dir());
            Box::pin(archive::import(&target, paths, progress, report)).await
        }
        // A pipe would be waited for.
        Ok(_) => Err(unreadable(io::ErrorKind::InvalidInput.into())),
        Err(why) => Err(unreadable(why)),
    };
    target.close().await?;
    ended
}
