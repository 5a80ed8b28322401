//! The database of the installation that the settings describe, made again from its bucket.

use std::io;

use chrono::TimeDelta;
use rand::RngExt;
use rand::distr::Alphanumeric;
use tintype_core::Failure;
use tintype_core::backup::Progress;
use tintype_core::clock::Clock;
use tintype_core::manifests::marks;
use tintype_core::passwords::Passwords;
use tintype_core::rebuild::{self, RebuildError, Report, Target};
use tintype_storage::embedded;

use crate::config::Config;
use crate::maintenance::{MaintenanceError, store_of_stopped};

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum RebuildingError {
    /// The store can't be opened.
    #[error(transparent)]
    Store(#[from] MaintenanceError),
    /// No password could be hashed.
    #[error(transparent)]
    Failure(#[from] Failure),
    /// It did not come to its end.
    #[error(transparent)]
    Rebuild(#[from] RebuildError),
}

/// Makes the database again from the bucket, while nothing else runs. With `hashes` every original is read and compared.
///
/// # Errors
/// See [`RebuildingError`].
pub async fn rebuild_installation(
    config: &Config,
    passwords: &Passwords,
    hashes: bool,
    progress: &dyn Progress,
) -> Result<Report, RebuildingError> {
    let (store, _lock) = store_of_stopped(config).await?;
    let nobodys: String = rand::rng()
        .sample_iter(Alphanumeric)
        .take(40)
        .map(char::from)
        .collect();
    let target = Target {
        database_url: &config.database_url(),
        store: &store,
        clock: &Clock::default(),
        hashes,
        keyless: keyless(config).await?,
        trash: TimeDelta::seconds(config.times.trash.into()),
        password_hash: &passwords.hash(&nobodys).await?,
    };
    Ok(rebuild::rebuild(target, progress).await?)
}

/// How many objects that may have been marks have lost their keys. The embedded store keeps a key behind the bytes, so that a file which was
/// cut has none; other stores have every key.
async fn keyless(config: &Config) -> Result<u64, MaintenanceError> {
    /// Of what the embedded store writes behind a mark, bytes.
    const RECORD: u64 = 1024;
    if !config.has_embedded_store() {
        return Ok(0);
    }
    let folder = config.objects_dir();
    let found =
        tokio::task::spawn_blocking(move || embedded::unreadable(&folder, marks::MOST + RECORD));
    found
        .await
        .map_err(io::Error::other)
        .flatten()
        .map_err(|error| MaintenanceError::NoStore(format!("its folder can't be read: {error}")))
}
