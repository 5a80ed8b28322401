//! Where the configuration says that everything is.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use tintype_storage::StoreConfig;
use url::Url;

use super::report::Outcome;
use crate::config::Config;

/// The store and who uses it.
pub(super) struct Place {
    pub store: StoreConfig,
    /// The origin of the page, without a slash at the end.
    pub app_origin: String,
    /// Whether the store is the one inside `tintype serve`.
    pub embedded: bool,
}

pub(super) fn summary(config: &Config) -> Outcome {
    let database = if config
        .database
        .url
        .as_ref()
        .is_some_and(|url| url.expose().starts_with("postgres"))
    {
        "PostgreSQL"
    } else {
        "SQLite"
    };
    let storage = config
        .storage
        .endpoint
        .as_ref()
        .map_or_else(|| "the embedded store".to_owned(), plain);
    let (app, media) = (app_url(config), media_url(config));
    let bucket = &config.storage.bucket;
    Outcome::ok(format!(
        "{database}; bucket {bucket} at {storage}; page at {}, images at {}",
        origin(app.as_ref()),
        origin(media.as_ref())
    ))
}

/// The store's address and key; `None` when the embedded store has no key yet because it was never started.
pub(super) fn find(config: &Config) -> Result<Option<Place>, Outcome> {
    let storage = &config.storage;
    let (Some(app), Some(media)) = (app_url(config), media_url(config)) else {
        return Err(Outcome::failed(
            "a public address can't be made",
            "Set TINTYPE_SERVER__APP_URL and TINTYPE_SERVER__MEDIA_URL.",
        ));
    };
    let embedded = storage.endpoint.is_none();
    let secret = match &storage.secret_access_key {
        Some(secret) => secret.expose().to_owned(),
        None if embedded => match std::fs::read_to_string(config.data_dir.join("storage-secret")) {
            Ok(secret) => secret.trim().to_owned(),
            Err(_) => return Ok(None),
        },
        None => {
            return Err(Outcome::failed(
                "there is no secret for the store",
                "Set TINTYPE_STORAGE__SECRET_ACCESS_KEY.",
            ));
        }
    };
    let (endpoint, public_endpoint) = match &storage.endpoint {
        Some(endpoint) => (
            endpoint.clone(),
            storage.public_endpoint.as_ref().unwrap_or(endpoint).clone(),
        ),
        None => (
            listening(config.server.media_addr).unwrap_or_else(|| media.clone()),
            media,
        ),
    };
    let store = StoreConfig {
        endpoint,
        public_endpoint,
        region: storage.region.clone(),
        bucket: storage.bucket.clone(),
        access_key_id: storage
            .access_key_id
            .clone()
            .unwrap_or_else(|| "tintype".into()),
        secret_access_key: secret,
    };
    Ok(Some(Place {
        store,
        app_origin: origin(Some(&app)),
        embedded,
    }))
}

pub(super) fn app_url(config: &Config) -> Option<Url> {
    config
        .server
        .app_url
        .clone()
        .or_else(|| listening(config.server.app_addr))
}

pub(super) fn media_url(config: &Config) -> Option<Url> {
    config
        .server
        .media_url
        .clone()
        .or_else(|| listening(config.server.media_addr))
}

/// An address without what a person may have written before its `@`.
pub(super) fn plain(url: &Url) -> String {
    url.origin().ascii_serialization()
}

fn origin(url: Option<&Url>) -> String {
    url.map_or_else(|| "nowhere".to_owned(), plain)
}

/// Where a listener on this machine is reached.
fn listening(mut addr: SocketAddr) -> Option<Url> {
    if addr.ip().is_unspecified() {
        addr.set_ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    Url::parse(&format!("http://{addr}")).ok()
}
