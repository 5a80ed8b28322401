use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{boolean, json, text, timestamp_with_time_zone, uuid};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Requests that their senders may repeat, and the uploads that each is to make.
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("idempotency_keys")
                    .col(text("key").primary_key())
                    .col(uuid("user_id"))
                    .col(text("fingerprint"))
                    .col(json("uploads"))
                    .col(boolean("answered"))
                    .col(timestamp_with_time_zone("created_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("idempotency_keys_user_id_fkey")
                            .from("idempotency_keys", "user_id")
                            .to("users", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .take(),
            )
            .await?;
        for column in ["user_id", "created_at"] {
            manager
                .create_index(
                    Index::create()
                        .name(format!("idempotency_keys_{column}_idx"))
                        .table("idempotency_keys")
                        .col(column)
                        .take(),
                )
                .await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("idempotency_keys").take())
            .await
    }
}
