//! The schema's history: one change per file, reversible, never edited after it has landed.

mod compatible;
mod m20261124_000001_users;
mod m20261124_000002_uploads;
mod m20261124_000003_images;
mod m20261124_000004_control;
mod m20261124_000006_previews;
mod m20261124_000007_alt;
mod m20261124_000008_search;
mod m20261124_000009_visibility;
mod m20261124_000010_hashes;
mod m20261125_000011_installation;
mod m20261127_000012_unfinished;
mod m20261127_000013_known_addresses;
mod m20261127_000014_folded_names;
mod m20261129_000015_ended_uploads;
mod m20261129_000016_cleaner;
mod m20261129_000017_api_tokens;
mod m20261130_000018_sessions;
mod m20261130_000019_idempotency_keys;
mod m20261130_000020_trash_list;
mod m20261130_000021_search_alt;
mod m20261130_000022_orders;
mod m20261130_000023_words;
mod m20261130_000024_image_created_at;
mod m20261130_000025_albums;
mod m20261130_000026_ends;
mod m20261130_000027_backup;
mod m20261201_000028_manifests;
mod whole;

pub use compatible::is_for;
use sea_orm_migration::prelude::*;
pub use sea_orm_migration::{MigratorTrait, SchemaManager};

use self::whole::Whole;

/// Every change, oldest first.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let whole = |change| Box::new(Whole(change)) as Box<dyn MigrationTrait>;
        changes().into_iter().map(whole).collect()
    }
}

fn changes() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(m20261124_000001_users::Migration),
        Box::new(m20261124_000002_uploads::Migration),
        Box::new(m20261124_000003_images::Migration),
        Box::new(m20261124_000004_control::Migration),
        Box::new(m20261124_000006_previews::Migration),
        Box::new(m20261124_000007_alt::Migration),
        Box::new(m20261124_000008_search::Migration),
        Box::new(m20261124_000009_visibility::Migration),
        Box::new(m20261124_000010_hashes::Migration),
        Box::new(m20261125_000011_installation::Migration),
        Box::new(m20261127_000012_unfinished::Migration),
        Box::new(m20261127_000013_known_addresses::Migration),
        Box::new(m20261127_000014_folded_names::Migration),
        Box::new(m20261129_000015_ended_uploads::Migration),
        Box::new(m20261129_000016_cleaner::Migration),
        Box::new(m20261129_000017_api_tokens::Migration),
        Box::new(m20261130_000018_sessions::Migration),
        Box::new(m20261130_000019_idempotency_keys::Migration),
        Box::new(m20261130_000020_trash_list::Migration),
        Box::new(m20261130_000021_search_alt::Migration),
        Box::new(m20261130_000022_orders::Migration),
        Box::new(m20261130_000023_words::Migration),
        Box::new(m20261130_000024_image_created_at::Migration),
        Box::new(m20261130_000025_albums::Migration),
        Box::new(m20261130_000026_ends::Migration),
        Box::new(m20261130_000027_backup::Migration),
        Box::new(m20261201_000028_manifests::Migration),
    ]
}
