//! Imports into an account, for the command line: folders of pictures, and what an account of another installation has taken away. Every picture goes the
//! way that every upload takes.

mod albums;
mod archive;
mod folder;
mod report;
mod target;
mod walk;

use std::io;
use std::path::{Path, PathBuf};

use sea_orm::DbErr;

use self::target::Target;
use crate::config::Config;
use crate::maintenance::MaintenanceError;
use crate::problems::ApiError;

pub use self::archive::PackError;
pub use self::report::{Refusal, Report};

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
    let target = Target::open(config, username).await?;
    let ended = if source.is_dir() {
        Box::pin(folder::import(&target, source, progress, report)).await
    } else {
        let paths = (source, &*config.spool_dir());
        Box::pin(archive::import(&target, paths, progress, report)).await
    };
    target.close().await?;
    ended
}
