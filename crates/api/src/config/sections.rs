//! The sections of the configuration and their defaults.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use serde::Deserialize;
use tintype_dto::Registration;
use url::Url;

use super::networks::Networks;
use tintype_core::secret::Secret;

/// Addresses.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    /// Where the app origin listens.
    pub app_addr: SocketAddr,
    /// Where the media origin listens.
    pub media_addr: SocketAddr,
    /// The app origin as clients see it. Default: `http://` and the address it listens on.
    pub app_url: Option<Url>,
    /// The media origin as clients see it. Default: `http://` and the address it listens on.
    pub media_url: Option<Url>,
    /// Where the ops listener answers (`/healthz`, `/readyz`, `/metrics`): never for the public.
    pub ops_addr: SocketAddr,
    /// Most open connections of each listener; others are answered 503. Each needs a file descriptor, and a picture on its way two.
    pub max_connections: usize,
    /// Most of them from one IPv4 address or IPv6 /64, loopback and trusted proxies aside. Default: a quarter of all.
    pub max_connections_per_address: Option<usize>,
    /// The slowest rate at which clients may read answers, bytes a second: one that falls 15 s behind is disconnected.
    pub slowest_bytes_per_second: u64,
    /// The folder of a built page. Default: the page inside the binary; in a build without one, `target/dist`.
    pub page_dir: Option<PathBuf>,
    /// Whether browsers may keep the page's files and take what a phone shares. `false`: those that did forget it with their next visit.
    pub service_worker: bool,
    /// Whether `tintype serve` finishes uploads in the background too. `false`: `tintype worker` does it, in processes of its own.
    pub worker: bool,
    /// Proxies whose `X-Forwarded-For` is trusted: addresses or networks, separated by commas.
    pub trusted_proxies: Networks,
    /// How images reach people.
    pub delivery: Delivery,
}

/// The database.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Database {
    /// `sqlite://path` or `postgres://...`. Default: SQLite in the data folder.
    pub url: Option<Secret>,
    /// Most connections of this process.
    pub max_connections: u32,
}

/// How images reach people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// Through the server, which caches well behind a CDN.
    #[default]
    Proxy,
    /// By a redirect to a presigned URL: no byte passes through the server.
    Redirect,
}

/// Lines of the log.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// For people or for machines.
    pub format: LogFormat,
    /// `error`, `warn`, `info`, `debug`, `trace`, or directives like `warn,tintype=info`.
    pub level: Option<String>,
}

/// For people or for machines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// Lines to read.
    #[default]
    Pretty,
    /// One JSON object a line.
    Json,
}

/// Spans for an `OpenTelemetry` collector. Without an endpoint none are made.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Traces {
    /// The collector's base address for OTLP over HTTP, as `http://collector:4318`.
    pub endpoint: Option<Url>,
    /// The share of requests and of the worker's visits that are sent: 0 to 1.
    pub ratio: f64,
}

/// An S3 store.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Storage {
    /// For the server's own calls. Default: the embedded endpoint.
    pub endpoint: Option<Url>,
    /// For presigned URLs. Default: the same.
    pub public_endpoint: Option<Url>,
    /// `auto` for Cloudflare R2.
    pub region: String,
    /// Cloudflare's account id: the short form that sets the endpoint and the region.
    pub r2_account_id: Option<String>,
    /// Free space on the disk of the embedded store below which the process is not ready.
    pub min_free_bytes: u64,
    /// The slowest rate at which files may be sent to the embedded store: a minute for any file, and a second more for this many bytes.
    pub slowest_bytes_per_second: u64,
    /// Where `tintype storage` listens.
    pub listen_addr: SocketAddr,
    /// The bucket; it has to exist.
    pub bucket: String,
    /// The access key's id.
    pub access_key_id: Option<String>,
    /// The access key's secret.
    pub secret_access_key: Option<Secret>,
}

/// The store of backups that go to a bucket. Which bucket stands on the command line.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Backup {
    /// Its address.
    pub endpoint: Option<Url>,
    /// `auto` for Cloudflare R2.
    pub region: String,
    /// The access key's id.
    pub access_key_id: Option<String>,
    /// The access key's secret.
    pub secret_access_key: Option<Secret>,
}

/// Accounts and tokens.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Auth {
    /// Signs session tokens: at least 32 bytes. Default on loopback with SQLite: made once and kept in the data folder.
    pub jwt_secret: Option<Secret>,
    /// Cost of bcrypt, 4 to 16. Each step doubles the time.
    pub bcrypt_cost: u32,
    /// Whether new accounts can be made. Default: open where listeners and URLs are on loopback, closed elsewhere.
    pub registration: Option<Registration>,
}

impl Server {
    /// Most connections of one address.
    #[must_use]
    pub fn per_address(&self) -> usize {
        self.max_connections_per_address
            .unwrap_or(self.max_connections / 4)
    }
}

impl Default for Server {
    fn default() -> Self {
        let loopback = |port| SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port);
        Self {
            app_addr: loopback(8080),
            media_addr: loopback(8081),
            app_url: None,
            media_url: None,
            ops_addr: loopback(9090),
            max_connections: 512,
            max_connections_per_address: None,
            slowest_bytes_per_second: 16 * 1024,
            page_dir: None,
            service_worker: true,
            worker: true,
            trusted_proxies: Networks::default(),
            delivery: Delivery::Proxy,
        }
    }
}

impl Default for Backup {
    fn default() -> Self {
        Self {
            endpoint: None,
            region: "auto".into(),
            access_key_id: None,
            secret_access_key: None,
        }
    }
}

impl Default for Storage {
    fn default() -> Self {
        Self {
            endpoint: None,
            public_endpoint: None,
            region: "auto".into(),
            r2_account_id: None,
            min_free_bytes: 256 * 1024 * 1024,
            slowest_bytes_per_second: 16 * 1024,
            listen_addr: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8082),
            bucket: "tintype".into(),
            access_key_id: None,
            secret_access_key: None,
        }
    }
}

impl Default for Auth {
    fn default() -> Self {
        Self {
            jwt_secret: None,
            bcrypt_cost: 12,
            registration: None,
        }
    }
}

impl Default for Traces {
    fn default() -> Self {
        Self {
            endpoint: None,
            ratio: 1.0,
        }
    }
}

impl Default for Database {
    fn default() -> Self {
        Self {
            url: None,
            max_connections: 16,
        }
    }
}
