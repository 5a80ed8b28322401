//! Puts the rows of a backup into an empty database.

use futures::StreamExt;
use sea_orm::sea_query::{Alias, Expr, Query};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, EntityName,
    EntityTrait, Statement, TransactionTrait,
};
use serde_json::Value as Json;
use tintype_storage::failpoint;

use super::BackupError;
use super::archive::Archive;
use super::manifest::{Manifest, Rows};
use super::progress::{Progress, Step};
use super::tables;
use crate::clock::Clock;
use crate::db::installation;

/// How many rows go into one statement.
const BATCH: usize = 200;

/// Uploads that were under way have ended: their URLs led elsewhere. Nothing is held for them any more, and nobody holds a lease.
const ENDS: [&str; 3] = [
    "UPDATE uploads SET state = 'expired', lease_id = NULL, lease_until = NULL, due_at = $1 WHERE state IN ('pending', 'processing')",
    "UPDATE users SET unfinished_uploads = 0, unfinished_ms = 0, used_bytes = \
        CAST(COALESCE((SELECT SUM(size_bytes) FROM images WHERE images.user_id = users.id), 0) AS bigint)",
    "UPDATE installation SET sweep_lease_until = NULL, kept_until = NULL",
];

/// The first table of a backup that has rows in this database, but for that of the installation, which any start fills.
pub async fn not_empty(db: &DatabaseConnection) -> Result<Option<&'static str>, DbErr> {
    for table in tables::all() {
        if table.name != installation::Entity.table_name()
            && is_there(db, table.name).await?
            && has_rows(db, table.name).await?
        {
            return Ok(Some(table.name));
        }
    }
    Ok(None)
}

async fn is_there(db: &DatabaseConnection, table: &str) -> Result<bool, DbErr> {
    let backend = db.get_database_backend();
    let sql = if backend == DbBackend::Postgres {
        "SELECT 1 WHERE to_regclass($1) IS NOT NULL"
    } else {
        "SELECT 1 FROM sqlite_master WHERE name = $1"
    };
    let question = Statement::from_sql_and_values(backend, sql, [table.into()]);
    Ok(db.query_one_raw(question).await?.is_some())
}

async fn has_rows(db: &DatabaseConnection, table: &str) -> Result<bool, DbErr> {
    let mut select = Query::select();
    select
        .expr(Expr::val(1))
        .from(Alias::new(table.to_owned()))
        .limit(1);
    Ok(db.query_one(&select).await?.is_some())
}

/// Puts in every row, in one transaction. The schema has to be that of the backup.
pub async fn load(
    db: &DatabaseConnection,
    clock: &Clock,
    archive: &Archive,
    manifest: &Manifest,
    progress: &dyn Progress,
) -> Result<(), BackupError> {
    let rows = manifest.tables.iter().map(|table| table.count).sum();
    progress.begin(Step::Load, rows);
    let transaction = db.begin().await?;
    installation::Entity::delete_many()
        .exec(&transaction)
        .await?;
    for table in tables::all() {
        let rows = manifest.tables.iter().find(|rows| rows.table == table.name);
        if let Some(rows) = rows {
            fill(&transaction, archive, rows, progress).await?;
        }
    }
    for (place, sql) in ENDS.into_iter().enumerate() {
        let backend = db.get_database_backend();
        let values = (place == 0).then(|| clock.now().into());
        transaction
            .execute_raw(Statement::from_sql_and_values(backend, sql, values))
            .await?;
    }
    installation::hold(&transaction, Some(manifest.backup)).await?;
    failpoint("restore.rows-put");
    transaction.commit().await?;
    failpoint("restore.rows-committed");
    Ok(())
}

async fn fill(
    transaction: &DatabaseTransaction,
    archive: &Archive,
    rows: &Rows,
    progress: &dyn Progress,
) -> Result<(), BackupError> {
    let lines = archive.lines(&rows.file.path).await?;
    let mut batches = std::pin::pin!(lines.chunks(BATCH));
    while let Some(batch) = batches.next().await {
        let count = batch.len() as u64;
        let mut insert = Query::insert();
        insert
            .into_table(Alias::new(&rows.table))
            .columns(rows.columns.iter().map(|column| Alias::new(&column.name)));
        for line in batch {
            let values = values(rows, &line?)?;
            insert.values(values).map_err(|_| damaged(rows))?;
        }
        let inserted = transaction.execute(&insert).await;
        inserted.map_err(|source| BackupError::Rows {
            table: rows.table.clone(),
            source,
        })?;
        progress.advance(count);
    }
    Ok(())
}

/// The values of a line.
fn values(rows: &Rows, line: &[u8]) -> Result<Vec<Expr>, BackupError> {
    let values: Vec<Json> = serde_json::from_slice(line).map_err(|_| damaged(rows))?;
    if values.len() != rows.columns.len() {
        return Err(damaged(rows));
    }
    let pairs = rows.columns.iter().zip(values);
    pairs
        .map(|(column, json)| column.kind.value(json).map(Expr::val))
        .collect::<Option<_>>()
        .ok_or_else(|| damaged(rows))
}

fn damaged(rows: &Rows) -> BackupError {
    BackupError::Damaged(format!("{} has a line that is no row", rows.file.path))
}
