//! `tintype migrate`.

use clap::Subcommand;
use tintype_api::config::Config;
use tintype_core::db::schema;

use crate::{Outcome, say};

#[derive(Subcommand)]
pub enum Migrate {
    /// Apply every change that is missing
    Up,
    /// Take changes back, the last one first. What only they can hold is lost
    Down {
        /// How many
        #[arg(long, default_value_t = 1)]
        steps: u32,
        /// Without it nothing is taken back
        #[arg(long)]
        yes: bool,
    },
    /// Show every change and whether it is applied
    Status,
}

pub async fn migrate(config: &Config, command: Migrate) -> Outcome {
    let url = config.database_url();
    match command {
        Migrate::Up => schema::up(&url).await?,
        Migrate::Down { steps, yes: true } => schema::down(&url, steps).await?,
        Migrate::Down { steps, .. } => {
            return Err(format!(
                "this takes the last {steps} changes of the schema back, and what only they can hold is lost for good: run `tintype backup` first, \
                 and say --yes if that is meant"
            )
            .into());
        }
        Migrate::Status => {}
    }
    for (name, applied) in schema::status(&url).await? {
        say(format_args!(
            "{} {name}",
            if applied { "applied" } else { "missing" }
        ))?;
    }
    Ok(())
}
