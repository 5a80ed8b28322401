//! What each subcommand does.

mod audit;
mod backup;
mod doctor;
mod export;
mod image;
mod import;
mod migrate;
mod passphrase;
mod processes;
mod progress;
mod rebuild;
mod sweep;
mod user;

use sea_orm::DatabaseConnection;
use tintype_api::config::Config;
use tintype_core::db;

pub use audit::{Audit, audit};
pub use backup::{Backup, Restore, backup, restore};
pub use doctor::doctor;
pub use export::{Export, export};
pub use image::{Image, image};
pub use import::{Import, import};
pub use migrate::{Migrate, migrate};
pub use processes::{healthcheck, serve, storage, worker};
pub use rebuild::{Rebuild, rebuild};
pub use sweep::{Sweep, sweep};
pub use user::{User, user};

/// The database as it is, for one command, which makes none.
async fn database(config: &Config) -> Result<DatabaseConnection, db::OpenError> {
    if let Some(file) = config.database_file().filter(|file| !file.exists()) {
        return Err(db::OpenError::Missing(file));
    }
    db::connect_beside(&config.database_url())
        .await
        .map_err(db::OpenError::Unreachable)
}
