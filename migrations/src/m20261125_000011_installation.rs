use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    integer, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// One row: who this installation is, and how far its sweeps are.
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("installation")
                    .col(integer("row").primary_key())
                    .col(uuid("id"))
                    .col(timestamp_with_time_zone("sweep_due_at"))
                    .col(uuid_null("sweep_lease_id"))
                    .col(timestamp_with_time_zone_null("sweep_lease_until"))
                    .col(timestamp_with_time_zone_null("swept_at"))
                    .take(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("installation").take())
            .await
    }
}
