//! Backups are whole, and come back into either database and any store.

mod careful;
mod damaged;
pub mod drill;
mod elsewhere;
mod encrypted;
pub mod killed;
mod large;
mod lying;
pub mod whole;

use std::path::Path;

use tempfile::TempDir;
use tintype_api::backups::{
    BackupsError, back_up_installation, files, restore_installation, verify_backup,
};
use tintype_api::config::Config;
use tintype_core::backup::{Damaged, Progress, Restored, Shrunk, Step, Taken};
use tintype_core::secret::Secret;

use crate::program::run;
use crate::server::{On, TestServer, new_postgres_database};
use crate::stores::settings_of_store;

/// Nobody watches.
pub struct Unseen;

impl Progress for Unseen {
    fn begin(&self, _: Step, _: u64) {}
    fn advance(&self, _: u64) {}
}

/// What a backup is restored into: a folder, a database and the embedded store, all empty.
pub struct Empty {
    folder: TempDir,
    config: Config,
}

impl Empty {
    async fn new(on: On) -> Self {
        let folder = TempDir::new().unwrap();
        let mut config = Config {
            data_dir: folder.path().into(),
            ..Config::default()
        };
        if on == On::Postgres {
            config.database.url = Some(Secret::from(new_postgres_database().await));
        }
        Self { folder, config }
    }

    async fn restore(&self, from: &Path) -> Result<Restored, BackupsError> {
        let files = files(&self.config, from.to_str().unwrap())?;
        restore_installation(&self.config, files, None, Damaged::Refused, &Unseen).await
    }

    /// Runs `tintype restore`.
    fn run(&self, from: &Path, more: &[(&str, &str)]) -> (bool, String, String) {
        let own = settings(&self.config);
        let own = own.iter().map(|(name, value)| (*name, value.as_str()));
        let settings: Vec<_> = own.chain(more.iter().copied()).collect();
        let arguments = ["restore", from.to_str().unwrap()];
        run(&arguments, self.folder.path(), &settings)
    }

    /// The same, without what is damaged.
    fn run_without_damaged(&self, from: &Path) -> (bool, String, String) {
        let own = settings(&self.config);
        let own: Vec<_> = own.iter().map(|(name, value)| (*name, &**value)).collect();
        let arguments = ["restore", "--leave-out-damaged", from.to_str().unwrap()];
        run(&arguments, self.folder.path(), &own)
    }

    /// Starts a server, which is to end by itself; and what it says then.
    fn serves(&self) -> (bool, String) {
        let own = settings(&self.config);
        let own = own.iter().map(|(name, value)| (*name, value.as_str()));
        let anywhere =
            ["APP", "MEDIA", "OPS"].map(|listener| format!("TINTYPE_SERVER__{listener}_ADDR"));
        let anywhere = anywhere.iter().map(|name| (name.as_str(), "127.0.0.1:0"));
        let secret = (
            "TINTYPE_AUTH__JWT_SECRET",
            "0123456789abcdef0123456789abcdef",
        );
        let settings: Vec<_> = own.chain(anywhere).chain([secret]).collect();
        let (ok, _, errors) = run(&["serve"], self.folder.path(), &settings);
        (ok, errors)
    }

    /// A server on what was restored.
    async fn start(self, on: On) -> TestServer {
        let Config {
            database,
            data_dir,
            storage,
            ..
        } = self.config;
        let mut server = TestServer::start_with(on, |config| {
            config.database = database;
            config.data_dir = data_dir;
            config.storage = storage;
        })
        .await;
        server.folder = self.folder;
        server
    }
}

impl TestServer {
    async fn back_up(&self, into: &Path) -> Result<Taken, BackupsError> {
        let files = files(&self.config, into.to_str().unwrap())?;
        back_up_installation(&self.config, files, None, Shrunk::Refused, &Unseen).await
    }

    /// Runs `tintype` on this server's database and bucket.
    pub fn run(&self, arguments: &[&str], more: &[(&str, &str)]) -> (bool, String, String) {
        let own = settings(&self.config);
        let own = own.iter().map(|(name, value)| (*name, value.as_str()));
        let settings: Vec<_> = own.chain(more.iter().copied()).collect();
        run(arguments, self.folder.path(), &settings)
    }
}

/// What a process is told to work on the same database and store.
pub fn settings(config: &Config) -> Vec<(&'static str, String)> {
    let mut settings = settings_of_store(config);
    settings.push((
        "TINTYPE_SERVER__MEDIA_ADDR",
        config.server.media_addr.to_string(),
    ));
    let url = config.database.url.as_ref();
    settings.extend(url.map(|url| ("DATABASE_URL", url.expose().to_owned())));
    settings
}

/// What is damaged in a backup.
async fn damage(place: &Path) -> Vec<String> {
    let files = files(&Config::default(), place.to_str().unwrap()).unwrap();
    let verified = verify_backup(files, None, &Unseen).await;
    verified.unwrap().damaged
}
