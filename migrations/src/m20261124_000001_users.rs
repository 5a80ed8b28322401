use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{integer, pk_uuid, text, timestamp_with_time_zone};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("users")
                    .col(pk_uuid("id"))
                    .col(text("username"))
                    .col(text("email"))
                    .col(text("password_hash"))
                    .col(integer("token_version").default(0))
                    .col(timestamp_with_time_zone("created_at"))
                    .take(),
            )
            .await?;
        for column in ["username", "email"] {
            let name = format!("users_{column}_key");
            manager
                .create_index(
                    Index::create()
                        .unique()
                        .name(name)
                        .table("users")
                        .col(column)
                        .take(),
                )
                .await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("users").take())
            .await
    }
}
