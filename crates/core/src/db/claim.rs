//! Claiming rows that are due.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, DatabaseConnection, DbBackend, DbErr, EntityTrait, ModelTrait, QueryFilter,
    Statement, TransactionTrait, Value,
};

/// Claims due rows. Accounts take turns, each with its most overdue row first, so that an account with thousands leaves room for the
/// others. On PostgreSQL rows are claimed until `until`: other workers leave them alone, and take over if this one dies. On SQLite there is
/// one process.
pub async fn claim_due<E: EntityTrait>(
    db: &DatabaseConnection,
    (id, due_at): (E::Column, E::Column),
    now: DateTime<Utc>,
    until: DateTime<Utc>,
    limit: u64,
) -> Result<Vec<E::Model>, DbErr> {
    let backend = db.get_database_backend();
    let due = || E::find().from_raw_sql(due(backend, E::default().table_name(), now, limit));
    if backend != DbBackend::Postgres {
        return due().all(db).await;
    }
    let transaction = db.begin().await?;
    let mut rows = due().all(&transaction).await?;
    if !rows.is_empty() {
        let ids = rows.iter().map(|row| row.get(id));
        E::update_many()
            .col_expr(due_at, Expr::value(Some(until)))
            .filter(id.is_in(ids))
            .exec(&transaction)
            .await?;
    }
    transaction.commit().await?;
    for row in &mut rows {
        row.try_set(due_at, Value::from(Some(until)))?;
    }
    Ok(rows)
}

/// Ranks come from a subquery: PostgreSQL can't lock the rows of a query with window functions.
fn due(backend: DbBackend, table: &str, now: DateTime<Utc>, limit: u64) -> Statement {
    let (first, second, third, lock) = match backend {
        DbBackend::Postgres => ("$1", "$2", "$3", " FOR UPDATE OF due SKIP LOCKED"),
        _ => ("?", "?", "?", ""),
    };
    let sql = format!(
        "SELECT due.* FROM {table} AS due JOIN \
            (SELECT id, ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY due_at) AS place FROM {table} WHERE due_at <= {first}) AS ranked \
            ON ranked.id = due.id WHERE due.due_at <= {second} ORDER BY ranked.place, due.due_at LIMIT {third}{lock}"
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    Statement::from_sql_and_values(backend, sql, [now.into(), now.into(), limit.into()])
}
