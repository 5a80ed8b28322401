//! The database: how it is opened, and its rows. Rows never leave the capability that reads them.

pub mod image;
pub mod upload;
pub mod user;

use std::time::Duration;

use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr};
use tintype_migrations::{Migrator, MigratorTrait};

/// Opens the database and brings its schema up to date.
///
/// # Errors
/// When it cannot be reached or a migration fails.
pub async fn open(url: &str) -> Result<DatabaseConnection, DbErr> {
    let db = Database::connect(options(url)).await?;
    Migrator::up(&db, None).await?;
    Ok(db)
}

fn options(url: &str) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .sqlx_logging(false)
        .test_before_acquire(false)
        .connect_timeout(Duration::from_secs(2))
        .acquire_timeout(Duration::from_secs(2))
        .max_connections(16)
        .map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .create_if_missing(true)
                .foreign_keys(true)
                .busy_timeout(Duration::from_secs(5))
                .pragma("journal_mode", "WAL")
                .pragma("synchronous", "FULL")
        });
    options
}
