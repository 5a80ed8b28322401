//! The database: connections, entities and column types.

pub mod album;
pub mod album_image;
pub mod api_token;
mod chained;
mod claim;
mod columns;
mod fault;
pub mod idempotency_key;
pub mod image;
pub mod installation;
pub mod known_address;
pub mod rate_count;
pub mod schema;
pub mod session;
mod sqlite;
pub mod upload;
pub mod user;

use std::time::Duration;

use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbBackend, DbErr};

use crate::private;

pub use chained::insert_if_updated;
pub use claim::claim_due;
pub use columns::{
    AlbumId, ImageId, ImageIds, MediaType, Reason, Receipt, ReceiptText, RemovedByClient, Scopes,
    SessionId, Sha256, Slug, TokenId, UserId,
};
pub use fault::{Fault, fault};
pub use schema::OpenError;

/// How long a request waits for a connection; refused connections are retried meanwhile.
const ACQUIRE: Duration = Duration::from_millis(1500);
/// The time limit of a statement, and of waiting for a lock (milliseconds).
const STATEMENT: Duration = Duration::from_secs(5);
/// The same for statements that read whole tables.
const LONG_STATEMENT: Duration = Duration::from_mins(1);
const LOCK_MS: &str = "2000";

/// Whether an address is one of PostgreSQL; others are of `SQLite`.
#[must_use]
pub fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres")
}

/// Opens the database and brings its schema up to date.
///
/// # Errors
/// When it cannot be reached, a migration fails, or its schema is newer than this program.
pub async fn open(url: &str, max_connections: u32) -> Result<DatabaseConnection, OpenError> {
    schema::up(url).await?;
    let db = connect(url, max_connections)
        .await
        .map_err(OpenError::Unreachable)?;
    installation::make(&db)
        .await
        .map_err(OpenError::Unreachable)?;
    Ok(db)
}

/// Opens the database as it is.
///
/// # Errors
/// When it cannot be reached.
pub async fn connect(url: &str, max_connections: u32) -> Result<DatabaseConnection, DbErr> {
    private::database(url);
    let mut options = options(url);
    options.max_connections(max_connections);
    if is_postgres(url) {
        options.statement_timeout(STATEMENT);
    }
    Database::connect(options).await
}

/// Opens the database as it is, for reading alone: it refuses to write, and a file that isn't there is not made.
///
/// # Errors
/// When it cannot be reached.
pub async fn connect_to_read(url: &str) -> Result<DatabaseConnection, DbErr> {
    let mut options = options(url);
    options
        .max_connections(2)
        .map_sqlx_postgres_opts(|postgres| {
            postgres.application_name("tintype").options([
                ("lock_timeout", LOCK_MS),
                ("default_transaction_read_only", "on"),
            ])
        })
        .map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .create_if_missing(false)
                .busy_timeout(Duration::from_secs(5))
                .pragma("query_only", "ON")
        })
        // Read-only access is enough.
        .map_sqlx_sqlite_pool_opts(|pool| pool);
    if is_postgres(url) {
        options.statement_timeout(LONG_STATEMENT);
    }
    Database::connect(options).await
}

/// Opens the database as it is, for maintenance that reads whole tables and writes little. A missing file is not created.
///
/// # Errors
/// When it cannot be reached.
pub async fn connect_beside(url: &str) -> Result<DatabaseConnection, DbErr> {
    let mut options = options(url);
    options
        .max_connections(2)
        .map_sqlx_sqlite_opts(|sqlite| sqlite::options(sqlite).create_if_missing(false));
    if is_postgres(url) {
        options.statement_timeout(LONG_STATEMENT);
    }
    Database::connect(options).await
}

/// One connection, without a time limit for statements: for changes of the schema.
async fn connect_alone(url: &str) -> Result<DatabaseConnection, DbErr> {
    private::database(url);
    let mut options = options(url);
    options.max_connections(1);
    Database::connect(options).await
}

fn options(url: &str) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .sqlx_logging(false)
        .test_before_acquire(false)
        // After a restart of the database a pool is full of dead connections.
        .test_before_acquire_if_idle_for(Duration::from_secs(1))
        .connect_timeout(ACQUIRE)
        .acquire_timeout(ACQUIRE)
        .map_sqlx_postgres_opts(|postgres| {
            postgres
                .application_name("tintype")
                .options([("lock_timeout", LOCK_MS)])
        })
        .map_sqlx_sqlite_opts(sqlite::options)
        .map_sqlx_sqlite_pool_opts(sqlite::keep_sound);
    options
}

/// Idle and used connections of the pool.
#[must_use]
pub fn connections(db: &DatabaseConnection) -> (usize, usize) {
    let (size, idle) = if db.get_database_backend() == DbBackend::Postgres {
        let pool = db.get_postgres_connection_pool();
        (pool.size(), pool.num_idle())
    } else {
        let pool = db.get_sqlite_connection_pool();
        (pool.size(), pool.num_idle())
    };
    (idle, (size as usize).saturating_sub(idle))
}
