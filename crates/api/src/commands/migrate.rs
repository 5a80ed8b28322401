//! `tintype migrate`.

use clap::Subcommand;
use tintype_api::config::Config;
use tintype_core::db::schema;

use crate::Outcome;

#[derive(Subcommand)]
pub enum Migrate {
    /// Apply every change that is missing
    Up,
    /// Take changes back, the last one first. What only they can hold is lost
    Down {
        /// How many
        #[arg(long, default_value_t = 1)]
        steps: u32,
    },
    /// Show every change and whether it is applied
    Status,
}

pub async fn migrate(config: &Config, command: Migrate) -> Outcome {
    let url = config.database_url();
    match command {
        Migrate::Up => schema::up(&url).await?,
        Migrate::Down { steps } => schema::down(&url, steps).await?,
        Migrate::Status => {}
    }
    for (name, applied) in schema::status(&url).await? {
        println!("{} {name}", if applied { "applied" } else { "missing" });
    }
    Ok(())
}
