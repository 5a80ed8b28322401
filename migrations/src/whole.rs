//! Changes of the schema that are made whole or not at all, with the note that they were made: a process that is killed meanwhile, or a disk
//! that is full, leaves nothing that the next one would stumble over.

use sea_orm_migration::prelude::*;

/// A change in one transaction, on SQLite too, unless it says that it goes on by itself where it was stopped.
pub struct Whole(pub Box<dyn MigrationTrait>);

impl MigrationName for Whole {
    fn name(&self) -> &str {
        self.0.name()
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Whole {
    fn use_transaction(&self) -> Option<bool> {
        self.0.use_transaction().or(Some(true))
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        self.0.up(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        self.0.down(manager).await
    }
}
