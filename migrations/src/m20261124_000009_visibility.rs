use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const NAME: &str = "images_visibility_list_idx";
/// An older program would open private images to everyone with the link: they wait in the trash, where their owners find them.
const HIDE: &str = "UPDATE images SET state = 'trashed', due_at = '9999-01-01T00:00:00+00:00' \
    WHERE visibility = 'private' AND state = 'ready'";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let index = Index::create()
            .name(NAME)
            .table("images")
            .col("user_id")
            .col("state")
            .col("visibility")
            .col(("created_at", IndexOrder::Desc))
            .col(("id", IndexOrder::Desc))
            .take();
        manager.create_index(index).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(HIDE).await?;
        manager
            .drop_index(Index::drop().name(NAME).table("images").to_owned())
            .await
    }
}
