//! Checks on combinations of settings.

use std::collections::HashSet;

use super::Config;
use tintype_core::passwords::COSTS;

/// The role of a process, as far as its settings depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Serves requests.
    Serve,
    /// Finishes uploads, next to processes that serve.
    Worker,
    /// Is the store of an installation without one.
    Storage,
    /// Runs one command on the database.
    Tool,
}

/// All conflicts between settings, in sentences that name the variable.
pub fn faults(config: &Config, role: Role) -> Vec<String> {
    let mut rules = Rules(Vec::new());
    rules.limits(config);
    rules.storage(config);
    match role {
        Role::Serve => rules.server(config),
        Role::Worker => rules.worker(config),
        Role::Storage => rules.trial_storage(config),
        Role::Tool => {}
    }
    rules.0
}

struct Rules(Vec<String>);

impl Rules {
    fn must(&mut self, holds: bool, fault: &str) {
        if !holds {
            self.0.push(fault.to_owned());
        }
    }

    fn limits(&mut self, config: &Config) {
        self.must(
            COSTS.contains(&config.auth.bcrypt_cost),
            "TINTYPE_AUTH__BCRYPT_COST must be 4 to 16",
        );
        self.must(
            (1..=604_800).contains(&config.times.upload_url),
            "TINTYPE_TIMES__UPLOAD_URL must be 1 to 604800 seconds",
        );
        self.must(
            config.sweep.max_percent <= 100,
            "TINTYPE_SWEEP__MAX_PERCENT must be 0 to 100",
        );
        self.must(
            config.limits.max_bytes >= 1,
            "TINTYPE_LIMITS__MAX_BYTES must be at least 1",
        );
        self.must(
            config.database.max_connections >= 2,
            "TINTYPE_DATABASE__MAX_CONNECTIONS must be at least 2",
        );
        self.must(
            (8..=100_000).contains(&config.server.max_connections),
            "TINTYPE_SERVER__MAX_CONNECTIONS must be 8 to 100000",
        );
        let is_within = (1..=config.server.max_connections).contains(&config.server.per_address());
        self.must(is_within, "TINTYPE_SERVER__MAX_CONNECTIONS_PER_ADDRESS must be 1 to TINTYPE_SERVER__MAX_CONNECTIONS");
        self.must(
            config.server.slowest_bytes_per_second >= 1,
            "TINTYPE_SERVER__SLOWEST_BYTES_PER_SECOND must be at least 1",
        );
        self.must(
            config.storage.slowest_bytes_per_second >= 1,
            "TINTYPE_STORAGE__SLOWEST_BYTES_PER_SECOND must be at least 1",
        );
        self.must(
            (0.0..=1.0).contains(&config.traces.ratio),
            "TINTYPE_TRACES__RATIO must be 0 to 1",
        );
        let is_http = config
            .traces
            .endpoint
            .as_ref()
            .is_none_or(|url| matches!(url.scheme(), "http" | "https"));
        self.must(is_http, "TINTYPE_TRACES__ENDPOINT must be an http:// or https:// address, as http://collector:4318");
    }

    fn storage(&mut self, config: &Config) {
        let storage = &config.storage;
        if let Some(account) = &storage.r2_account_id {
            let is_id = account.len() == 32 && account.bytes().all(|b| b.is_ascii_hexdigit());
            self.must(is_id, "TINTYPE_STORAGE__R2_ACCOUNT_ID must be the 32 hex digits that Cloudflare's R2 page shows");
            self.must(
                storage.endpoint.is_none(),
                "set TINTYPE_STORAGE__R2_ACCOUNT_ID or TINTYPE_STORAGE__ENDPOINT, not both",
            );
        }
        if storage.endpoint.is_some() || storage.r2_account_id.is_some() {
            self.must(
                storage.access_key_id.is_some(),
                "TINTYPE_STORAGE__ACCESS_KEY_ID is needed with a store elsewhere",
            );
            self.must(
                storage.secret_access_key.is_some(),
                "TINTYPE_STORAGE__SECRET_ACCESS_KEY is needed with a store elsewhere",
            );
        }
    }

