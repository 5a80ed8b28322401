//! The addresses of an installation and its store: from the settings, or from the listeners where nothing is set.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use tintype_core::db;
use tintype_core::secret::Secret;
use tintype_storage::StoreConfig;
use url::{ParseError, Url};

use super::Config;

/// The addresses of an installation.
pub struct Addresses {
    /// The app origin, as clients see it.
    pub app: Url,
    /// The media origin, as clients see it.
    pub media: Url,
    /// Where the media origin listens.
    pub own_media: Url,
}

impl Addresses {
    /// The addresses of an installation with these listeners.
    ///
    /// # Errors
    /// They make no URL.
    pub fn of(config: &Config, app: SocketAddr, media: SocketAddr) -> Result<Self, ParseError> {
        let (app, own_media) = (listening(app)?, listening(media)?);
        Ok(Self {
            app: config.server.app_url.clone().unwrap_or(app),
            media: config.server.media_url.clone().unwrap_or(own_media.clone()),
            own_media,
        })
    }
}

/// The URL of a listener on this machine.
///
/// # Errors
/// It makes no URL.
pub fn listening(mut addr: SocketAddr) -> Result<Url, ParseError> {
    if addr.ip().is_unspecified() {
        addr.set_ip(match addr.ip() {
            IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
        });
    }
    Url::parse(&format!("http://{addr}"))
}

impl Config {
    /// The store. Our own calls to the embedded endpoint go to its listener; presigned URLs have the address that clients use.
    #[must_use]
    pub fn store(&self, addresses: &Addresses, secret: &Secret) -> StoreConfig {
        let storage = &self.storage;
        let (endpoint, public_endpoint) = match &storage.endpoint {
            Some(endpoint) => (
                endpoint,
                storage.public_endpoint.as_ref().unwrap_or(endpoint),
            ),
            None => (&addresses.own_media, &addresses.media),
        };
        StoreConfig {
            endpoint: endpoint.clone(),
            public_endpoint: public_endpoint.clone(),
            region: storage.region.clone(),
            bucket: storage.bucket.clone(),
            access_key_id: self.access_key_id().to_owned(),
            secret_access_key: secret.expose().into(),
        }
    }

    /// The id of the store's access key.
    #[must_use]
    pub fn access_key_id(&self) -> &str {
        self.storage.access_key_id.as_deref().unwrap_or("tintype")
    }

    /// Whether the database is PostgreSQL, which many processes can share.
    #[must_use]
    pub fn has_postgres(&self) -> bool {
        db::is_postgres(&self.database_url())
    }
}
