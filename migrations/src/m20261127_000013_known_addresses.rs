use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{text, timestamp_with_time_zone};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Who signed in from where, as keyed hashes; and the cost of every kept password, in order.
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("known_addresses")
                    .col(text("key").primary_key())
                    .col(timestamp_with_time_zone("seen_at"))
                    .take(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("known_addresses_seen_at_idx")
                    .table("known_addresses")
                    .col("seen_at")
                    .take(),
            )
            .await?;
        // The two digits of bcrypt's cost in `v1$2b$12$...`: derived, so that no writer of a hash can forget them.
        let costs = "CREATE INDEX users_password_cost_idx ON users (substr(password_hash, 7, 2))";
        manager
            .get_connection()
            .execute_unprepared(costs)
            .await
            .map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_index(
                Index::drop()
                    .name("users_password_cost_idx")
                    .table("users")
                    .to_owned(),
            )
            .await?;
        manager
            .drop_table(Table::drop().table("known_addresses").take())
            .await
    }
}
