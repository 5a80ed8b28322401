//! How SQLite is opened, and which of its connections go back into the pool.

use std::time::Duration;

use sea_orm::sqlx::pool::PoolOptions;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sea_orm::sqlx::{Connection, Error, Executor, Sqlite};

/// Durable at every commit; one writer at a time, and the others wait.
pub(super) fn options(sqlite: SqliteConnectOptions) -> SqliteConnectOptions {
    sqlite
        .create_if_missing(true)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5))
        .pragma("journal_mode", "WAL")
        .pragma("synchronous", "FULL")
}

/// Keeps connections out of the pool that would keep failing, or worse, once the disk works again.
pub(super) fn keep_sound(pool: PoolOptions<Sqlite>) -> PoolOptions<Sqlite> {
    pool.after_connect(|connection, _| Box::pin(refuse_read_only(connection)))
        .after_release(|connection, _| Box::pin(is_sound(connection)))
}

/// SQLite silently opens an unwritable file read-only, and never tries again. A write transaction finds out.
async fn refuse_read_only(connection: &mut SqliteConnection) -> Result<(), Error> {
    match connection.execute("BEGIN IMMEDIATE").await {
        Ok(_) => connection.execute("ROLLBACK").await.map(drop),
        // Another connection is writing, so the file is writable.
        Err(Error::Database(error)) if error.code().is_some_and(|code| code == "5") => Ok(()),
        Err(error) => Err(error),
    }
}

/// Whether its last transaction ended as the driver believes.
///
/// If the disk is full, a read or write fails or memory runs out, SQLite rolls a transaction back by itself. The ROLLBACK that follows
/// fails, and the driver counts the transaction as open for ever: it turns the next one into a savepoint, whose rollback leaves a real
/// transaction open. Every later write on that connection is acknowledged, visible to nobody, and lost with the process.
async fn is_sound(connection: &mut SqliteConnection) -> Result<bool, Error> {
    // A dropped transaction is rolled back on the connection's own thread: the answer comes after it.
    connection.ping().await?;
    let is_sound = !connection.is_in_transaction();
    if !is_sound {
        tracing::warn!("a connection whose transaction failed is closed");
    }
    Ok(is_sound)
}
