use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::timestamp_with_time_zone_null;
use sea_orm_migration::sea_orm::ConnectionTrait;

#[derive(DeriveMigrationName)]
pub struct Migration;

const COLUMNS: [(&str, &str); 3] = [
    ("images", "expires_at"),
    ("uploads", "image_expires_at"),
    ("albums", "expires_at"),
];
const LIST: &str = "images_list_idx";
/// An older program would keep open what is to end: it waits in the trash, where its owner finds it, and albums are their owners' alone.
const HIDE: [&str; 2] = [
    "UPDATE images SET state = 'trashed', due_at = '9999-01-01T00:00:00+00:00' WHERE state = 'ready' AND expires_at IS NOT NULL",
    "UPDATE albums SET visibility = 'private' WHERE expires_at IS NOT NULL",
];

/// When images and albums end; and when the image of an upload is to. Days are counted from the index of the list alone, without those that
/// have ended.
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in COLUMNS {
            let column = timestamp_with_time_zone_null(column);
            manager
                .alter_table(Table::alter().table(table).add_column(column).take())
                .await?;
        }
        list_by(
            manager,
            "user_id, state, created_at DESC, id DESC, expires_at",
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        for hide in HIDE {
            db.execute_unprepared(hide).await?;
        }
        list_by(manager, "user_id, state, created_at DESC, id DESC").await?;
        for (table, column) in COLUMNS {
            manager
                .alter_table(Table::alter().table(table).drop_column(column).take())
                .await?;
        }
        Ok(())
    }
}

async fn list_by(manager: &SchemaManager<'_>, columns: &str) -> Result<(), DbErr> {
    let db = manager.get_connection();
    db.execute_unprepared(&format!("DROP INDEX {LIST}")).await?;
    let create = format!("CREATE INDEX {LIST} ON images ({columns})");
    db.execute_unprepared(&create).await.map(drop)
}
