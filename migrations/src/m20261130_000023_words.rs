use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// An operator's account may not be allowed to add the extension, or the machine may not have it: then words are looked for along the list.
const UP: &str = "DO $$ BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE INDEX images_words_idx ON images USING gin
        ((coalesce(search_title, '') || ' ' || coalesce(search_alt, '') || ' ' || search_filename) gin_trgm_ops)
        WHERE state = 'ready';
EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported THEN
    RAISE WARNING 'searches read the whole list: the extension pg_trgm is not there (%)', SQLERRM;
END $$";
const DOWN: &str = "DROP INDEX IF EXISTS images_words_idx";

/// For words that few images have.
///
/// SQLite goes without: FTS5 in a trigger reads before it writes, so that of transactions that begin at once one is refused instead of
/// waiting for its turn.
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        on_postgres(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        on_postgres(manager, DOWN).await
    }
}

async fn on_postgres(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    if manager.get_database_backend() == DbBackend::Postgres {
        manager.get_connection().execute_unprepared(sql).await?;
    }
    Ok(())
}
