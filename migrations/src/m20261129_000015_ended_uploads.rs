use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// For the uploads of an account that have ended and whose URLs have not expired. It serves what the index on the account alone did.
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let index = Index::create()
            .name("uploads_user_state_idx")
            .table("uploads")
            .col("user_id")
            .col("state")
            .col("expires_at")
            .take();
        manager.create_index(index).await?;
        manager
            .drop_index(
                Index::drop()
                    .name("uploads_user_id_idx")
                    .table("uploads")
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_index(
                Index::create()
                    .name("uploads_user_id_idx")
                    .table("uploads")
                    .col("user_id")
                    .take(),
            )
            .await?;
        manager
            .drop_index(
                Index::drop()
                    .name("uploads_user_state_idx")
                    .table("uploads")
                    .to_owned(),
            )
            .await
    }
}
