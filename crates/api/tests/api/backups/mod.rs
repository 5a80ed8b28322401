//! Backups are whole, and come back into either database and any store.

pub mod killed;
mod whole;

use std::path::Path;

use tempfile::TempDir;
use tintype_api::backups::{
    BackupsError, archive, back_up_installation, restore_installation, verify_backup,
};
use tintype_api::config::Config;
use tintype_core::backup::{Manifest, Progress, Step, Taken};
use tintype_core::secret::Secret;

use crate::server::{On, TestServer, new_postgres_database};

/// Nobody watches.
struct Unseen;

impl Progress for Unseen {
    fn begin(&self, _: Step, _: u64) {}
    fn advance(&self, _: u64) {}
}

/// What a backup is restored into: a folder, a database and the embedded store, all empty.
struct Empty {
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

    async fn restore(&self, from: &Path) -> Result<Manifest, BackupsError> {
        let archive = archive(from.to_str().unwrap());
        restore_installation(&self.config, &archive, &Unseen).await
    }

    /// A server on what was restored.
    async fn start(self, on: On) -> TestServer {
        let Config {
            database, data_dir, ..
        } = self.config;
        let mut server = TestServer::start_with(on, |config| {
            config.database = database;
            config.data_dir = data_dir;
        })
        .await;
        server.folder = self.folder;
        server
    }
}

impl TestServer {
    async fn back_up(&self, into: &Path) -> Result<Taken, BackupsError> {
        let archive = archive(into.to_str().unwrap());
        back_up_installation(&self.config, &archive, &Unseen).await
    }
}

/// What is damaged in a backup.
async fn damage(place: &Path) -> Vec<String> {
    let archive = archive(place.to_str().unwrap());
    verify_backup(&archive, &Unseen).await.unwrap().damaged
}
