//! An insert that depends on an update, as one statement.

use sea_orm::sea_query::{Alias, CommonTableExpression, Expr, Query};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, Iterable, QueryTrait,
    UpdateMany,
};

/// Updates a row of `E`, and inserts a row where there was one to update. `false`: there was none, and nothing has changed. For PostgreSQL,
/// where each statement is a journey; SQLite knows no such statement.
pub async fn insert_if_updated<E: EntityTrait, A: ActiveModelTrait>(
    db: &impl ConnectionTrait,
    update: UpdateMany<E>,
    insert: A,
) -> Result<bool, DbErr> {
    let updated = Alias::new("updated");
    let mut update = update.into_query();
    update.returning(Query::returning().expr(Expr::cust("1")));
    let mut row = Query::select();
    row.from(updated.clone());
    let mut insertion = Query::insert();
    insertion.into_table(A::Entity::default());
    let mut columns = Vec::new();
    for column in <A::Entity as EntityTrait>::Column::iter() {
        if let Some(value) = insert.get(column).into_value() {
            row.expr(column.save_as(Expr::val(value)));
            columns.push(column);
        }
    }
    insertion
        .columns(columns)
        .select_from(row)
        .map_err(|error| DbErr::Custom(error.to_string()))?;
    let mut first = CommonTableExpression::new();
    first.table_name(updated).query(update);
    let both = Query::with().cte(first).to_owned().query(insertion);
    Ok(db.execute(&both).await?.rows_affected() == 1)
}
