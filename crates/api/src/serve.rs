//! From settings to listening sockets, and down again without losing a request.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tintype_storage::embedded::{self, EmbeddedConfig};
use tintype_storage::{Store, StoreConfig};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::accounts::{Passwords, Tokens};
use crate::app::{App, Parts};
use crate::clock::Clock;
use crate::config::Config;
use crate::layers::Hosts;
use crate::secret::Secret;
use crate::uploads::Workshop;
use crate::urls::Urls;
use crate::{db, router, worker};

const HEADER_TIME: Duration = Duration::from_secs(10);
const DRAIN_TIME: Duration = Duration::from_secs(10);

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data folder can't be made or written.
    #[error("the data folder {path} can't be used")]
    DataFolder {
        /// Which folder.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// Another process works on the data folder.
    #[error("another Tintype is running on {0}: stop it first, or set TINTYPE_DATA_DIR to another folder")]
    InUse(String),
    /// The address is taken or not ours.
    #[error("can't listen on {addr}: is another server running there? Set {variable} to another address")]
    Listen {
        /// Which address.
        addr: SocketAddr,
        /// What sets it.
        variable: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// The database can't be opened.
    #[error("the database can't be opened")]
    Database(#[from] sea_orm::DbErr),
    /// A public address can't be made.
    #[error("a public address can't be made")]
    Url(#[from] url::ParseError),
    /// The API's description can't be written.
    #[error("the API's description can't be written")]
    Document(#[from] serde_json::Error),
}

/// A server that answers.
pub struct Running {
    /// What its handlers work with.
    pub app: App,
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
    /// Held as long as the process works on the data folder.
    _lock: Option<std::fs::File>,
}

impl Running {
    /// Lets open requests end, for a bounded time, and stops.
    pub async fn stop(self) {
        self.stop.cancel();
        for task in self.tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "a task ended badly");
            }
        }
    }
}

/// Opens everything and listens.
///
/// # Errors
/// See [`StartError`].
pub async fn start(config: Config, clock: Clock) -> Result<Running, StartError> {
    let embedded = config.storage.endpoint.is_none();
    let lock = prepare_folder(&config, embedded)?;
    let app_listener = listen(config.server.app_addr, "TINTYPE_SERVER__APP_ADDR").await?;
    let media_listener = listen(config.server.media_addr, "TINTYPE_SERVER__MEDIA_ADDR").await?;
    let app_url = public_url(config.server.app_url.as_ref(), &app_listener)?;
    let media_url = public_url(config.server.media_url.as_ref(), &media_listener)?;
    let own_media = public_url(None, &media_listener)?;

    let store_config = store_config(&config, &own_media, &media_url)?;
    let urls = Urls::new(&app_url, &media_url, &store_config.public_endpoint);
    let store_routes = if embedded { Some(embedded_routes(&config, &store_config, &urls).await?) } else { None };
    let secret = jwt_secret(&config)?;
    let app = App::new(Parts {
        db: db::open(&database_url(&config)).await?,
        store: Store::new(store_config),
        clock,
        tokens: Tokens::new(urls.app(), &secret),
        passwords: Passwords::new(config.auth.bcrypt_cost),
        workshop: Workshop::new(config.imaging_limits()),
        urls,
        config,
    });

    let stop = CancellationToken::new();
    let app_routes = router::app_origin(app.clone(), Hosts::new(app_url, Vec::new()))?;
    let media_routes = router::media_origin(app.clone(), Hosts::new(media_url, vec![own_media]), store_routes);
    let tasks = vec![
        tokio::spawn(serve(app_listener, app_routes, stop.clone())),
        tokio::spawn(serve(media_listener, media_routes, stop.clone())),
        tokio::spawn(worker::run(app.clone(), stop.clone())),
    ];
    Ok(Running { app, stop, tasks, _lock: lock })
}

/// Makes the data folder when something is to be kept there, and takes its lock.
fn prepare_folder(config: &Config, embedded: bool) -> Result<Option<std::fs::File>, StartError> {
    if !embedded && config.database.url.is_some() && config.auth.jwt_secret.is_some() {
        return Ok(None);
    }
    let path = config.data_dir.display().to_string();
    let failed = |source| StartError::DataFolder { path: path.clone(), source };
    std::fs::create_dir_all(&config.data_dir).map_err(failed)?;
    let file = std::fs::File::create(config.data_dir.join("lock")).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(std::fs::TryLockError::WouldBlock) => Err(StartError::InUse(path)),
        Err(std::fs::TryLockError::Error(e)) => Err(failed(e)),
    }
}

