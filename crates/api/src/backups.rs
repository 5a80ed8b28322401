//! Backups of the installation that the settings describe, for the command line.

use std::path::Path;
use std::sync::Arc;

use tintype_core::backup::{self, Archive, BackupError, Folder, Manifest, Progress, Source};
use tintype_core::backup::{Taken, Target, Verified};
use tintype_core::clock::Clock;
use tintype_core::db;
use tintype_core::metrics::Metrics;
use tintype_core::objects::Objects;
use tintype_storage::Store;

use crate::config::Config;
use crate::maintenance::{MaintenanceError, check_schema};
use crate::startup::{self, FolderLock, StartError};
use crate::{doctor, serve};

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum BackupsError {
    /// What is to be backed up can't be opened.
    #[error(transparent)]
    Installation(#[from] MaintenanceError),
    /// What is to be restored into can't be opened.
    #[error(transparent)]
    Start(#[from] StartError),
    /// It did not come to its end.
    #[error(transparent)]
    Backup(#[from] BackupError),
}

/// Where a backup is, as the command line names it.
#[must_use]
pub fn archive(place: &str) -> Archive {
    Archive::in_folder(Folder::new(Path::new(place)))
}

/// Backs up the installation into this archive, whether it runs or not.
///
/// # Errors
/// See [`BackupsError`].
pub async fn back_up_installation(
    config: &Config,
    archive: &Archive,
    progress: &dyn Progress,
) -> Result<Taken, BackupsError> {
    let (store, _lock) = store_of_running(config).await?;
    let db = db::connect_beside(&config.database_url())
        .await
        .map_err(MaintenanceError::Database)?;
    check_schema(&db).await?;
    let source = Source {
        db: &db,
        store: &store,
        clock: &Clock::default(),
    };
    let taken = backup::back_up(source, archive, progress).await?;
    db.close().await.map_err(MaintenanceError::Database)?;
    Ok(taken)
}

/// Compares a backup with its manifest.
///
/// # Errors
/// See [`BackupsError`].
pub async fn verify_backup(
    archive: &Archive,
    progress: &dyn Progress,
) -> Result<Verified, BackupsError> {
    Ok(backup::verify(archive, progress).await?)
}

/// Restores a backup into the installation, which may not run meanwhile.
///
/// # Errors
/// See [`BackupsError`].
pub async fn restore_installation(
    config: &Config,
    archive: &Archive,
    progress: &dyn Progress,
) -> Result<Manifest, BackupsError> {
    let _lock = startup::lock_folder(config)?;
    let store = if config.has_embedded_store() {
        // What was once taken is not refused for its size.
        let mut config = config.clone();
        config.limits.max_bytes = u64::MAX;
        store_within(&config).await?
    } else {
        doctor::store_of(config)
            .map(Store::new)
            .map_err(MaintenanceError::NoStore)?
    };
    let store = Objects::new(store, Arc::new(Metrics::new()));
    let target = Target {
        database_url: &config.database_url(),
        store: &store,
        clock: &Clock::default(),
    };
    Ok(backup::restore(target, archive, progress).await?)
}

/// The store of an installation: where it is the embedded one, in the process that runs, or in this one if none does.
async fn store_of_running(config: &Config) -> Result<(Objects, Option<FolderLock>), BackupsError> {
    let elsewhere = doctor::store_of(config).map_err(MaintenanceError::NoStore)?;
    let (store, lock) = if config.has_embedded_store() {
        match startup::lock_folder(config) {
            Ok(lock) => (store_within(config).await?, lock),
            Err(StartError::InUse(_)) => (Store::new(elsewhere), None),
            Err(error) => return Err(error.into()),
        }
    } else {
        (Store::new(elsewhere), None)
    };
    Ok((Objects::new(store, Arc::new(Metrics::new())), lock))
}

/// The embedded store in this process.
async fn store_within(config: &Config) -> Result<Store, StartError> {
    let addresses = doctor::addresses(config)?;
    let routes = serve::store_routes(config, &addresses.app).await?;
    let secret = startup::storage_secret(config)?;
    Ok(Store::within(config.store(&addresses, &secret), routes))
}
