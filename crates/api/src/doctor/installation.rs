//! The addresses and the store that the configuration describes.

use tintype_core::secret::Secret;
use tintype_storage::StoreConfig;
use url::{ParseError, Url};

use super::report::Outcome;
use crate::config::{Addresses, Config};

/// The store and who uses it.
pub(super) struct Place {
    pub store: StoreConfig,
    /// The origin of the page, without a slash at the end.
    pub app_origin: String,
    /// Whether the store is the one inside `tintype serve`.
    pub embedded: bool,
}

pub(super) fn summary(config: &Config) -> Outcome {
    let database = if config.has_postgres() {
        "PostgreSQL"
    } else {
        "SQLite"
    };
    let storage = config
        .storage
        .endpoint
        .as_ref()
        .map_or_else(|| "the embedded store".to_owned(), plain);
    let (app, media) = addresses(config).map_or_else(
        |_| ("nowhere".to_owned(), "nowhere".to_owned()),
        |addresses| (plain(&addresses.app), plain(&addresses.media)),
    );
    let bucket = &config.storage.bucket;
    Outcome::ok(format!(
        "{database}; bucket {bucket} at {storage}; page at {app}, images at {media}"
    ))
}

/// The store's address and key; `None` if the embedded store was never started and has no key yet.
pub(super) fn find(config: &Config) -> Result<Option<Place>, Outcome> {
    let Ok(addresses) = addresses(config) else {
        return Err(Outcome::failed(
            "a public address can't be made",
            "Set TINTYPE_SERVER__APP_URL and TINTYPE_SERVER__MEDIA_URL.",
        ));
    };
    let embedded = config.storage.endpoint.is_none();
    let secret = match &config.storage.secret_access_key {
        Some(secret) => secret.clone(),
        None if embedded => match std::fs::read_to_string(config.data_dir.join("storage-secret")) {
            Ok(secret) => Secret::from(secret.trim().to_owned()),
            Err(_) => return Ok(None),
        },
        None => {
            return Err(Outcome::failed(
                "there is no secret for the store",
                "Set TINTYPE_STORAGE__SECRET_ACCESS_KEY.",
            ));
        }
    };
    Ok(Some(Place {
        store: config.store(&addresses, &secret),
        app_origin: plain(&addresses.app),
        embedded,
    }))
}

/// The addresses of the installation, whether or not it runs.
pub(crate) fn addresses(config: &Config) -> Result<Addresses, ParseError> {
    Addresses::of(config, config.server.app_addr, config.server.media_addr)
}

/// An address without credentials before its `@`.
pub(super) fn plain(url: &Url) -> String {
    url.origin().ascii_serialization()
}
