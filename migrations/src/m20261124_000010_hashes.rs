use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Every condition of the look-up stands in these, and its order: without it SQLite takes the index of the list, and reads all of it.
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["sha256", "source_sha256"] {
            let index = Index::create()
                .name(format!("images_{column}_idx"))
                .table("images")
                .col("user_id")
                .col("state")
                .col(column)
                .col(("created_at", IndexOrder::Desc))
                .take();
            manager.create_index(index).await?;
            manager
                .drop_index(
                    Index::drop()
                        .name(format!("images_user_{column}_idx"))
                        .table("images")
                        .to_owned(),
                )
                .await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["source_sha256", "sha256"] {
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
            manager
                .drop_index(
                    Index::drop()
                        .name(format!("images_{column}_idx"))
                        .table("images")
                        .to_owned(),
                )
                .await?;
        }
        Ok(())
    }
}
