use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Names are compared by their characters, whatever the language of the database, as SQLite does it.
const BY_CHARACTERS: &str = "ALTER TABLE images ALTER COLUMN search_title TYPE text COLLATE \"C\", \
    ALTER COLUMN search_alt TYPE text COLLATE \"C\", ALTER COLUMN search_filename TYPE text COLLATE \"C\", \
    ADD COLUMN search_name text COLLATE \"C\" GENERATED ALWAYS AS (coalesce(search_title, search_filename)) STORED";
const BY_LANGUAGE: &str = "ALTER TABLE images DROP COLUMN search_name, ALTER COLUMN search_title TYPE text, \
    ALTER COLUMN search_alt TYPE text, ALTER COLUMN search_filename TYPE text";
/// SQLite makes it when it is read. An expression in the index would not do: it seeks to places of columns alone.
const NAME: &str = "ALTER TABLE images ADD COLUMN search_name text GENERATED ALWAYS AS (coalesce(search_title, search_filename)) VIRTUAL";
const NO_NAME: &str = "ALTER TABLE images DROP COLUMN search_name";

/// Partial, as `images_trash_idx` is.
const INDEXES: [(&str, &str); 3] = [
    ("images_name_list_idx", "search_name, id"),
    ("images_size_list_idx", "size_bytes DESC, id DESC"),
    (
        "images_type_list_idx",
        "content_type, created_at DESC, id DESC",
    ),
];

/// For lists by name and by size, and for the list of one type.
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, BY_CHARACTERS, NAME).await?;
        let db = manager.get_connection();
        for (name, columns) in INDEXES {
            let create =
                format!("CREATE INDEX {name} ON images (user_id, {columns}) WHERE state = 'ready'");
            db.execute_unprepared(&create).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        for (name, _) in INDEXES {
            db.execute_unprepared(&format!("DROP INDEX {name}")).await?;
        }
        run(manager, BY_LANGUAGE, NO_NAME).await
    }
}

async fn run(manager: &SchemaManager<'_>, postgres: &str, sqlite: &str) -> Result<(), DbErr> {
    let sql = if manager.get_database_backend() == DbBackend::Postgres {
        postgres
    } else {
        sqlite
    };
    let db = manager.get_connection();
    db.execute_unprepared(sql).await.map(drop)
}
