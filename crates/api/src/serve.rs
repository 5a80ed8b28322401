//! The three kinds of process that stay: `serve`, `worker` and `storage`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use tintype_storage::embedded::{self, EmbeddedConfig, Pace};
use tokio::net::{TcpListener, TcpSocket};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use url::Url;

use tintype_core::shutdown::Shutdown;
use tintype_core::{sweep, worker};

use crate::app::App;
use crate::config::{Addresses, Config};
use crate::connections::{Bounds, Listener};
use crate::delivery::PageFiles;
use crate::layers::Hosts;
use crate::startup::{self, FolderLock};
use crate::{connections, doctor, ops, router};
use tintype_core::clock::Clock;
use tintype_core::metrics::{ListenerName, Metrics};

pub use crate::startup::StartError;

/// At most so many connections to the ops listener, whose callers are few and known.
const OPS_CONNECTIONS: usize = 64;
/// How many may knock at the same time. The kernel drops others, who knock again a second later.
const BACKLOG: u32 = 4096;

/// A process that answers.
pub struct Process {
    /// Where it is reached, for the line that says so.
    pub address: String,
    /// Where it listens for requests itself.
    pub listens_on: String,
    /// Where its ops listener is reached.
    pub ops_address: String,
    shutdown: Shutdown,
    tasks: Vec<JoinHandle<()>>,
    _lock: Option<FolderLock>,
}

impl Process {
    /// Readiness goes off, open requests and checks end within a bounded time, then what is left gives its lease back.
    pub async fn stop(self) {
        self.shutdown.run(connections::DRAIN_TIME).await;
        for task in self.tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "a task failed");
            }
        }
    }
}

/// A server with what its handlers work with.
pub struct Running {
    /// What its handlers work with.
    pub app: App,
    /// The process around it.
    pub process: Process,
}

impl Running {
    /// See [`Process::stop`].
    pub async fn stop(self) {
        self.process.stop().await;
    }
}

/// `tintype serve`: opens everything and listens.
///
/// # Errors
/// See [`StartError`].
pub async fn start(config: Config, clock: Clock) -> Result<Running, StartError> {
    startup::raise_file_limit(&config);
    let lock = startup::lock_folder(&config)?;
    let listeners = Listeners::bind(&config)?;
    let addresses = listeners.addresses(&config)?;
    let metrics = Arc::new(Metrics::new());
    let store = embedded_store(&config, &addresses).await?;
    let within = store
        .clone()
        .map(|store| router::store_origin(store, metrics.clone(), None));
    let app = startup::open(config, clock, &addresses, metrics, within).await?;
    look_at_store(&app.config);
    if let Some(line) = app.config.missing_proxies() {
        tracing::warn!("{line}");
    }
    let (listens_on, ops_address) = (address(&listeners.app), address(&listeners.ops));
    let mut tasks = answer_all(&app, listeners, addresses, store)?;
    if app.config.server.worker {
        tasks.extend(work(&app));
    } else {
        let services = app.services.clone();
        tokio::spawn(async move { sweep::mark(&services).await });
    }
    let process = Process {
        address: app.urls.app().to_owned(),
        listens_on,
        ops_address,
        shutdown: app.shutdown.clone(),
        tasks,
        _lock: lock,
    };
    Ok(Running { app, process })
}

/// The sockets of `tintype serve`, bound before anything that has to know their addresses.
struct Listeners {
    app: TcpListener,
    media: TcpListener,
    ops: TcpListener,
}

impl Listeners {
    fn bind(config: &Config) -> Result<Self, StartError> {
        let server = &config.server;
        Ok(Self {
            app: listen(server.app_addr, "TINTYPE_SERVER__APP_ADDR")?,
            media: listen(server.media_addr, "TINTYPE_SERVER__MEDIA_ADDR")?,
            ops: listen(server.ops_addr, "TINTYPE_SERVER__OPS_ADDR")?,
        })
    }

