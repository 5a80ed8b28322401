//! Configuration: compiled defaults, then an optional TOML file, then `TINTYPE_SECTION__KEY` in the environment.
//!
//! `DATABASE_URL` and `PORT` are honoured too, and every variable has a `_FILE` form that names a file with the value.

mod networks;
mod resolved;
mod rules;
mod sections;
mod sources;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use ::config::{Environment, File, FileFormat};
use chrono::TimeDelta;
use serde::Deserialize;
use tintype_dto::{ContentType, Limits, Registration};
use url::{Host, Url};

pub use networks::Networks;
pub use resolved::Addresses;
pub use rules::Role;
pub use sections::{Auth, Backup, Database, Delivery, Log, LogFormat, Server, Storage, Traces};
use tintype_core::settings::Settings;
pub use tintype_core::settings::{ImageLimits, Rates, Sweep, Times};

/// All settings.
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
    /// The store of backups.
    pub backup: Backup,
    /// Accounts and tokens.
    pub auth: Auth,
    /// What an upload may be.
    pub limits: ImageLimits,
    /// Times of an upload's and an image's life.
    pub times: Times,
    /// Audits and sweeps.
    pub sweep: Sweep,
    /// How often one may try.
    pub rates: Rates,
    /// Lines of the log.
    pub log: Log,
    /// Spans for an `OpenTelemetry` collector.
    pub traces: Traces,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: "data".into(),
            server: Server::default(),
            database: Database::default(),
            storage: Storage::default(),
            backup: Backup::default(),
            auth: Auth::default(),
            limits: ImageLimits::default(),
            times: Times::default(),
            sweep: Sweep::default(),
            rates: Rates::default(),
            log: Log::default(),
            traces: Traces::default(),
        }
    }
}

/// Why the server does not start: all faults of the configuration at once.
#[derive(Debug, thiserror::Error)]
#[error("the configuration can't be used:\n  - {}", .0.join("\n  - "))]
pub struct ConfigError(Vec<String>);

impl Config {
    /// Reads the file (if given) and the environment, for a process with this role.
    ///
    /// # Errors
    /// Values can't be parsed, keys are unknown, or values don't fit together: all faults at once.
    pub fn load(file: Option<&Path>, role: Role) -> Result<Self, ConfigError> {
        Self::from_sources(file, std::env::vars().collect(), role)
    }

    fn from_sources(
        file: Option<&Path>,
        env: HashMap<String, String>,
        role: Role,
    ) -> Result<Self, ConfigError> {
        let settings = sources::settings(env)?;
        let text = file.map(sources::text).transpose()?;
        // One by one first: each fault is reported with its variable, and all at once.
        let faults: Vec<_> = settings
            .iter()
            .filter_map(|(name, value)| {
                let alone = HashMap::from([(name.clone(), value.clone())]);
                Self::build(None, alone)
                    .err()
                    .map(|reason| format!("{name}: {reason}"))
            })
            .collect();
        if !faults.is_empty() {
            return Err(ConfigError(faults));
        }
        let mut config = Self::build(text.as_deref(), settings).map_err(|reason| match file {
            Some(file) => ConfigError(vec![format!("{}: {reason}", file.display())]),
            None => ConfigError(vec![reason.to_string()]),
        })?;
        let faults = rules::faults(&config, role);
        if !faults.is_empty() {
            return Err(ConfigError(faults));
        }
        if let Some(account) = &config.storage.r2_account_id {
            let endpoint = format!("https://{account}.r2.cloudflarestorage.com").parse();
            config.storage.endpoint = Some(endpoint.map_err(|_| {
                ConfigError(vec![
                    "TINTYPE_STORAGE__R2_ACCOUNT_ID is no account id".into(),
                ])
            })?);
        }
        Ok(config)
    }

    fn build(
        text: Option<&str>,
        settings: HashMap<String, String>,
    ) -> Result<Self, ::config::ConfigError> {
        let mut builder = ::config::Config::builder();
        if let Some(text) = text {
            builder = builder.add_source(File::from_str(text, FileFormat::Toml));
        }
        let env = Environment::with_prefix("TINTYPE")
            .prefix_separator("_")
            .separator("__")
            .try_parsing(false)
            .source(Some(settings));
        builder.add_source(env).build()?.try_deserialize()
    }

