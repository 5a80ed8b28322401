//! Configuration: compiled defaults, then an optional TOML file, then `TINTYPE_SECTION__KEY` in the environment.
//!
//! `DATABASE_URL` and `PORT` are honoured too, and every variable has a `_FILE` form that names a file with the value.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use ::config::{Environment, File, FileFormat};
use serde::Deserialize;
use tintype_dto::{ContentType, Limits, Registration};
use url::Url;

use crate::secret::Secret;

/// Everything that an operator can set.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where the embedded default keeps its database, objects and secrets.
    pub data_dir: PathBuf,
    /// Addresses.
    pub server: Server,
    /// The database.
    pub database: Database,
    /// An S3 store; without an endpoint, the embedded one.
    pub storage: Storage,
    /// Accounts and tokens.
    pub auth: Auth,
    /// What an upload may be.
    pub limits: ImageLimits,
    /// Times of an upload's and an image's life.
    pub times: Times,
}

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
    /// The folder of the built page.
    pub page_dir: PathBuf,
}

/// The database.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Database {
    /// `sqlite://path` or `postgres://...`. Default: SQLite in the data folder.
    pub url: Option<Secret>,
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
    /// The bucket; it has to exist.
    pub bucket: String,
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
    /// Whether new accounts can be made.
    pub registration: Registration,
}

/// What an upload may be.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ImageLimits {
    /// Largest file, bytes.
    pub max_bytes: u64,
    /// Most pixels of one frame.
    pub max_pixels: u64,
    /// Longest side, pixels.
    pub max_side: u32,
}

/// Times of an upload's and an image's life, all in seconds.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Times {
    /// How long a presigned URL works.
    pub upload_url: u32,
    /// How long after that a file that landed is still looked for.
    pub upload_grace: u32,
    /// How long a deleted image can be restored.
    pub trash: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: "data".into(),
            server: Server::default(),
            database: Database::default(),
            storage: Storage::default(),
            auth: Auth::default(),
            limits: ImageLimits::default(),
            times: Times::default(),
        }
    }
}

impl Default for Server {
    fn default() -> Self {
        let loopback = |port| SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port);
        Self { app_addr: loopback(8080), media_addr: loopback(8081), app_url: None, media_url: None, page_dir: "target/dist".into() }
    }
}

impl Default for Storage {
    fn default() -> Self {
        Self {
            endpoint: None,
            public_endpoint: None,
            region: "auto".into(),
            bucket: "tintype".into(),
            access_key_id: None,
            secret_access_key: None,
        }
    }
}

impl Default for Auth {
    fn default() -> Self {
        Self { jwt_secret: None, bcrypt_cost: 12, registration: Registration::Open }
    }
}

impl Default for ImageLimits {
    fn default() -> Self {
        Self { max_bytes: 25_000_000, max_pixels: 50_000_000, max_side: 16_384 }
    }
}

impl Default for Times {
    fn default() -> Self {
        Self { upload_url: 15 * 60, upload_grace: 45 * 60, trash: 7 * 24 * 3600 }
    }
}

/// Why the server does not start: every fault of the configuration at once.
#[derive(Debug, thiserror::Error)]
#[error("the configuration can't be used:\n  - {}", .0.join("\n  - "))]
pub struct ConfigError(Vec<String>);

