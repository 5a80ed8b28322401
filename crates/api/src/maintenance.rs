//! Audits and sweeps of the installation that the settings describe, for the command line.

use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{DatabaseConnection, DbErr};
use tintype_core::Services;
use tintype_core::audit::{self, Fault};
use tintype_core::clock::Clock;
use tintype_core::db::{self, installation};
use tintype_core::half_done::HalfDone;
use tintype_core::inventory::InventoryError;
use tintype_core::keys;
use tintype_core::metrics::Metrics;
use tintype_core::objects::Objects;
use tintype_core::secret::Secret;
use tintype_core::sweep::{self, Place, Restored, SweepError};
use tintype_storage::{Store, StoreError, embedded};
use uuid::Uuid;

use crate::config::Config;
use crate::startup::{self, FolderLock, StartError};
use crate::{doctor, serve};

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum MaintenanceError {
    /// The settings name no store, or one whose folder can't be read.
    #[error("{0}")]
    NoStore(String),
    /// The database's tables are not of this version.
    #[error(
        "the database's schema is not up to date: run `tintype migrate up`, or start `tintype serve`, which does it"
    )]
    Schema,
    /// The database can't be opened.
    #[error("the database can't be opened: `tintype doctor` says what is wrong")]
    Database(#[from] DbErr),
    /// Another command has the embedded store.
    #[error(
        "another `tintype` command is at work on {0}, or a server that does not answer: wait for it and run this again"
    )]
    Busy(String),
    /// The store does not answer.
    #[error("the storage can't be used: `tintype doctor` says what is wrong")]
    Store(#[from] StoreError),
    /// The audit failed.
    #[error(transparent)]
    Audit(#[from] InventoryError),
    /// The sweep failed.
    #[error(transparent)]
    Sweep(#[from] SweepError),
    /// The store of this process can't be opened.
    #[error(transparent)]
    Start(#[from] StartError),
}

/// Audits the installation. It changes nothing, and opens the database read-only.
///
/// # Errors
/// See [`MaintenanceError`].
pub async fn audit_installation(
    config: &Config,
    options: audit::Options,
) -> Result<audit::Report, MaintenanceError> {
    let store = doctor::store_of(config).map_err(MaintenanceError::NoStore)?;
    let store = Objects::new(Store::new(store), Arc::new(Metrics::new()));
    must_be_whole(&store).await?;
    let db = db::connect_to_read(&config.database_url()).await?;
    check_schema(&db).await?;
    let mut report = audit::audit(&db, &store, &Clock::default(), options).await?;
    db.close().await?;
    if config.has_embedded_store() {
        stale_files(&config.objects_dir(), &mut report)?;
    }
    Ok(report)
}

/// No PUT pauses this long: these files are left over.
fn stale_files(folder: &Path, report: &mut audit::Report) -> Result<(), MaintenanceError> {
    let unreadable =
        |error| MaintenanceError::NoStore(format!("{} can't be read: {error}", folder.display()));
    for file in embedded::unfinished(folder).map_err(unreadable)? {
        let modified = DateTime::<Utc>::from(file.modified);
        if Utc::now() - modified > TimeDelta::hours(1) {
            report.add(Fault::StaleFile {
                path: file.path,
                modified,
            });
        }
    }
    Ok(())
}

/// Sweeps the installation.
///
/// # Errors
/// See [`MaintenanceError`].
pub async fn sweep_installation(
    config: &Config,
    options: sweep::Options,
) -> Result<sweep::Report, MaintenanceError> {
    let opened = Opened::new(config).await?;
    let report = sweep::sweep(&opened.place(config), options).await?;
    opened.db.close().await?;
    Ok(report)
}

/// Restores objects from quarantine whose key begins with `prefix`.
///
/// # Errors
/// See [`MaintenanceError`].
pub async fn restore_installation(
    config: &Config,
    prefix: &str,
) -> Result<Restored, MaintenanceError> {
    let opened = Opened::new(config).await?;
    let restored = sweep::restore(&opened.place(config), prefix).await?;
    opened.db.close().await?;
    Ok(restored)
}

/// Writes this installation's name into the bucket, over any other. Returns the names before and now.
///
/// # Errors
/// See [`MaintenanceError`].
pub async fn claim_installation(
    config: &Config,
) -> Result<(Option<String>, Uuid), MaintenanceError> {
    let opened = Opened::new(config).await?;
    let claimed = sweep::claim(&opened.place(config)).await?;
    opened.db.close().await?;
    Ok(claimed)
}

/// What a sweep needs, opened for one command.
struct Opened {
    db: DatabaseConnection,
    store: Objects,
    clock: Clock,
    metrics: Arc<Metrics>,
    _lock: Option<FolderLock>,
}

impl Opened {
    async fn new(config: &Config) -> Result<Self, MaintenanceError> {
        let (store, lock) = store_of_running(config).await?;
        must_be_whole(&store).await?;
        let db = db::connect_beside(&config.database_url()).await?;
        check_schema(&db).await?;
        installation::make(&db).await?;
        Ok(Self {
            db,
            store,
            clock: Clock::default(),
            metrics: Arc::new(Metrics::new()),
            _lock: lock,
        })
    }

    fn place<'a>(&'a self, config: &'a Config) -> Place<'a> {
        Place {
            db: &self.db,
            store: &self.store,
            clock: &self.clock,
            metrics: &self.metrics,
            rules: &config.sweep,
        }
    }
}

/// The database and the store of an installation, whether it runs or not. Where the store is the embedded one, it is in the process that runs, or in
/// this one if none does, for as long as the lock is held.
pub(crate) async fn open_beside(
    config: &Config,
) -> Result<(DatabaseConnection, Objects, Option<FolderLock>), MaintenanceError> {
    let (store, lock) = store_of_running(config).await?;
    startup::refuse_half_done(&store).await?;
    let db = db::connect_beside(&config.database_url()).await?;
    check_schema(&db).await?;
    Ok((db, store, lock))
}

/// Whether the database has what the bucket has: whoever removes what it does not name has to know.
pub(crate) async fn must_be_whole(store: &Objects) -> Result<(), MaintenanceError> {
    match Box::pin(HalfDone::find(store)).await? {
        None => Ok(()),
        Some(what) => Err(StartError::HalfDone(what).into()),
    }
}

/// What the rules work with there.
pub(crate) async fn services_beside(
    config: &Config,
) -> Result<(Services, Option<FolderLock>), MaintenanceError> {
    let (db, store, lock) = open_beside(config).await?;
    // Nobody signs in here, so no address becomes known.
    let secret = Secret::from(String::new());
    let (clock, metrics) = (Clock::default(), Arc::new(Metrics::new()));
    let services = startup::services(config, (db, store.into()), clock, &secret, metrics);
    Ok((services, lock))
}

/// The store of an installation, whether it runs or not.
pub(crate) async fn store_of_running(
    config: &Config,
) -> Result<(Objects, Option<FolderLock>), MaintenanceError> {
    let elsewhere = doctor::store_of(config).map_err(MaintenanceError::NoStore)?;
    let (store, lock) = if config.has_embedded_store() {
        match startup::lock_folder(config) {
            Ok(lock) => (store_within(config).await?, lock),
            Err(StartError::InUse(folder)) => {
                let store = Store::new(elsewhere);
                // A server serves its objects, a command does not.
                if let Err(StoreError::Unavailable(_)) = store.head(keys::MARKER).await {
                    return Err(MaintenanceError::Busy(folder));
                }
                (store, None)
            }
            Err(error) => return Err(error.into()),
        }
    } else {
        (Store::new(elsewhere), None)
    };
    Ok((Objects::new(store, Arc::new(Metrics::new())), lock))
}

/// The store of an installation that may not run meanwhile.
pub(crate) async fn store_of_stopped(
    config: &Config,
) -> Result<(Objects, Option<FolderLock>), MaintenanceError> {
    let is_here = config.has_embedded_store() || !config.has_postgres();
    let lock = if is_here {
        startup::lock_folder(config)?
    } else {
        None
    };
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
    Ok((Objects::new(store, Arc::new(Metrics::new())), lock))
}

/// The embedded store in this process.
async fn store_within(config: &Config) -> Result<Store, StartError> {
    let addresses = doctor::addresses(config)?;
    let routes = serve::store_routes(config, &addresses.app).await?;
    let secret = startup::storage_secret(config)?;
    Ok(Store::within(config.store(&addresses, &secret), routes))
}

async fn check_schema(db: &DatabaseConnection) -> Result<(), MaintenanceError> {
    if db::schema::pending(db).await?.is_empty() {
        Ok(())
    } else {
        Err(MaintenanceError::Schema)
    }
}
