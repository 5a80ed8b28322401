use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, LockBehavior, LockType};
use sea_orm::{
    ColumnTrait, DatabaseConnection, DbBackend, DbErr, EntityTrait, ModelTrait, QueryFilter, QueryOrder, QuerySelect, TransactionTrait,
    Value,
};

/// Rows that are due, the most overdue first. On PostgreSQL they are claimed until `until`: other workers leave them alone, and go on
/// with them should this one die. On SQLite there is one process.
pub async fn claim_due<E: EntityTrait>(
    db: &DatabaseConnection,
    (id, due_at): (E::Column, E::Column),
    now: DateTime<Utc>,
    until: DateTime<Utc>,
    limit: u64,
) -> Result<Vec<E::Model>, DbErr> {
    let due = E::find().filter(due_at.lte(now)).order_by_asc(due_at).limit(limit);
    if db.get_database_backend() != DbBackend::Postgres {
        return due.all(db).await;
    }
    let transaction = db.begin().await?;
    let mut rows = due.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked).all(&transaction).await?;
    if !rows.is_empty() {
        let ids = rows.iter().map(|row| row.get(id));
        E::update_many().col_expr(due_at, Expr::value(Some(until))).filter(id.is_in(ids)).exec(&transaction).await?;
    }
    transaction.commit().await?;
    for row in &mut rows {
        row.try_set(due_at, Value::from(Some(until)))?;
    }
    Ok(rows)
}
