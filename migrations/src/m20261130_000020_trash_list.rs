use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Partial: images outside the trash cost nothing here. The query has the state as a literal, so that every plan can use it.
const CREATE: &str = "CREATE INDEX images_trash_idx ON images (user_id, due_at DESC, id DESC) WHERE state = 'trashed'";

/// For the list of an owner's trash.
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        db.execute_unprepared(CREATE).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let index = Index::drop()
            .name("images_trash_idx")
            .table("images")
            .to_owned();
        manager.drop_index(index).await
    }
}