    /// Whether this process serves the objects from the data folder.
    #[must_use]
    pub fn has_embedded_store(&self) -> bool {
        self.storage.endpoint.is_none()
    }

    /// Where the embedded store keeps the objects.
    #[must_use]
    pub fn objects_dir(&self) -> PathBuf {
        self.data_dir.join("objects")
    }

    /// Where large files are while they arrive in one request. They have no names there.
    #[must_use]
    pub fn spool_dir(&self) -> PathBuf {
        if self.uses_folder() {
            self.data_dir.join("spool")
        } else {
            std::env::temp_dir()
        }
    }

    /// Whether anything is kept in the data folder.
    #[must_use]
    pub fn uses_folder(&self) -> bool {
        self.has_embedded_store() || self.database.url.is_none() || self.auth.jwt_secret.is_none()
    }

    /// Whether new accounts can be made.
    #[must_use]
    pub fn registration(&self) -> Registration {
        let is_private = self.listens_on_loopback() && !self.has_public_url();
        let by_default = if is_private {
            Registration::Open
        } else {
            Registration::Closed
        };
        self.auth.registration.unwrap_or(by_default)
    }

    /// `sqlite://...` or `postgres://...`.
    #[must_use]
    pub fn database_url(&self) -> String {
        match &self.database.url {
            Some(url) => url.expose().to_owned(),
            None => format!("sqlite://{}?mode=rwc", self.own_database().display()),
        }
    }

    /// The database's file, where no address names a database.
    #[must_use]
    pub fn database_file(&self) -> Option<PathBuf> {
        self.database.url.is_none().then(|| self.own_database())
    }

    fn own_database(&self) -> PathBuf {
        self.data_dir.join("tintype.db")
    }

    /// How old an object has to be for a sweep to take it: never younger than an open upload can be.
    #[must_use]
    pub fn sweep_grace(&self) -> TimeDelta {
        let upload = u64::from(self.times.upload_url) + u64::from(self.times.upload_grace);
        TimeDelta::seconds(Ord::max(u64::from(self.sweep.grace), upload).cast_signed())
    }

    /// The settings for the rules.
    #[must_use]
    pub fn settings(&self) -> Settings {
        Settings {
            limits: self.limits.clone(),
            times: self.times.clone(),
            rates: self.rates.clone(),
            sweep: self.sweep.clone(),
            sweep_grace: self.sweep_grace(),
            database_url: self.database_url(),
        }
    }

    /// Whether it is reached by a name or an address beyond this machine: if it listens on loopback only, a proxy stands before it.
    #[must_use]
    pub fn has_public_url(&self) -> bool {
        self.public_url().is_some()
    }

    fn public_url(&self) -> Option<&Url> {
        [&self.server.app_url, &self.server.media_url]
            .into_iter()
            .flatten()
            .find(|url| !is_loopback(url))
    }

    /// The warning for a public server that trusts no proxy: it would take all clients for one.
    #[must_use]
    pub fn missing_proxies(&self) -> Option<String> {
        let url = self
            .public_url()
            .filter(|_| self.server.trusted_proxies.is_empty())?;
        let most = self.rates.failed_logins_per_address;
        Some(format!(
            "no proxy is trusted, and people come by {}: behind a proxy everybody would share its address, and {most} wrong log-ins would lock all out. \
             Set TINTYPE_SERVER__TRUSTED_PROXIES to the proxy's address: 127.0.0.1 for one on the same host",
            url.origin().ascii_serialization()
        ))
    }

    fn listens_on_loopback(&self) -> bool {
        self.server.app_addr.ip().is_loopback() && self.server.media_addr.ip().is_loopback()
    }

    /// The limits in the form that clients get.
    #[must_use]
    pub fn public_limits(&self) -> Limits {
        Limits {
            content_types: ContentType::ALL.to_vec(),
            max_bytes: self.limits.max_bytes,
            max_pixels: self.limits.max_pixels,
            max_side: self.limits.max_side,
            upload_expires_in: self.times.upload_url.into(),
            registration: self.registration(),
        }
    }

