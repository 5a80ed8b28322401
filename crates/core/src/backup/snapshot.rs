//! The rows at one moment.

use sea_orm::sea_query::{Alias, Expr, ExprTrait, Order, Query, SelectStatement};
use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    IsolationLevel, TransactionTrait,
};
use serde_json::Value as Json;

use super::column::Column;
use super::tables::Table;

/// How many rows are read at once.
const PAGE: u64 = 500;

/// What everybody has committed until now, and nothing after it.
pub struct Snapshot(DatabaseTransaction);

impl Snapshot {
    /// Begins with the first row that is read. SQLite has snapshots without being asked.
    pub async fn begin(db: &DatabaseConnection) -> Result<Self, DbErr> {
        let transaction = if db.get_database_backend() == DbBackend::Postgres {
            let (isolation, access) = (IsolationLevel::RepeatableRead, AccessMode::ReadOnly);
            db.begin_with_config(Some(isolation), Some(access)).await?
        } else {
            db.begin().await?
        };
        Ok(Self(transaction))
    }

    /// Ends it.
    pub async fn end(self) -> Result<(), DbErr> {
        self.0.rollback().await
    }

    /// The next rows of a table, each with a value for every column, behind the row `last`. Empty: there are no more.
    pub async fn page(
        &self,
        table: &Table,
        last: Option<&[Json]>,
    ) -> Result<Vec<Vec<Json>>, DbErr> {
        let rows = self.0.query_all(&select(table, last)).await?;
        let read = |row| {
            let columns = table.columns.iter().enumerate();
            columns
                .map(|(place, column)| column.kind.read(row, place))
                .collect()
        };
        rows.iter().map(read).collect()
    }
}

fn select(table: &Table, last: Option<&[Json]>) -> SelectStatement {
    let mut select = Query::select();
    select
        .from(Alias::new(table.name))
        .columns(table.columns.iter().map(|column| Alias::new(&column.name)))
        .limit(PAGE);
    for name in &table.key {
        select.order_by(Alias::new(*name), Order::Asc);
    }
    if let Some(last) = last {
        let key = table.key.iter().map(|name| Expr::col(Alias::new(*name)));
        let values = table.key.iter().filter_map(|name| value(table, name, last));
        select.and_where(Expr::tuple(key).gt(Expr::tuple(values.map(Expr::val))));
    }
    select
}

/// The value of this column in a row.
fn value(table: &Table, name: &str, row: &[Json]) -> Option<sea_orm::Value> {
    let place = place(&table.columns, name)?;
    table.columns[place].kind.value(row.get(place)?.clone())
}

/// Where the value of this column stands in a row.
pub fn place(columns: &[Column], name: &str) -> Option<usize> {
    columns.iter().position(|column| column.name == name)
}
