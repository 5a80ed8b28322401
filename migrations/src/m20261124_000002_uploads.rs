use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, integer, json, pk_uuid, text, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null, uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("uploads")
                    .col(pk_uuid("id"))
                    .col(uuid("user_id"))
                    .col(text("state"))
                    .col(text("filename"))
                    .col(text("content_type"))
                    .col(big_integer("size_bytes"))
                    .col(text_null("sha256"))
                    .col(json("removed_by_client"))
                    .col(text("staging_key"))
                    .col(timestamp_with_time_zone("put_expires_at"))
                    .col(timestamp_with_time_zone("expires_at"))
                    .col(timestamp_with_time_zone_null("due_at"))
                    .col(uuid_null("lease_id"))
                    .col(timestamp_with_time_zone_null("lease_until"))
                    .col(integer("attempts").default(0))
                    .col(integer("lapses").default(0))
                    .col(text_null("problem_code"))
                    .col(text_null("problem_detail"))
                    .col(timestamp_with_time_zone("created_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("uploads_user_id_fkey")
                            .from("uploads", "user_id")
                            .to("users", "id"),
                    )
                    .take(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("uploads_due_at_idx")
                    .table("uploads")
                    .col("due_at")
                    .take(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("uploads_user_id_idx")
                    .table("uploads")
                    .col("user_id")
                    .take(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("uploads").take())
            .await
    }
}
