//! How SQLite is opened, and which of its connections go back into the pool.

use std::time::Duration;

use sea_orm::sqlx::pool::PoolOptions;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sea_orm::sqlx::{Connection, Error, Executor, Sqlite};

/// Durable at every commit; one writer at a time, for which others wait.
pub(super) fn options(sqlite: SqliteConnectOptions) -> SqliteConnectOptions {
    sqlite
        .create_if_missing(true)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5))
        .pragma("journal_mode", "WAL")
        .pragma("synchronous", "FULL")
}

/// Keeps connections out of the pool that would go on failing, or worse, when the disk is well again.
pub(super) fn keep_sound(pool: PoolOptions<Sqlite>) -> PoolOptions<Sqlite> {
    pool.after_connect(|connection, _| Box::pin(refuse_read_only(connection)))
        .after_release(|connection, _| Box::pin(is_sound(connection)))
}

/// SQLite opens a file that can't be written for reading, without a word, and stays so. A transaction that means to write finds out.
async fn refuse_read_only(connection: &mut SqliteConnection) -> Result<(), Error> {
    match connection.execute("BEGIN IMMEDIATE").await {
        Ok(_) => connection.execute("ROLLBACK").await.map(drop),
        // Others write, so it can be written.
        Err(Error::Database(error)) if error.code().is_some_and(|code| code == "5") => Ok(()),
        Err(error) => Err(error),
    }
}

/// Whether its last transaction ended as the driver believes.
///
/// When the disk is full, a read or write fails or memory runs out, SQLite rolls a transaction back by itself. The ROLLBACK that follows
/// fails, and the driver counts the transaction as open for ever: it makes a savepoint of the next one, whose rollback leaves a real
/// transaction open. Everything that is written on that connection later is acknowledged, seen by nobody, and gone with the process.
async fn is_sound(connection: &mut SqliteConnection) -> Result<bool, Error> {
    // A transaction that was dropped is rolled back in the connection's own thread: the answer comes behind it.
    connection.ping().await?;
    let is_sound = !connection.is_in_transaction();
    if !is_sound {
        tracing::warn!("a connection whose transaction failed is closed");
    }
    Ok(is_sound)
}