impl Config {
    /// Reads the file (when given) and the process's environment.
    ///
    /// # Errors
    /// When a value can't be read, a key is unknown, or values don't fit together.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        Self::from_sources(file, std::env::vars().collect())
    }

    fn from_sources(file: Option<&Path>, env: HashMap<String, String>) -> Result<Self, ConfigError> {
        let mut builder = ::config::Config::builder();
        if let Some(path) = file {
            builder = builder.add_source(File::from(path).format(FileFormat::Toml));
        }
        let env = Environment::with_prefix("TINTYPE").prefix_separator("_").separator("__").try_parsing(false).source(Some(settings(env)?));
        let config: Self =
            builder.add_source(env).build().and_then(::config::Config::try_deserialize).map_err(|e| ConfigError(vec![e.to_string()]))?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), ConfigError> {
        let mut faults = Vec::new();
        let mut must = |holds: bool, fault: &str| {
            if !holds {
                faults.push(fault.to_owned());
            }
        };
        let server = &self.server;
        let loopback = server.app_addr.ip().is_loopback() && server.media_addr.ip().is_loopback();
        if !loopback {
            must(server.app_url.is_some(), "TINTYPE_SERVER__APP_URL is needed when the server listens outside loopback");
            must(server.media_url.is_some(), "TINTYPE_SERVER__MEDIA_URL is needed when the server listens outside loopback");
            must(self.storage.endpoint.is_some(), "TINTYPE_STORAGE__ENDPOINT is needed: the embedded store is for loopback only");
        }
        if let (Some(app), Some(media)) = (&server.app_url, &server.media_url) {
            must(app.origin() != media.origin(), "TINTYPE_SERVER__APP_URL and TINTYPE_SERVER__MEDIA_URL must be different origins");
        }
        for (name, url) in [("APP_URL", &server.app_url), ("MEDIA_URL", &server.media_url)] {
            let plain = url.as_ref().is_none_or(|u| u.path() == "/" && u.query().is_none() && u.has_host());
            must(plain, &format!("TINTYPE_SERVER__{name} must be an origin like https://img.example.com, without a path"));
        }
        if !loopback || self.uses_postgres() {
            must(self.auth.jwt_secret.is_some(), "TINTYPE_AUTH__JWT_SECRET is needed outside loopback and with PostgreSQL");
        }
        if let Some(secret) = &self.auth.jwt_secret {
            must(secret.expose().len() >= 32, "TINTYPE_AUTH__JWT_SECRET must have at least 32 bytes; make one with `openssl rand -hex 32`");
            must(!is_well_known(secret.expose()), "TINTYPE_AUTH__JWT_SECRET is a well-known value; make one with `openssl rand -hex 32`");
        }
        if self.storage.endpoint.is_some() {
            must(self.storage.access_key_id.is_some(), "TINTYPE_STORAGE__ACCESS_KEY_ID is needed with TINTYPE_STORAGE__ENDPOINT");
            must(self.storage.secret_access_key.is_some(), "TINTYPE_STORAGE__SECRET_ACCESS_KEY is needed with TINTYPE_STORAGE__ENDPOINT");
        }
        must((4..=16).contains(&self.auth.bcrypt_cost), "TINTYPE_AUTH__BCRYPT_COST must be 4 to 16");
        must((1..=604_800).contains(&self.times.upload_url), "TINTYPE_TIMES__UPLOAD_URL must be 1 to 604800 seconds");
        must(self.limits.max_bytes >= 1, "TINTYPE_LIMITS__MAX_BYTES must be at least 1");
        if faults.is_empty() { Ok(()) } else { Err(ConfigError(faults)) }
    }

    /// The limits as clients are told.
    #[must_use]
    pub fn public_limits(&self) -> Limits {
        Limits {
            content_types: ContentType::ALL.to_vec(),
            max_bytes: self.limits.max_bytes,
            max_pixels: self.limits.max_pixels,
            max_side: self.limits.max_side,
            upload_expires_in: self.times.upload_url.into(),
            registration: self.auth.registration,
        }
    }

    /// The limits as the decoder keeps them.
    #[must_use]
    pub fn imaging_limits(&self) -> tintype_imaging::Limits {
        let ImageLimits { max_bytes, max_pixels, max_side } = self.limits;
        tintype_imaging::Limits { max_bytes, max_pixels, max_side, ..tintype_imaging::Limits::default() }
    }

    fn uses_postgres(&self) -> bool {
        self.database.url.as_ref().is_some_and(|url| url.expose().starts_with("postgres"))
    }
}

/// A secret that is printed in some manual, or has hardly any variety.
fn is_well_known(secret: &str) -> bool {
    let lower = secret.to_ascii_lowercase();
    let variety: std::collections::HashSet<char> = lower.chars().collect();
    variety.len() < 8 || ["secret", "changeme", "change-me", "password", "example"].iter().any(|word| lower.contains(word))
}

