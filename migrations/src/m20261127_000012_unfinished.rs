use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::big_integer;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// What every account has unfinished already. What checking that takes was not estimated, and counts as nothing.
const COUNT: &str = "UPDATE users SET unfinished_uploads = \
    (SELECT COUNT(*) FROM uploads WHERE uploads.user_id = users.id AND state IN ('pending', 'processing'))";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite adds one column at a time.
        for (table, column) in [
            ("uploads", "estimated_ms"),
            ("users", "unfinished_uploads"),
            ("users", "unfinished_ms"),
        ] {
            manager
                .alter_table(
                    Table::alter()
                        .table(table)
                        .add_column(big_integer(column).default(0))
                        .take(),
                )
                .await?;
        }
        manager
            .get_connection()
            .execute_unprepared(COUNT)
            .await
            .map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in [
            ("users", "unfinished_ms"),
            ("users", "unfinished_uploads"),
            ("uploads", "estimated_ms"),
        ] {
            manager
                .alter_table(Table::alter().table(table).drop_column(column).take())
                .await?;
        }
        Ok(())
    }
}
