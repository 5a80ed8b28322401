use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, integer, json, pk_uuid, text, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null, uuid,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("images")
                    .col(pk_uuid("id"))
                    .col(uuid("user_id"))
                    .col(text("slug"))
                    .col(text("state"))
                    .col(text_null("title"))
                    .col(text("filename"))
                    .col(text("content_type"))
                    .col(big_integer("size_bytes"))
                    .col(integer("width"))
                    .col(integer("height"))
                    .col(text("sha256"))
                    .col(text("source_sha256"))
                    .col(text("visibility"))
                    .col(json("removed"))
                    .col(text_null("placeholder"))
                    .col(text("original_key"))
                    .col(text_null("thumb_key"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone_null("due_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("images_user_id_fkey")
                            .from("images", "user_id")
                            .to("users", "id"),
                    )
                    .take(),
            )
            .await?;
        create_indexes(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("images").take())
            .await
    }
}

async fn create_indexes(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_index(
            Index::create()
                .unique()
                .name("images_slug_key")
                .table("images")
                .col("slug")
                .take(),
        )
        .await?;
    manager
        .create_index(
            Index::create()
                .name("images_list_idx")
                .table("images")
                .col("user_id")
                .col("state")
                .col(("created_at", IndexOrder::Desc))
                .col(("id", IndexOrder::Desc))
                .take(),
        )
        .await?;
    for column in ["sha256", "source_sha256"] {
        let name = format!("images_user_{column}_idx");
        manager
            .create_index(
                Index::create()
                    .name(name)
                    .table("images")
                    .col("user_id")
                    .col(column)
                    .take(),
            )
            .await?;
    }
    manager
        .create_index(
            Index::create()
                .name("images_due_at_idx")
                .table("images")
                .col("due_at")
                .take(),
        )
        .await
}
