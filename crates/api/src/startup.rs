//! From settings to the parts of a process: its folder, its secrets, its database, its store.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use rustix::process::{Resource, getrlimit, setrlimit};
use sea_orm::{DatabaseConnection, EntityTrait};
use tintype_storage::Store;

use tintype_core::Services;
use tintype_core::known_addresses::KnownAddresses;
use tintype_core::passwords::Passwords;
use tintype_core::pipeline::ImagePipeline;
use tintype_core::shutdown::Shutdown;

use crate::app::{App, Parts};
use crate::config::{Addresses, Config};
use crate::delivery::ArchivePlaces;
use crate::request_limits::RequestLimits;
use crate::signed_links::{DeleteLinks, SignedLinks};
use crate::tokens::Tokens;
use crate::uploads::WholePlaces;
use crate::urls::Urls;
use tintype_core::clock::Clock;
use tintype_core::db::{self, OpenError, installation, user};
use tintype_core::half_done::HalfDone;
use tintype_core::metrics::{Metrics, Pool};
use tintype_core::objects::Objects;
use tintype_core::private;
use tintype_core::secret::Secret;
use tintype_core::sweep;
use uuid::Uuid;

/// Why the process did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data folder can't be made or written.
    #[error(
        "the data folder {path} can't be used: make it writable, or set TINTYPE_DATA_DIR to another folder"
    )]
    DataFolder {
        /// Which folder.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// Another process works on the data folder.
    #[error(
        "another Tintype is running on {0}: stop it first, or set TINTYPE_DATA_DIR to another folder"
    )]
    InUse(String),
    /// The address is taken or not ours.
    #[error(
        "can't listen on {addr}: is another server running there? Set {variable} to another address"
    )]
    Listen {
        /// Which address.
        addr: SocketAddr,
        /// What sets it.
        variable: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// The bucket, or the database, has a part of what it should.
    #[error("`tintype {0}` was broken off here: run it again, which goes on and ends it")]
    HalfDone(HalfDone),
    /// The database was lost, or another one is meant.
    #[error(
        "the database has no accounts, and the bucket belongs to the installation {0}: correct DATABASE_URL or TINTYPE_DATA_DIR. If the database is lost, \
         bring it back (`tintype restore`, into an empty bucket) or make it again from this bucket (`tintype rebuild`). Only if a new installation is to \
         have the bucket: `tintype sweep claim`"
    )]
    DatabaseLost(Uuid),
    /// A socket has no address.
    #[error("a listener does not say where it listens")]
    Unbound(#[source] std::io::Error),
    /// The database can't be opened.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// A public address can't be made.
    #[error("a public address can't be made")]
    Url(#[from] url::ParseError),
    /// The API's description can't be written.
    #[error("the API's description can't be written")]
    Document(#[from] serde_json::Error),
}

/// How long the store is waited for before the start.
const QUESTION: Duration = Duration::from_secs(5);

/// Held while the process uses the data folder.
pub struct FolderLock(#[expect(dead_code, reason = "dropping it unlocks")] std::fs::File);

/// Opens the database and assembles the app. `store` are the routes of a store in this process.
///
/// # Errors
/// See [`StartError`].
pub async fn open(
    config: Config,
    clock: Clock,
    addresses: &Addresses,
    metrics: Arc<Metrics>,
    store: Option<Router>,
) -> Result<App, StartError> {
    let store_config = config.store(addresses, &storage_secret(&config)?);
    let urls = Urls::new(
        &addresses.app,
        &addresses.media,
        &store_config.public_endpoint,
    );
    let secret = jwt_secret(&config)?;
    let store = match store {
        Some(routes) => Store::within(store_config, routes),
        None => Store::new(store_config),
    };
    let store = Arc::new(Objects::new(store, metrics.clone()));
    refuse_half_done(&store).await?;
    let db = db::open(&config.database_url(), config.database.max_connections).await?;
    must_be_the_database_of(&store, &db).await?;
    let services = services(&config, (db, store), clock, &secret, metrics);
    let request_limits = RequestLimits::new(&config.rates);
    let links = SignedLinks::new(&secret);
    let delete_links = DeleteLinks::new(&secret);
    let tokens = Tokens::new(urls.app().to_owned(), &secret);
    Ok(App::new(Parts {
        services,
        config,
        urls,
        links,
        delete_links,
        whole_places: WholePlaces::default(),
        archive_places: ArchivePlaces::default(),
        request_limits,
        tokens,
    }))
}

/// Whether a restore or a rebuild has not come to its end. A store that does not answer keeps no process from starting.
pub(crate) async fn refuse_half_done(store: &Objects) -> Result<(), StartError> {
    match tokio::time::timeout(QUESTION, Box::pin(HalfDone::find(store))).await {
        Ok(Ok(Some(what))) => Err(StartError::HalfDone(what)),
        _ => Ok(()),
    }
}

/// Whether a database without accounts stands beside the bucket of another installation: whoever went on with it would lose sight of that one's
/// pictures. A store that does not answer keeps no process from starting.
pub(crate) async fn must_be_the_database_of(
    store: &Objects,
    db: &DatabaseConnection,
) -> Result<(), StartError> {
    let failed = OpenError::Unreachable;
    if user::Entity::find()
        .one(db)
        .await
        .map_err(failed)?
        .is_some()
    {
        return Ok(());
    }
    let own = installation::id(db).await.map_err(failed)?;
    match tokio::time::timeout(QUESTION, Box::pin(sweep::owner(store))).await {
        Ok(Ok(Some(owner))) if Some(owner) != own => Err(StartError::DatabaseLost(owner)),
        _ => Ok(()),
    }
}

/// What the rules work with, over this database and this store. `secret` tells known addresses of accounts from others.
pub fn services(
    config: &Config,
    (db, store): (DatabaseConnection, Arc<Objects>),
    clock: Clock,
    secret: &Secret,
    metrics: Arc<Metrics>,
) -> Services {
    Services {
        db,
        store,
        clock,
        settings: Arc::new(config.settings()),
        known_addresses: Arc::new(KnownAddresses::new(secret)),
        recent: Arc::default(),
        passwords: Arc::new(Passwords::new(
            config.auth.bcrypt_cost,
            metrics.pool_duration(Pool::Passwords),
        )),
        pipeline: Arc::new(ImagePipeline::new(
            config.imaging_limits(),
            metrics.pool_duration(Pool::Pictures),
            metrics.decoder_panics.clone(),
        )),
        metrics,
        shutdown: Shutdown::default(),
    }
}

/// The files that a process opens besides its connections: the database, the page, files being checked.
const OTHER_FILES: u64 = 256;

/// Raises the limit on open files to its maximum: the default suits programs that can't count beyond 1,024, and a server without free files
/// answers nobody.
pub fn raise_file_limit(config: &Config) {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // If it can't be raised it stays as it is, and the check below reports it.
    let _ = setrlimit(Resource::Nofile, limit);
    // Two listeners, and one file for each picture being sent.
    let needed = config.server.max_connections as u64 * 3 + OTHER_FILES;
    if let Some(files) = getrlimit(Resource::Nofile).current
        && files < needed
    {
        tracing::warn!(
            files,
            needed,
            "too few files may be open for TINTYPE_SERVER__MAX_CONNECTIONS: raise the limit (`ulimit -n`)"
        );
    }
}

/// Creates the data folder if anything is stored there, and takes its lock.
///
/// # Errors
/// The folder can't be used, or another process has it.
pub fn lock_folder(config: &Config) -> Result<Option<FolderLock>, StartError> {
    if !config.uses_folder() {
        return Ok(None);
    }
    lock(config, "lock").map(Some)
}

/// As [`lock_folder`], for the storage process.
pub fn lock_objects(config: &Config) -> Result<FolderLock, StartError> {
    lock(config, "objects.lock")
}

fn lock(config: &Config, name: &str) -> Result<FolderLock, StartError> {
    let path = config.data_dir.display().to_string();
    let failed = |source| StartError::DataFolder {
        path: path.clone(),
        source,
    };
    private::data_folder(&config.data_dir).map_err(failed)?;
    let file = private::file(&config.data_dir.join(name)).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(FolderLock(file)),
        Err(std::fs::TryLockError::WouldBlock) => Err(StartError::InUse(path)),
        Err(std::fs::TryLockError::Error(e)) => Err(failed(e)),
    }
}

fn kept_secret(config: &Config, name: &str) -> Result<Secret, StartError> {
    let path = config.data_dir.join(name);
    Secret::kept_in(&path).map_err(|source| StartError::DataFolder {
        path: path.display().to_string(),
        source,
    })
}

fn jwt_secret(config: &Config) -> Result<Secret, StartError> {
    match &config.auth.jwt_secret {
        Some(secret) => Ok(secret.clone()),
        None => kept_secret(config, "jwt-secret"),
    }
}

/// The secret of the store's access key, created if it is missing.
///
/// # Errors
/// It can't be read or created.
pub fn storage_secret(config: &Config) -> Result<Secret, StartError> {
    match &config.storage.secret_access_key {
        Some(secret) => Ok(secret.clone()),
        None => kept_secret(config, "storage-secret"),
    }
}
