//! Migrations: one process at a time applies them. A program works on the schema of the version after it too, which takes nothing away that it
//! reads.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement};
use tintype_migrations::{Migrator, MigratorTrait, SchemaManager, is_for};

use super::connect_alone;

/// Why the database can't be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It does not answer, or refuses us.
    #[error(
        "the database can't be opened: check DATABASE_URL or TINTYPE_DATA_DIR, that the database is running, and that this user may write its files and their disk has space left"
    )]
    Unreachable(#[source] DbErr),
    /// Nobody has made it yet.
    #[error(
        "there is no database at {0}: `tintype serve` and `tintype migrate up` make it; or name the folder that it is in with TINTYPE_DATA_DIR"
    )]
    Missing(PathBuf),
    /// A change of the schema failed.
    #[error("the database's schema can't be changed")]
    Migration(#[source] DbErr),
    /// A newer Tintype has been here, and has taken away what this one needs.
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
    // A newer program has made all of these and more, which the migrator would refuse.
    if !pending(&db).await.map_err(OpenError::Migration)?.is_empty() {
        Migrator::up(&db, None)
            .await
            .map_err(OpenError::Migration)?;
    }
    close(db).await
}

/// Reverts the last `steps` migrations.
///
/// # Errors
/// See [`OpenError`]. Only the program that knows a migration can revert it.
pub async fn down(url: &str, steps: u32) -> Result<(), OpenError> {
    let db = exclusive(url).await?;
    let applied = applied(&db).await.map_err(OpenError::Migration)?;
    if let Some(newer) = unknown(&applied).next() {
        return Err(OpenError::Newer(newer.to_owned()));
    }
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
    let all = known()
        .map(|name| (name.clone(), !pending.contains(&name)))
        .collect();
    close(db).await?;
    Ok(all)
}

/// The missing migrations, read without changing anything.
///
/// # Errors
/// When the database does not answer, or is too new for this program.
pub async fn pending(db: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    let applied = applied(db).await?;
    if let Some(newer) = too_new(&applied) {
        return Err(DbErr::Custom(newer.to_string()));
    }
    Ok(known().filter(|name| !applied.contains(name)).collect())
}

fn known() -> impl Iterator<Item = String> {
    Migrator::migrations()
        .into_iter()
        .map(|change| change.name().to_owned())
}

/// Read as they stand: the migrator would make their table first, which an audit may not.
async fn applied(db: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    let table = Migrator::migration_table_name().to_string();
    if !SchemaManager::new(db).has_table(&table).await? {
        return Ok(Vec::new());
    }
    let sql = format!("SELECT version FROM {table} ORDER BY version");
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let rows = db.query_all_raw(statement).await?;
    rows.iter().map(|row| row.try_get("", "version")).collect()
}

/// What newer programs have applied.
fn unknown(applied: &[String]) -> impl Iterator<Item = &str> {
    let known: Vec<_> = known().collect();
    let names = applied.iter().map(String::as_str);
    names.filter(move |name| !known.iter().any(|known| known == name))
}

fn too_new(applied: &[String]) -> Option<OpenError> {
    unknown(applied)
        .find(|name| !is_for(name, env!("CARGO_PKG_VERSION")))
        .map(|name| OpenError::Newer(name.to_owned()))
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

/// The columns of each table as this change of the schema leaves them, but for those that the database works out. They are read from a database in
/// memory, which takes some milliseconds. `None`: this program does not know the change.
///
/// # Errors
/// See [`OpenError`].
pub async fn columns_at(last: &str) -> Result<Option<Columns>, OpenError> {
    let Some(place) = known().position(|name| name == last) else {
        return Ok(None);
    };
    let db = connect_alone("sqlite::memory:")
        .await
        .map_err(OpenError::Unreachable)?;
    let steps = u32::try_from(place + 1).unwrap_or(u32::MAX);
    let columns = async {
        Migrator::up(&db, Some(steps)).await?;
        columns(&db).await
    };
    let columns = columns.await.map_err(OpenError::Migration)?;
    close(db).await?;
    Ok(Some(columns))
}

/// Whether a table is the one that names the changes that were made.
#[must_use]
pub fn is_own(table: &str) -> bool {
    table == Migrator::migration_table_name().to_string()
}

/// The names of columns, by those of their tables.
pub type Columns = BTreeMap<String, BTreeSet<String>>;

async fn columns(db: &DatabaseConnection) -> Result<Columns, DbErr> {
    let sql = "SELECT m.name AS name, p.name AS field FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table'";
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let mut columns = Columns::new();
    for row in db.query_all_raw(statement).await? {
        let table: String = row.try_get("", "name")?;
        let names = columns.entry(table).or_default();
        names.insert(row.try_get("", "field")?);
    }
    Ok(columns)
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
    let applied = applied(&db).await.map_err(OpenError::Migration)?;
    too_new(&applied).map_or(Ok(db), Err)
}

async fn close(db: DatabaseConnection) -> Result<(), OpenError> {
    db.close().await.map_err(OpenError::Unreachable)
}