    fn server(&mut self, config: &Config) {
        let server = &config.server;
        if !config.listens_on_loopback() {
            self.must(
                server.app_url.is_some(),
                "TINTYPE_SERVER__APP_URL is needed when the server listens outside loopback",
            );
            self.must(
                server.media_url.is_some(),
                "TINTYPE_SERVER__MEDIA_URL is needed when the server listens outside loopback",
            );
            let elsewhere =
                config.storage.endpoint.is_some() || config.storage.r2_account_id.is_some();
            self.must(
                elsewhere,
                "TINTYPE_STORAGE__ENDPOINT is needed: the embedded store is for loopback only",
            );
        }
        self.origins(config);
        if !config.listens_on_loopback() || config.has_postgres() {
            self.must(
                config.auth.jwt_secret.is_some(),
                "TINTYPE_AUTH__JWT_SECRET is needed outside loopback and with PostgreSQL",
            );
        }
        if let Some(secret) = &config.auth.jwt_secret {
            self.must(
                secret.expose().len() >= 32,
                "TINTYPE_AUTH__JWT_SECRET must have at least 32 bytes; make one with `openssl rand -hex 32`",
            );
            self.must(
                !is_well_known(secret.expose()),
                "TINTYPE_AUTH__JWT_SECRET is a well-known value; make one with `openssl rand -hex 32`",
            );
        }
        self.must(
            server.worker || config.has_postgres(),
            "TINTYPE_SERVER__WORKER can be false with PostgreSQL only: nobody else can work on SQLite",
        );
    }

    fn origins(&mut self, config: &Config) {
        let server = &config.server;
        if let (Some(app), Some(media)) = (&server.app_url, &server.media_url) {
            self.must(
                app.origin() != media.origin(),
                "TINTYPE_SERVER__APP_URL and TINTYPE_SERVER__MEDIA_URL must be different origins",
            );
        }
        for (name, url) in [
            ("APP_URL", &server.app_url),
            ("MEDIA_URL", &server.media_url),
        ] {
            let plain = url
                .as_ref()
                .is_none_or(|u| u.path() == "/" && u.query().is_none() && u.has_host());
            self.must(plain, &format!("TINTYPE_SERVER__{name} must be an origin like https://img.example.com, without a path"));
        }
    }

    fn worker(&mut self, config: &Config) {
        self.must(config.has_postgres(), "DATABASE_URL must name a PostgreSQL database: on SQLite `tintype serve` does this work itself");
        let elsewhere = config.storage.endpoint.is_some() || config.storage.r2_account_id.is_some();
        self.must(elsewhere, "TINTYPE_STORAGE__ENDPOINT is needed: with the embedded store `tintype serve` does this work itself");
    }

    fn trial_storage(&mut self, config: &Config) {
        self.origins(config);
        self.must(
            config.server.app_url.is_some(),
            "TINTYPE_SERVER__APP_URL is needed: the only origin that a page may send files from",
        );
        self.must(
            config.storage.access_key_id.is_some(),
            "TINTYPE_STORAGE__ACCESS_KEY_ID is needed",
        );
        self.must(
            config.storage.secret_access_key.is_some(),
            "TINTYPE_STORAGE__SECRET_ACCESS_KEY is needed",
        );
        if let Some(secret) = &config.storage.secret_access_key {
            let strong = secret.expose().len() >= 16 && !is_well_known(secret.expose());
            self.must(strong, "TINTYPE_STORAGE__SECRET_ACCESS_KEY is short or well known; make one with `openssl rand -hex 32`");
        }
    }
}

/// Whether the secret is printed in a manual, or has hardly any variety.
fn is_well_known(secret: &str) -> bool {
    let lower = secret.to_ascii_lowercase();
    let variety: HashSet<char> = lower.chars().collect();
    variety.len() < 8
        || ["secret", "changeme", "change-me", "password", "example"]
            .iter()
            .any(|word| lower.contains(word))
}
