use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{integer, text_null, timestamp_with_time_zone_null};
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

#[derive(DeriveMigrationName)]
pub struct Migration;

const COLUMNS: [&str; 3] = ["revision", "manifest_key", "manifest_due_at"];
const INDEX: &str = "CREATE INDEX images_manifest_due_idx ON images (manifest_due_at) WHERE manifest_due_at IS NOT NULL";
/// Before every other time: at once.
const LONG_AGO: &str = "1970-01-01T00:00:00+00:00";
/// What a manifest says and a row may come to say otherwise. New objects come all at once.
const SAID: [&str; 6] = [
    "state",
    "title",
    "alt",
    "visibility",
    "expires_at",
    "original_key",
];

/// Each image's manifest in the bucket: which one it is, and since when another is due. The database counts what is changed itself, so that
/// no statement can forget it, and those of the last release don't.
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = [
            integer(COLUMNS[0]).default(1).take(),
            text_null(COLUMNS[1]).take(),
            timestamp_with_time_zone_null(COLUMNS[2])
                .default(LONG_AGO)
                .take(),
        ];
        for mut column in columns {
            let alter = Table::alter()
                .table("images")
                .add_column(&mut column)
                .take();
            manager.alter_table(alter).await?;
        }
        let db = manager.get_connection();
        db.execute_unprepared(INDEX).await?;
        for statement in trigger(db.get_database_backend()) {
            db.execute_unprepared(&statement).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        let without_trigger: &[&str] = match db.get_database_backend() {
            DbBackend::Postgres => &[
                "DROP TRIGGER images_revised ON images",
                "DROP FUNCTION revise_image",
            ],
            _ => &["DROP TRIGGER images_revised"],
        };
        for statement in without_trigger {
            db.execute_unprepared(statement).await?;
        }
        db.execute_unprepared("DROP INDEX images_manifest_due_idx")
            .await?;
        for column in COLUMNS {
            let alter = Table::alter().table("images").drop_column(column).take();
            manager.alter_table(alter).await?;
        }
        Ok(())
    }
}

fn trigger(backend: DbBackend) -> Vec<String> {
    let columns = SAID.join(", ");
    let changed = |differs: &str| {
        SAID.map(|column| format!("OLD.{column} {differs} NEW.{column}"))
            .join(" OR ")
    };
    // One that is being deleted gets no other.
    let due_at = format!("CASE NEW.state WHEN 'deleting' THEN NULL ELSE '{LONG_AGO}' END");
    if backend == DbBackend::Postgres {
        let function = format!(
            "CREATE FUNCTION revise_image() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
                NEW.revision := OLD.revision + 1; NEW.manifest_due_at := {due_at}; RETURN NEW; END $$"
        );
        let trigger = format!(
            "CREATE TRIGGER images_revised BEFORE UPDATE OF {columns} ON images FOR EACH ROW WHEN ({}) EXECUTE FUNCTION revise_image()",
            changed("IS DISTINCT FROM")
        );
        return vec![function, trigger];
    }
    vec![format!(
        "CREATE TRIGGER images_revised AFTER UPDATE OF {columns} ON images WHEN {} BEGIN \
            UPDATE images SET revision = OLD.revision + 1, manifest_due_at = {due_at} WHERE id = NEW.id; END",
        changed("IS NOT")
    )]
}
