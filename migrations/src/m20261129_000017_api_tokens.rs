use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    pk_uuid, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid,
    uuid_null,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// What an image is to be from the moment on at which it is published.
const WISHES: [&str; 3] = ["title", "alt", "visibility"];

/// API tokens, found by the hash of their secret; and which of them made an upload and an image, if one did.
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("api_tokens")
                    .col(pk_uuid("id"))
                    .col(uuid("user_id"))
                    .col(text("name"))
                    .col(text("sha256"))
                    .col(text("scopes"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone_null("expires_at"))
                    .col(timestamp_with_time_zone_null("last_used_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("api_tokens_user_id_fkey")
                            .from("api_tokens", "user_id")
                            .to("users", "id"),
                    )
                    .take(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .unique()
                    .name("api_tokens_sha256_key")
                    .table("api_tokens")
                    .col("sha256")
                    .take(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("api_tokens_user_id_idx")
                    .table("api_tokens")
                    .col("user_id")
                    .take(),
            )
            .await?;
        for table in ["uploads", "images"] {
            manager
                .alter_table(
                    Table::alter()
                        .table(table)
                        .add_column(uuid_null("token_id"))
                        .take(),
                )
                .await?;
        }
        for column in WISHES {
            manager
                .alter_table(
                    Table::alter()
                        .table("uploads")
                        .add_column(text_null(column))
                        .take(),
                )
                .await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in WISHES {
            manager
                .alter_table(Table::alter().table("uploads").drop_column(column).take())
                .await?;
        }
        for table in ["images", "uploads"] {
            manager
                .alter_table(Table::alter().table(table).drop_column("token_id").take())
                .await?;
        }
        manager
            .drop_table(Table::drop().table("api_tokens").take())
            .await
    }
}
