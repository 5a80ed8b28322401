use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, text, timestamp_with_time_zone, timestamp_with_time_zone_null,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// What every account holds already: its images, deleted ones too, and its running uploads.
const COUNT: &str = "UPDATE users SET used_bytes = \
    CAST(COALESCE((SELECT SUM(size_bytes) FROM images WHERE images.user_id = users.id), 0) + \
    COALESCE((SELECT SUM(size_bytes) FROM uploads WHERE uploads.user_id = users.id AND state IN ('pending', 'processing')), 0) AS bigint)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite adds one column at a time.
        for column in [
            big_integer("used_bytes").default(0).take(),
            timestamp_with_time_zone_null("disabled_at").take(),
            timestamp_with_time_zone_null("deleted_at").take(),
        ] {
            manager
                .alter_table(Table::alter().table("users").add_column(column).take())
                .await?;
        }
        manager
            .create_index(
                Index::create()
                    .name("users_deleted_at_idx")
                    .table("users")
                    .col("deleted_at")
                    .take(),
            )
            .await?;
        manager.get_connection().execute_unprepared(COUNT).await?;
        manager
            .create_table(
                Table::create()
                    .table("rate_counts")
                    .col(text("key").primary_key())
                    .col(big_integer("count"))
                    .col(timestamp_with_time_zone("started_at"))
                    .take(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("rate_counts_started_at_idx")
                    .table("rate_counts")
                    .col("started_at")
                    .take(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("rate_counts").take())
            .await?;
        manager
            .drop_index(
                Index::drop()
                    .name("users_deleted_at_idx")
                    .table("users")
                    .to_owned(),
            )
            .await?;
        for column in ["deleted_at", "disabled_at", "used_bytes"] {
            manager
                .alter_table(Table::alter().table("users").drop_column(column).take())
                .await?;
        }
        Ok(())
    }
}
