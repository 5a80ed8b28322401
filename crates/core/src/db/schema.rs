//! Migrations: one process at a time applies them, and never one that is older than the schema.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr};
use tintype_migrations::{Migrator, MigratorTrait};

use super::connect_alone;

/// Why the database can't be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It does not answer, or refuses us.
    #[error(
        "the database can't be opened: check DATABASE_URL, that the database is running, and that its disk can be written and has space left"
    )]
    Unreachable(#[source] DbErr),
    /// A change of the schema failed.
    #[error("the database's schema can't be changed")]
    Migration(#[source] DbErr),
    /// A newer Tintype has been here.
    #[error(
        "the database's schema is newer than this program ({0}): start the newer program, or go back with its `tintype migrate down`"
    )]
    Newer(String),
}

/// Applies every missing migration. Processes that start together wait for each other.
///
/// # Errors
/// See [`OpenError`].
pub async fn up(url: &str) -> Result<(), OpenError> {
    let db = exclusive(url).await?;
    Migrator::up(&db, None)
        .await
        .map_err(OpenError::Migration)?;
    close(db).await
}

/// Reverts the last `steps` migrations.
///
/// # Errors
/// See [`OpenError`].
pub async fn down(url: &str, steps: u32) -> Result<(), OpenError> {
    let db = exclusive(url).await?;
    Migrator::down(&db, Some(steps))
        .await
        .map_err(OpenError::Migration)?;
    close(db).await
}

/// Every migration and whether it is applied.
///
/// # Errors
/// See [`OpenError`].
pub async fn status(url: &str) -> Result<Vec<(String, bool)>, OpenError> {
    let db = exclusive(url).await?;
    let pending = pending(&db).await.map_err(OpenError::Migration)?;
    let names = Migrator::migrations()
        .into_iter()
        .map(|change| change.name().to_owned());
    let all = names
        .map(|name| (name.clone(), !pending.contains(&name)))
        .collect();
    close(db).await?;
    Ok(all)
}

/// The missing migrations, read without changing anything.
///
/// # Errors
/// When the database does not answer, or is newer.
pub async fn pending(db: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    let pending = Migrator::get_pending_migrations_read_only(db).await?;
    Ok(pending
        .iter()
        .map(|change| change.name().to_owned())
        .collect())
}

/// Applies changes or takes them back until `last` is the last one: for a database without rows.
///
/// # Errors
/// See [`OpenError`].
pub async fn change_to(url: &str, last: &str) -> Result<(), OpenError> {
    let db = exclusive(url).await?;
    let all = Migrator::migrations();
    let wanted = all
        .iter()
        .position(|change| change.name() == last)
        .map_or(0, |place| place + 1);
    let pending = pending(&db).await.map_err(OpenError::Migration)?.len();
    let applied = all.len() - pending;
    let steps = |more: usize| Some(u32::try_from(more).unwrap_or(u32::MAX));
    if applied < wanted {
        Migrator::up(&db, steps(wanted - applied))
            .await
            .map_err(OpenError::Migration)?;
    } else if wanted < applied {
        Migrator::down(&db, steps(applied - wanted))
            .await
            .map_err(OpenError::Migration)?;
    }
    close(db).await
}

/// Whether this program has this change of the schema.
#[must_use]
pub fn is_known(name: &str) -> bool {
    let all = Migrator::migrations();
    all.iter().any(|change| change.name() == name)
}

/// The last change that this program knows.
#[must_use]
pub fn latest() -> String {
    let all = Migrator::migrations();
    all.last()
        .map(|change| change.name().to_owned())
        .unwrap_or_default()
}

/// A connection that holds the migration lock. Closing it releases the lock.
async fn exclusive(url: &str) -> Result<DatabaseConnection, OpenError> {
    let db = connect_alone(url).await.map_err(OpenError::Unreachable)?;
    if db.get_database_backend() == DbBackend::Postgres {
        // "tintype" in ASCII; SQLite is guarded by the lock on the data folder. `lock_timeout` must not end this wait.
        db.execute_unprepared("SET lock_timeout = 0")
            .await
            .map_err(OpenError::Unreachable)?;
        db.execute_unprepared("SELECT pg_advisory_lock(32767446146707557)")
            .await
            .map_err(OpenError::Unreachable)?;
    }
    refuse_newer(&db).await?;
    Ok(db)
}

async fn refuse_newer(db: &DatabaseConnection) -> Result<(), OpenError> {
    let known: Vec<_> = Migrator::migrations()
        .iter()
        .map(|change| change.name().to_owned())
        .collect();
    let applied = Migrator::get_migration_models(db)
        .await
        .map_err(OpenError::Migration)?;
    let unknown = applied
        .into_iter()
        .map(|change| change.version)
        .find(|version| !known.contains(version));
    unknown.map_or(Ok(()), |version| Err(OpenError::Newer(version)))
}

async fn close(db: DatabaseConnection) -> Result<(), OpenError> {
    db.close().await.map_err(OpenError::Unreachable)
}
