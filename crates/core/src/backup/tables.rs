//! Which tables a backup has.

use sea_orm::{ColumnTrait, EntityTrait, IdenStatic, Iterable, PrimaryKeyToColumn};

use super::column::{Column, Kind};
use crate::db::{
    album, album_image, api_token, idempotency_key, image, installation, known_address, session,
    upload, user,
};

/// Tables without which nothing is lost: counted tries are working state.
pub const LEFT_OUT: [&str; 1] = ["rate_counts"];

/// A table, as this version of the program knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Every column.
    pub columns: Vec<Column>,
    /// The names of the columns that it is ordered by.
    pub key: Vec<&'static str>,
}

/// Every table of a backup: what others refer to goes before them.
#[must_use]
pub fn all() -> Vec<Table> {
    vec![
        table::<installation::Entity>(),
        table::<user::Entity>(),
        table::<api_token::Entity>(),
        table::<session::Entity>(),
        table::<known_address::Entity>(),
        table::<idempotency_key::Entity>(),
        table::<upload::Entity>(),
        table::<image::Entity>(),
        table::<album::Entity>(),
        table::<album_image::Entity>(),
    ]
}

fn table<E: EntityTrait>() -> Table {
    let column = |column: E::Column| {
        Kind::of(column.def().get_column_type()).map(|kind| Column {
            name: column.as_str().to_owned(),
            kind,
        })
    };
    Table {
        name: E::default().table_name(),
        columns: E::Column::iter().filter_map(column).collect(),
        key: E::PrimaryKey::iter()
            .map(|key| key.into_column().as_str())
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_of_every_table_is_of_a_kind_that_a_backup_knows() {
        let lengths: Vec<_> = all()
            .iter()
            .map(|table| (table.name, table.columns.len()))
            .collect();
        let expected = [
            ("installation", installation::Column::iter().count()),
            ("users", user::Column::iter().count()),
            ("api_tokens", api_token::Column::iter().count()),
            ("sessions", session::Column::iter().count()),
            ("known_addresses", known_address::Column::iter().count()),
            ("idempotency_keys", idempotency_key::Column::iter().count()),
            ("uploads", upload::Column::iter().count()),
            ("images", image::Column::iter().count()),
            ("albums", album::Column::iter().count()),
            ("album_images", album_image::Column::iter().count()),
        ];
        assert_eq!(lengths, expected);
    }
}