    fn addresses(&self, config: &Config) -> Result<Addresses, StartError> {
        Ok(Addresses::of(
            config,
            bound(&self.app)?,
            bound(&self.media)?,
        )?)
    }
}

/// The routes of the store in this process, where there is one.
async fn embedded_store(
    config: &Config,
    addresses: &Addresses,
) -> Result<Option<Router>, StartError> {
    if !config.has_embedded_store() {
        return Ok(None);
    }
    store_routes(config, &addresses.app).await.map(Some)
}

fn answer_all(
    app: &App,
    listeners: Listeners,
    addresses: Addresses,
    store: Option<Router>,
) -> Result<Vec<JoinHandle<()>>, StartError> {
    let Listeners {
        app: app_socket,
        media: media_socket,
        ops: ops_socket,
    } = listeners;
    let app_hosts = Hosts::new(addresses.app, Vec::new());
    let media_hosts = Hosts::new(addresses.media, vec![addresses.own_media]);
    let app_routes = router::app_origin(app.clone(), app_hosts)?;
    let media_routes = router::media_origin(app.clone(), media_hosts, store);
    let ops_routes = ops::of_app(app.clone());
    let (bounds, metrics) = (Bounds::of(&app.config.server), &app.metrics);
    let (draining, done) = (&app.shutdown.draining, &app.shutdown.done);
    Ok(vec![
        answer(
            ListenerName::App,
            app_socket,
            app_routes,
            &bounds,
            metrics,
            draining,
        ),
        answer(
            ListenerName::Media,
            media_socket,
            media_routes,
            &bounds,
            metrics,
            draining,
        ),
        answer(
            ListenerName::Ops,
            ops_socket,
            ops_routes,
            &bounds,
            metrics,
            done,
        ),
    ])
}

/// What is done when no client does it.
fn work(app: &App) -> [JoinHandle<()>; 2] {
    let (services, draining) = (&app.services, &app.shutdown.draining);
    let tasks = &app.shutdown.tasks;
    [
        tasks.spawn(worker::run(services.clone(), draining.clone())),
        tasks.spawn(sweep::run_scheduled(services.clone(), draining.clone())),
    ]
}

/// `tintype worker`: finishes uploads beside the processes that answer.
///
/// # Errors
/// See [`StartError`].
pub async fn start_worker(config: Config, clock: Clock) -> Result<Running, StartError> {
    let lock = startup::lock_folder(&config)?;
    let ops_listener = listen(config.server.ops_addr, "TINTYPE_SERVER__OPS_ADDR")?;
    // A worker hands out no links: any address will do where none is set.
    let own = bound(&ops_listener)?;
    let addresses = Addresses::of(&config, own, own)?;
    let metrics = Arc::new(Metrics::new());
    let app = startup::open(config, clock, &addresses, metrics.clone(), None).await?;
    look_at_store(&app.config);
    let (ops_address, bounds) = (address(&ops_listener), Bounds::of(&app.config.server));
    let ops_routes = ops::of_app(app.clone());
    let done = &app.shutdown.done;
    let ops = answer(
        ListenerName::Ops,
        ops_listener,
        ops_routes,
        &bounds,
        &metrics,
        done,
    );
    let tasks = work(&app).into_iter().chain([ops]).collect();
    let process = Process {
        address: ops_address.clone(),
        listens_on: ops_address.clone(),
        ops_address,
        shutdown: app.shutdown.clone(),
        tasks,
        _lock: lock,
    };
    Ok(Running { app, process })
}