    /// The limits as the decoder keeps them.
    #[must_use]
    pub fn imaging_limits(&self) -> tintype_imaging::Limits {
        let ImageLimits {
            max_bytes,
            max_pixels,
            max_side,
            max_memory,
            ..
        } = self.limits;
        tintype_imaging::Limits {
            max_bytes,
            max_pixels,
            max_side,
            max_memory,
        }
    }
}

/// Whether the host is this machine.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.to_canonical().is_loopback(),
        None => false,
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::path::Path;

    use super::*;

    fn load(vars: &[(&str, &str)]) -> Result<Config, String> {
        let env = vars
            .iter()
            .map(|(k, v)| ((*k).into(), (*v).into()))
            .collect();
        Config::from_sources(None, env, Role::Serve).map_err(|e| e.to_string())
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
        assert_eq!(config.registration(), Registration::Closed);
        assert_eq!(config.database.url.unwrap().expose(), "sqlite://y");
    }

    #[test]
    fn what_is_empty_is_not_set() {
        assert_eq!(
            load(&[
                ("TINTYPE_LIMITS__QUOTA_BYTES", ""),
                ("TINTYPE_STORAGE__R2_ACCOUNT_ID", "")
            ])
            .unwrap()
            .limits
            .quota_bytes,
            None
        );
    }

    #[test]
    fn a_sweep_takes_nothing_that_is_younger_than_an_upload_can_be() {
        let hours = |vars: &[(&str, &str)]| load(vars).unwrap().sweep_grace().num_hours();
        assert_eq!(hours(&[]), 24);
        assert_eq!(hours(&[("TINTYPE_SWEEP__GRACE", "60")]), 1);
        assert_eq!(
            hours(&[
                ("TINTYPE_TIMES__UPLOAD_URL", "604800"),
                ("TINTYPE_TIMES__UPLOAD_GRACE", "0")
            ]),
            7 * 24
        );
        assert!(
            load(&[("TINTYPE_SWEEP__MAX_PERCENT", "101")])
                .unwrap_err()
                .contains("SWEEP__MAX_PERCENT")
        );
    }

    #[test]
    fn an_unknown_key_is_an_error_that_names_it() {
        assert!(
            load(&[("TINTYPE_SERVER__APP_ADR", "127.0.0.1:9")])
                .unwrap_err()
                .contains("app_adr")
        );
    }

    #[test]
    fn every_value_that_can_not_be_read_is_named_at_once() {
        let fault = load(&[
            ("TINTYPE_LIMITS__MAX_BYTES", "many"),
            ("TINTYPE_SERVER__APP_ADDR", "here"),
            ("TINTYPE_SERVER__TRUSTED_PROXIES", "10.0.0.0/8, nowhere"),
            ("TINTYPE_SERVER__DELIVERY", "pigeon"),
        ])
        .unwrap_err();
        for name in [
            "LIMITS__MAX_BYTES",
            "SERVER__APP_ADDR",
            "SERVER__TRUSTED_PROXIES",
            "SERVER__DELIVERY",
        ] {
            assert!(fault.contains(name), "{name} in {fault}");
        }
    }

    #[test]
    fn registration_is_closed_outside_loopback_unless_it_is_opened() {
        let outside = [
            ("TINTYPE_SERVER__APP_ADDR", "0.0.0.0:8080"),
            ("TINTYPE_SERVER__APP_URL", "https://img.example.com"),
            ("TINTYPE_SERVER__MEDIA_URL", "https://media.example.com"),
            (
                "TINTYPE_STORAGE__R2_ACCOUNT_ID",
                "0123456789abcdef0123456789abcdef",
            ),
            ("TINTYPE_STORAGE__ACCESS_KEY_ID", "id"),
            ("TINTYPE_STORAGE__SECRET_ACCESS_KEY", "key"),
            (
                "TINTYPE_AUTH__JWT_SECRET",
                "0123456789abcdefghijklmnopqrstuv",
            ),
        ];
        let config = load(&outside).unwrap();
        assert_eq!(config.registration(), Registration::Closed);
        assert_eq!(
            config.storage.endpoint.as_ref().unwrap().as_str(),
            "https://0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com/"
        );
        let open: Vec<_> = outside
            .into_iter()
            .chain([("TINTYPE_AUTH__REGISTRATION", "open")])
            .collect();
        assert_eq!(load(&open).unwrap().registration(), Registration::Open);
    }

    #[test]
    fn a_public_address_closes_registration_and_asks_for_a_proxy_though_the_server_listens_on_loopback()
     {
        for (app, media, is_public) in [
            ("https://img.example.com", "https://media.example.com", true),
            ("http://127.0.0.1:8080", "http://192.168.1.5:8081", true),
            ("http://[2001:db8::1]:8080", "http://localhost:8081", true),
            (
                "http://localhost.example.com",
                "http://localhost:8081",
                true,
            ),
            ("http://localhost:8080", "http://localhost:8081", false),
            ("http://app.localhost:8080", "http://[::1]:8081", false),
            ("http://127.0.0.1:8080", "http://127.8.0.1:8081", false),
        ] {
            let urls = [
                ("TINTYPE_SERVER__APP_URL", app),
                ("TINTYPE_SERVER__MEDIA_URL", media),
            ];
            let config = load(&urls).unwrap();
            let expected = if is_public {
                Registration::Closed
            } else {
                Registration::Open
            };
            assert_eq!(
                (config.registration(), config.public_limits().registration),
                (expected, expected),
                "{app} {media}"
            );
            let missing = config.missing_proxies();
            assert_eq!(missing.is_some(), is_public, "{app} {media}: {missing:?}");
            assert!(
                missing.is_none_or(|line| line.contains("TINTYPE_SERVER__TRUSTED_PROXIES")
                    && line.contains("127.0.0.1")
                    && !line.contains('\n'))
            );
            let set = |name, value| load(&[urls[0], urls[1], (name, value)]).unwrap();
            assert_eq!(
                set("TINTYPE_AUTH__REGISTRATION", "open").registration(),
                Registration::Open
            );
            assert_eq!(
                set("TINTYPE_SERVER__TRUSTED_PROXIES", "127.0.0.1").missing_proxies(),
                None
            );
        }
    }

    #[test]
    fn a_worker_needs_a_database_and_a_store_that_others_reach() {
        let fault = Config::from_sources(None, HashMap::new(), Role::Worker)
            .unwrap_err()
            .to_string();
        assert!(
            fault.contains("DATABASE_URL") && fault.contains("TINTYPE_STORAGE__ENDPOINT"),
            "{fault}"
        );
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
        let fault = load(&[
            ("TINTYPE_SERVER__APP_URL", url),
            ("TINTYPE_SERVER__MEDIA_URL", url),
        ])
        .unwrap_err();
        assert!(fault.contains("different origins"));
    }

    #[test]
    fn short_or_well_known_secrets_stop_the_start_and_are_never_printed() {
        for bad in [
            "short",
            "changemechangemechangemechangeme",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        ] {
            let fault = load(&[("TINTYPE_AUTH__JWT_SECRET", bad)]).unwrap_err();
            assert!(
                fault.contains("JWT_SECRET") && !fault.contains(bad),
                "{fault}"
            );
        }
    }

    #[test]
    fn postgres_needs_a_secret() {
        assert!(
            load(&[("DATABASE_URL", "postgres://x")])
                .unwrap_err()
                .contains("JWT_SECRET")
        );
    }

    #[test]
    fn a_secret_can_be_a_file() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "0123456789abcdefghijklmnopqrstuv\n").unwrap();
        let config = load(&[(
            "TINTYPE_AUTH__JWT_SECRET_FILE",
            file.path().to_str().unwrap(),
        )])
        .unwrap();
        assert_eq!(
            config.auth.jwt_secret.as_ref().unwrap().expose(),
            "0123456789abcdefghijklmnopqrstuv"
        );
        assert!(!format!("{config:?}").contains("0123456789"));
    }
}
