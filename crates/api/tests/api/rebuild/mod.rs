//! A database is made again from the bucket alone, and opens nothing that was hidden.

mod damaged;
mod hidden;
pub mod killed;
mod large;
mod whole;

use prometheus_client::metrics::histogram::Histogram;
use tintype_api::rebuilding::{RebuildingError, rebuild_installation};
use tintype_api::serve;
use tintype_core::passwords::Passwords;
use tintype_core::rebuild::Report;
use tintype_core::secret::Secret;

use crate::backups::Unseen;
use crate::server::{TestServer, new_postgres_database};

pub fn passwords() -> Passwords {
    Passwords::new(4, Histogram::new([]))
}

impl TestServer {
    /// Loses its database, once it is stopped.
    pub async fn lose_rows(&mut self) {
        if self.config.has_postgres() {
            self.config.database.url = Some(Secret::from(new_postgres_database().await));
            return;
        }
        for entry in self.folder.path().read_dir().unwrap() {
            let path = entry.unwrap().path();
            if path.to_string_lossy().contains("tintype.db") {
                std::fs::remove_file(path).unwrap();
            }
        }
    }

    async fn try_rebuild(&self, hashes: bool) -> Result<Report, RebuildingError> {
        rebuild_installation(&self.config, &passwords(), hashes, &Unseen).await
    }

    /// Loses its database, and starts on one that is made again.
    async fn rebuild(&mut self) -> Report {
        self.running.take().unwrap().stop().await;
        self.lose_rows().await;
        let report = self.try_rebuild(true).await.unwrap();
        self.start_again().await;
        report
    }

    async fn start_again(&mut self) {
        let started = serve::start(self.config.clone(), self.clock.clone()).await;
        self.running = Some(started.unwrap());
    }
}
