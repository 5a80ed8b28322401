use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{text, text_null};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// What the server lowers with Unicode's rules is lowered here with the database's: on SQLite that is ASCII alone.
const LOWER: &str =
    "UPDATE images SET search_title = lower(title), search_filename = lower(filename)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [
            text_null("search_title").take(),
            text("search_filename").default("").take(),
        ] {
            manager
                .alter_table(Table::alter().table("images").add_column(column).take())
                .await?;
        }
        manager.get_connection().execute_unprepared(LOWER).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["search_filename", "search_title"] {
            manager
                .alter_table(Table::alter().table("images").drop_column(column).take())
                .await?;
        }
        Ok(())
    }
}