/// The variables that are settings, with `_FILE` forms read and the two general names translated.
fn settings(env: HashMap<String, String>) -> Result<HashMap<String, String>, ConfigError> {
    let mut out = HashMap::new();
    let mut faults = Vec::new();
    for (name, value) in env.into_iter().collect::<BTreeMap<_, _>>() {
        let (name, value) = match name.strip_suffix("_FILE") {
            Some(plain) if plain.starts_with("TINTYPE_") || plain == "DATABASE_URL" => match std::fs::read_to_string(&value) {
                Ok(text) => (plain.to_owned(), text.trim_end().to_owned()),
                Err(e) => {
                    faults.push(format!("{name} names a file that can't be read: {e}"));
                    continue;
                }
            },
            _ => (name, value),
        };
        match name.as_str() {
            "DATABASE_URL" => drop(out.entry("TINTYPE_DATABASE__URL".into()).or_insert(value)),
            "PORT" => drop(out.entry("TINTYPE_SERVER__APP_ADDR".into()).or_insert(format!("127.0.0.1:{value}"))),
            name if name.starts_with("TINTYPE_") && !name.starts_with("TINTYPE_TEST_") => drop(out.insert(name.into(), value)),
            _ => {}
        }
    }
    if faults.is_empty() { Ok(out) } else { Err(ConfigError(faults)) }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn load(vars: &[(&str, &str)]) -> Result<Config, String> {
        let env = vars.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
        Config::from_sources(None, env).map_err(|e| e.to_string())
    }

    #[test]
    fn nothing_set_is_the_embedded_default() {
        let config = load(&[]).unwrap();
        assert_eq!(config.server.app_addr.to_string(), "127.0.0.1:8080");
        assert!(config.storage.endpoint.is_none());
        assert_eq!(config.limits.max_bytes, 25_000_000);
    }

    #[test]
    fn the_environment_sets_nested_values_of_every_kind() {
        let config = load(&[
            ("TINTYPE_SERVER__APP_ADDR", "127.0.0.1:9"),
            ("TINTYPE_LIMITS__MAX_BYTES", "7"),
            ("TINTYPE_DATA_DIR", "/x"),
            ("TINTYPE_AUTH__REGISTRATION", "closed"),
            ("DATABASE_URL", "sqlite://y"),
        ])
        .unwrap();
        assert_eq!(config.server.app_addr.port(), 9);
        assert_eq!(config.limits.max_bytes, 7);
        assert_eq!(config.data_dir, Path::new("/x"));
        assert_eq!(config.auth.registration, Registration::Closed);
        assert_eq!(config.database.url.unwrap().expose(), "sqlite://y");
    }

    #[test]
    fn an_unknown_key_is_an_error_that_names_it() {
        assert!(load(&[("TINTYPE_SERVER__APP_ADR", "127.0.0.1:9")]).unwrap_err().contains("app_adr"));
    }

    #[test]
    fn outside_loopback_every_missing_value_is_named_at_once() {
        let fault = load(&[("TINTYPE_SERVER__APP_ADDR", "0.0.0.0:8080")]).unwrap_err();
        for name in ["APP_URL", "MEDIA_URL", "STORAGE__ENDPOINT", "JWT_SECRET"] {
            assert!(fault.contains(name), "{name} in {fault}");
        }
    }

    #[test]
    fn equal_origins_stop_the_start() {
        let url = "http://127.0.0.1:1";
        let fault = load(&[("TINTYPE_SERVER__APP_URL", url), ("TINTYPE_SERVER__MEDIA_URL", url)]).unwrap_err();
        assert!(fault.contains("different origins"));
    }

    #[test]
    fn short_or_well_known_secrets_stop_the_start_and_are_never_printed() {
        for bad in ["short", "changemechangemechangemechangeme", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"] {
            let fault = load(&[("TINTYPE_AUTH__JWT_SECRET", bad)]).unwrap_err();
            assert!(fault.contains("JWT_SECRET") && !fault.contains(bad), "{fault}");
        }
    }

    #[test]
    fn postgres_needs_a_secret() {
        assert!(load(&[("DATABASE_URL", "postgres://x")]).unwrap_err().contains("JWT_SECRET"));
    }

    #[test]
    fn a_secret_can_be_a_file() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "0123456789abcdefghijklmnopqrstuv\n").unwrap();
        let config = load(&[("TINTYPE_AUTH__JWT_SECRET_FILE", file.path().to_str().unwrap())]).unwrap();
        assert_eq!(config.auth.jwt_secret.as_ref().unwrap().expose(), "0123456789abcdefghijklmnopqrstuv");
        assert!(!format!("{config:?}").contains("0123456789"));
    }
}
