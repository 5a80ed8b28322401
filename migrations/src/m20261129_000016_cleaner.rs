use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{boolean, integer};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Which cleaner made an image, and whether it moves. What is there already was made by one that has no number, and is cleaned again, which
/// tells whether it moves.
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite adds one column at a time.
        manager
            .alter_table(
                Table::alter()
                    .table("images")
                    .add_column(integer("cleaner").default(0))
                    .take(),
            )
            .await?;
        manager
            .alter_table(
                Table::alter()
                    .table("images")
                    .add_column(boolean("animated").default(false))
                    .take(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("images_cleaner_idx")
                    .table("images")
                    .col("cleaner")
                    .take(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_index(
                Index::drop()
                    .name("images_cleaner_idx")
                    .table("images")
                    .to_owned(),
            )
            .await?;
        for column in ["animated", "cleaner"] {
            manager
                .alter_table(Table::alter().table("images").drop_column(column).take())
                .await?;
        }
        Ok(())
    }
}