async fn listen(addr: SocketAddr, variable: &'static str) -> Result<TcpListener, StartError> {
    TcpListener::bind(addr).await.map_err(|source| StartError::Listen { addr, variable, source })
}

fn public_url(configured: Option<&Url>, listener: &TcpListener) -> Result<Url, StartError> {
    match (configured, listener.local_addr()) {
        (Some(url), _) => Ok(url.clone()),
        (None, Ok(addr)) => Ok(Url::parse(&format!("http://{addr}"))?),
        (None, Err(_)) => Err(StartError::Url(url::ParseError::EmptyHost)),
    }
}

fn database_url(config: &Config) -> String {
    match &config.database.url {
        Some(url) => url.expose().to_owned(),
        None => format!("sqlite://{}?mode=rwc", config.data_dir.join("tintype.db").display()),
    }
}

fn kept_secret(config: &Config, name: &str) -> Result<Secret, StartError> {
    let path = config.data_dir.join(name);
    Secret::kept_in(&path).map_err(|source| StartError::DataFolder { path: path.display().to_string(), source })
}

fn jwt_secret(config: &Config) -> Result<Secret, StartError> {
    match &config.auth.jwt_secret {
        Some(secret) => Ok(secret.clone()),
        None => kept_secret(config, "jwt-secret"),
    }
}

/// The embedded endpoint is reached where it listens, and presigned for where clients reach it.
fn store_config(config: &Config, own_media: &Url, media_url: &Url) -> Result<StoreConfig, StartError> {
    let storage = &config.storage;
    let secret = match &storage.secret_access_key {
        Some(secret) => secret.clone(),
        None => kept_secret(config, "storage-secret")?,
    };
    let (endpoint, public_endpoint) = match &storage.endpoint {
        Some(endpoint) => (endpoint.clone(), storage.public_endpoint.as_ref().unwrap_or(endpoint).clone()),
        None => (own_media.clone(), media_url.clone()),
    };
    Ok(StoreConfig {
        endpoint,
        public_endpoint,
        region: storage.region.clone(),
        bucket: storage.bucket.clone(),
        access_key_id: storage.access_key_id.clone().unwrap_or_else(|| "tintype".into()),
        secret_access_key: secret.expose().into(),
    })
}

async fn embedded_routes(config: &Config, store: &StoreConfig, urls: &Urls) -> Result<Router, StartError> {
    let folder = config.data_dir.join("objects");
    embedded::router(EmbeddedConfig {
        folder: folder.clone(),
        bucket: store.bucket.clone(),
        region: store.region.clone(),
        access_key_id: store.access_key_id.clone(),
        secret_access_key: store.secret_access_key.clone(),
        allowed_origin: urls.app(),
        max_object_bytes: config.limits.max_bytes,
    })
    .await
    .map_err(|source| StartError::DataFolder { path: folder.display().to_string(), source })
}

/// Whether the page has been built into this folder.
#[must_use]
pub fn has_page(folder: &Path) -> bool {
    folder.join("index.html").is_file()
}

/// Answers connections until it is told to stop, then lets the open ones end. (`axum::serve` has no time limit for headers.)
async fn serve(listener: TcpListener, routes: Router, stop: CancellationToken) {
    let graceful = GracefulShutdown::new();
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADER_TIME);
    builder.http2().timer(TokioTimer::new());
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    // Out of file descriptors, most likely: give the others time to end.
                    tracing::warn!(%error, "a connection was not accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
            () = stop.cancelled() => break,
        };
        let service = TowerToHyperService::new(tower::service_fn({
            let routes = routes.clone();
            move |request: hyper::Request<hyper::body::Incoming>| {
                let answer = tower::ServiceExt::oneshot(routes.clone(), request.map(axum::body::Body::new));
                async move {
                    Ok::<_, Infallible>(match answer.await {
                        Ok(response) => response,
                        Err(never) => match never {},
                    })
                }
            }
        }));
        let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service).into_owned();
        let watched = graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = watched.await {
                tracing::debug!(%error, "a connection ended early");
            }
        });
    }
    drop(listener);
    if tokio::time::timeout(DRAIN_TIME, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests were cut off after {} s", DRAIN_TIME.as_secs());
    }
}