/// `tintype storage`: the embedded store as a process of its own.
///
/// # Errors
/// See [`StartError`].
pub async fn start_storage(config: &Config) -> Result<Process, StartError> {
    startup::raise_file_limit(config);
    let lock = startup::lock_objects(config)?;
    let listener = listen(config.storage.listen_addr, "TINTYPE_STORAGE__LISTEN_ADDR")?;
    let ops_listener = listen(config.server.ops_addr, "TINTYPE_SERVER__OPS_ADDR")?;
    let own = bound(&listener)?;
    let routes = store_routes(config, &Addresses::of(config, own, own)?.app).await?;
    let (shutdown, metrics) = (Shutdown::default(), Arc::new(Metrics::new()));
    let (own_address, ops_address) = (address(&listener), address(&ops_listener));
    let ops_routes = ops::of_store(config.clone(), metrics.clone(), shutdown.draining.clone());
    let bounds = Bounds::of(&config.server);
    let public_url = config
        .storage
        .public_endpoint
        .as_ref()
        .or(config.server.media_url.as_ref());
    let routes = router::store_origin(routes, metrics.clone(), public_url);
    let tasks = vec![
        answer(
            ListenerName::Storage,
            listener,
            routes,
            &bounds,
            &metrics,
            &shutdown.draining,
        ),
        answer(
            ListenerName::Ops,
            ops_listener,
            ops_routes,
            &bounds,
            &metrics,
            &shutdown.done,
        ),
    ];
    Ok(Process {
        address: own_address.clone(),
        listens_on: own_address,
        ops_address,
        shutdown,
        tasks,
        _lock: Some(lock),
    })
}

fn answer(
    name: ListenerName,
    socket: TcpListener,
    routes: Router,
    bounds: &Bounds,
    metrics: &Arc<Metrics>,
    stop: &CancellationToken,
) -> JoinHandle<()> {
    let bounds = if name == ListenerName::Ops {
        bounds.clone().with_connections(OPS_CONNECTIONS)
    } else {
        bounds.clone()
    };
    tokio::spawn(connections::serve(
        Listener { socket, name },
        routes,
        bounds,
        metrics.clone(),
        stop.clone(),
    ))
}

/// Beside everything else: a store that is away for a moment holds nothing up.
fn look_at_store(config: &Config) {
    if !config.has_embedded_store() {
        tokio::spawn(doctor::look_at_store(config.clone()));
    }
}

fn listen(addr: SocketAddr, variable: &'static str) -> Result<TcpListener, StartError> {
    let listening = || {
        let socket = if addr.is_ipv4() {
            TcpSocket::new_v4()?
        } else {
            TcpSocket::new_v6()?
        };
        socket.set_reuseaddr(true)?;
        socket.bind(addr)?;
        socket.listen(BACKLOG)
    };
    listening().map_err(|source| StartError::Listen {
        addr,
        variable,
        source,
    })
}

fn bound(listener: &TcpListener) -> Result<SocketAddr, StartError> {
    listener.local_addr().map_err(StartError::Unbound)
}

fn address(listener: &TcpListener) -> String {
    listener
        .local_addr()
        .map_or_else(|_| String::new(), |addr| format!("http://{addr}"))
}

/// Of the embedded store, to which the page at this address sends files.
///
/// # Errors
/// The folder or the secret can't be used.
pub(crate) async fn store_routes(config: &Config, app: &Url) -> Result<Router, StartError> {
    let folder = config.objects_dir();
    embedded::router(EmbeddedConfig {
        folder: folder.clone(),
        bucket: config.storage.bucket.clone(),
        region: config.storage.region.clone(),
        access_key_id: config.access_key_id().to_owned(),
        secret_access_key: startup::storage_secret(config)?.expose().to_owned(),
        allowed_origin: app.origin().ascii_serialization(),
        max_object_bytes: config.limits.max_bytes,
        pace: Pace {
            bytes_per_second: config.storage.slowest_bytes_per_second,
            ..Pace::default()
        },
    })
    .await
    .map_err(|source| StartError::DataFolder {
        path: folder.display().to_string(),
        source,
    })
}

/// The folder in which the page should be, when it has not been built into it.
#[must_use]
pub fn missing_page(config: &Config) -> Option<PathBuf> {
    let files = PageFiles::of(config.server.page_dir.as_deref());
    files.missing().map(Into::into)
}
