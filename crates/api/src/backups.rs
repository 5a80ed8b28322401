//! Backups of the installation that the settings describe, for the command line.

use std::path::Path;

use tintype_core::backup::{
    self, Archive, BackupError, Bucket, Damaged, Files, Folder, Progress, Restored, Shrunk, Source,
    Taken, Target, Verified,
};
use tintype_core::clock::Clock;
use tintype_core::secret::Secret;
use tintype_storage::{Store, StoreConfig};

use crate::config::{Backup, Config};
use crate::maintenance::{MaintenanceError, must_be_whole, open_beside, store_of_stopped};
use crate::startup;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum BackupsError {
    /// What is to be backed up, or restored into, can't be opened.
    #[error(transparent)]
    Installation(#[from] MaintenanceError),
    /// No bucket is named.
    #[error("name a bucket, and a prefix if others use it too: s3://bucket/prefix")]
    NoBucket,
    /// Nothing says how to reach it.
    #[error(
        "set TINTYPE_BACKUP__ENDPOINT, TINTYPE_BACKUP__ACCESS_KEY_ID and TINTYPE_BACKUP__SECRET_ACCESS_KEY to the store of the backup and a key that may \
         read, write, list and delete there"
    )]
    NoKeys,
    /// It would go with what it is a backup of.
    #[error(
        "{0} is in the data folder, which a backup would be lost together with, and might be a part of: name another place, on another disk"
    )]
    InDataFolder(String),
    /// The same of a bucket.
    #[error(
        "a backup in the bucket that it is a backup of is lost together with it: name another bucket"
    )]
    OwnBucket,
    /// It looks like an address.
    #[error("{0} is no folder that was meant: a bucket is named s3://bucket/prefix")]
    Address(String),
    /// It did not come to its end.
    #[error(transparent)]
    Backup(#[from] BackupError),
}

/// Where a backup is, as the command line names it: a folder, or `s3://bucket/prefix` of the store in the settings.
///
/// # Errors
/// The settings name no store for it, or the installation's own bucket.
pub fn files(config: &Config, place: &str) -> Result<Files, BackupsError> {
    let Some(address) = place.strip_prefix("s3://") else {
        if place
            .get(..3)
            .is_some_and(|start| start.eq_ignore_ascii_case("s3:"))
        {
            return Err(BackupsError::Address(place.to_owned()));
        }
        return Ok(Files::Folder(Folder::new(Path::new(place))));
    };
    let (bucket, prefix) = address.split_once('/').unwrap_or((address, ""));
    let own = (config.storage.endpoint.as_ref(), &*config.storage.bucket);
    let endpoint = config.backup.endpoint.as_ref();
    if bucket.is_empty() {
        return Err(BackupsError::NoBucket);
    }
    if endpoint.is_some() && own == (endpoint, bucket) {
        return Err(BackupsError::OwnBucket);
    }
    let Backup {
        endpoint: Some(endpoint),
        region,
        access_key_id: Some(access_key_id),
        secret_access_key: Some(secret_access_key),
    } = &config.backup
    else {
        return Err(BackupsError::NoKeys);
    };
    let store = Store::new(StoreConfig {
        endpoint: endpoint.clone(),
        public_endpoint: endpoint.clone(),
        region: region.clone(),
        bucket: bucket.to_owned(),
        access_key_id: access_key_id.clone(),
        secret_access_key: secret_access_key.expose().to_owned(),
    });
    let prefix = match prefix.trim_end_matches('/') {
        "" => String::new(),
        prefix => format!("{prefix}/"),
    };
    Ok(Files::Bucket(Bucket::new(store, prefix, place.to_owned())))
}

/// Whether a place, which may not be there yet, is in this folder.
fn is_in(place: &Path, folder: &Path) -> bool {
    let place = std::path::absolute(place).unwrap_or_else(|_| place.into());
    let real = place.ancestors().find_map(|path| path.canonicalize().ok());
    let folder = folder.canonicalize();
    matches!((real, folder), (Some(real), Ok(folder)) if real.starts_with(&folder))
}

/// Backs up the installation, whether it runs or not. With a passphrase the first backup in a place is encrypted, and so are those after it.
/// `shrunk`: what becomes of one of far fewer objects than the last one has.
///
/// # Errors
/// See [`BackupsError`].
pub async fn back_up_installation(
    config: &Config,
    files: Files,
    passphrase: Option<&Secret>,
    shrunk: Shrunk,
    progress: &dyn Progress,
) -> Result<Taken, BackupsError> {
    if let Files::Folder(folder) = &files
        && config.uses_folder()
        && is_in(folder.path(), &config.data_dir)
    {
        return Err(BackupsError::InDataFolder(folder.to_string()));
    }
    let (db, store, _lock) = open_beside(config).await?;
    must_be_whole(&store).await?;
    startup::must_be_the_database_of(&store, &db)
        .await
        .map_err(MaintenanceError::Start)?;
    let source = Source {
        db: &db,
        store: &store,
        clock: &Clock::default(),
        shrunk,
    };
    let archive = Archive::begin(files, passphrase).await?;
    let taken = backup::back_up(source, &archive, progress).await?;
    db.close().await.map_err(MaintenanceError::Database)?;
    Ok(taken)
}

/// Compares a backup with its manifest.
///
/// # Errors
/// See [`BackupsError`].
pub async fn verify_backup(
    files: Files,
    passphrase: Option<&Secret>,
    progress: &dyn Progress,
) -> Result<Verified, BackupsError> {
    let archive = Archive::open(files, passphrase).await?;
    Ok(backup::verify(&archive, progress).await?)
}

/// Restores a backup into the installation, which may not run meanwhile.
///
/// # Errors
/// See [`BackupsError`].
pub async fn restore_installation(
    config: &Config,
    files: Files,
    passphrase: Option<&Secret>,
    damaged: Damaged,
    progress: &dyn Progress,
) -> Result<Restored, BackupsError> {
    let archive = Archive::open(files, passphrase).await?;
    let (store, _lock) = store_of_stopped(config).await?;
    let target = Target {
        database_url: &config.database_url(),
        store: &store,
        clock: &Clock::default(),
    };
    Ok(backup::restore(target, &archive, damaged, progress).await?)
}
