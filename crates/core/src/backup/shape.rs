//! Whether a manifest has the tables and columns of a backup of its schema.
//!
//! A backup has every table and every column that the program knows and that its database has (`tables`). So one of an older schema has what
//! this program knows of what that schema has; and perhaps columns that were read then, and are not any more.

use std::collections::HashSet;

use sea_orm::EntityName;

use super::BackupError;
use super::manifest::{Manifest, Rows};
use super::tables::{self, LEFT_OUT, Table};
use crate::db::installation;
use crate::db::schema::{self, Columns};

/// Compares the two.
///
/// # Errors
/// They differ, or this program does not know the schema.
pub async fn check(manifest: &Manifest) -> Result<(), BackupError> {
    let Some(schema) = schema::columns_at(&manifest.schema).await? else {
        return Err(BackupError::NewerSchema {
            schema: manifest.schema.clone(),
            tintype: manifest.tintype.escape_debug().to_string(),
        });
    };
    match fault(&manifest.tables, &schema) {
        Some(why) => Err(BackupError::Untrue(format!("manifest.json {why}"))),
        None => Ok(()),
    }
}

fn fault(tables: &[Rows], schema: &Columns) -> Option<String> {
    let known = tables::all();
    let due = known.iter().filter(|table| schema.contains_key(table.name));
    let mut missing = due.filter(|table| !tables.iter().any(|rows| rows.table == table.name));
    if let Some(table) = missing.next() {
        return Some(format!("lacks the table {}", table.name));
    }
    tables.iter().find_map(|rows| {
        let name = &rows.table;
        let columns = schema
            .get(name)
            .filter(|_| !LEFT_OUT.contains(&&**name) && !schema::is_own(name));
        let Some(columns) = columns else {
            return Some(format!("has a table {name:?}, which no backup has"));
        };
        let known = known.iter().find(|table| table.name == name);
        let why = fault_of_columns(rows, known, |column| columns.contains(column));
        let why = why.or_else(|| fault_of_count(rows));
        why.map(|why| format!("{why} in the table {name}"))
    })
}

/// `known`: the table as this program knows it, if it still has it.
fn fault_of_columns(
    rows: &Rows,
    known: Option<&Table>,
    is_there: impl Fn(&str) -> bool,
) -> Option<String> {
    let mut names = HashSet::new();
    for column in &rows.columns {
        if !is_there(&column.name) {
            return Some(format!("has a column {:?} too many", column.name));
        }
        if !names.insert(&*column.name) {
            return Some(format!("has the column {} twice", column.name));
        }
    }
    let known = known.into_iter().flat_map(|table| &table.columns);
    known
        .filter(|column| is_there(&column.name))
        .find_map(|column| {
            let Some(found) = rows.columns.iter().find(|it| it.name == column.name) else {
                return Some(format!("lacks the column {}", column.name));
            };
            (found.kind != column.kind)
                .then(|| format!("has another kind of column {}", column.name))
        })
}

/// Every installation has one row about itself.
fn fault_of_count(rows: &Rows) -> Option<String> {
    let is_installation = rows.table == installation::Entity.table_name();
    (is_installation && rows.count != 1).then(|| format!("has {} rows instead of 1", rows.count))
}
