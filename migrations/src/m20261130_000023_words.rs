use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// An operator's account may not be allowed to add the extension, or the machine may not have it: then words are looked for along the list.
const POSTGRES: &str = "DO $$ BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE INDEX images_words_idx ON images USING gin
        ((coalesce(search_title, '') || ' ' || coalesce(search_alt, '') || ' ' || search_filename) gin_trgm_ops)
        WHERE state = 'ready';
EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported THEN
    RAISE WARNING 'searches read the whole list: the extension pg_trgm is not there (%)', SQLERRM;
END $$";

/// Row ids of `images` may change when the file is rewritten: those of `image_words` are the table's own. Which rows hold the words for
/// sure is left to the query, so that the index keeps no text and no positions.
const SQLITE: &str = "
CREATE TABLE image_words (number INTEGER PRIMARY KEY, image_id BLOB NOT NULL UNIQUE);
CREATE VIRTUAL TABLE image_trigrams USING fts5(words, content = '', contentless_delete = 1, detail = none,
    tokenize = 'trigram case_sensitive 1');
CREATE TRIGGER images_words_insert AFTER INSERT ON images BEGIN
    INSERT INTO image_words (image_id) VALUES (new.id);
    INSERT INTO image_trigrams (rowid, words) SELECT number,
        coalesce(new.search_title, '') || ' ' || coalesce(new.search_alt, '') || ' ' || new.search_filename
        FROM image_words WHERE image_id = new.id;
END;
CREATE TRIGGER images_words_update AFTER UPDATE OF search_title, search_alt, search_filename ON images BEGIN
    UPDATE image_trigrams SET words = coalesce(new.search_title, '') || ' ' || coalesce(new.search_alt, '') || ' ' || new.search_filename
        WHERE rowid = (SELECT number FROM image_words WHERE image_id = new.id);
END;
CREATE TRIGGER images_words_delete AFTER DELETE ON images BEGIN
    DELETE FROM image_trigrams WHERE rowid = (SELECT number FROM image_words WHERE image_id = old.id);
    DELETE FROM image_words WHERE image_id = old.id;
END;
INSERT INTO image_words (image_id) SELECT id FROM images;
INSERT INTO image_trigrams (rowid, words) SELECT number,
    coalesce(search_title, '') || ' ' || coalesce(search_alt, '') || ' ' || search_filename
    FROM image_words JOIN images ON id = image_id;
";

const SQLITE_DOWN: &str = "
DROP TRIGGER images_words_insert;
DROP TRIGGER images_words_update;
DROP TRIGGER images_words_delete;
DROP TABLE image_trigrams;
DROP TABLE image_words;
";

/// For words that few images have.
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, POSTGRES, SQLITE).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            "DROP INDEX IF EXISTS images_words_idx",
            SQLITE_DOWN,
        )
        .await
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
