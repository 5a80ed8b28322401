//! `tintype sweep`.

use chrono::TimeDelta;
use clap::{Args, Subcommand};
use tintype_api::config::Config;
use tintype_api::maintenance::{claim_installation, restore_installation, sweep_installation};
use tintype_core::sweep::Options;

use crate::{Outcome, say};

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Sweep {
    #[command(subcommand)]
    command: Option<Other>,
    /// Look at everything and touch nothing
    #[arg(long)]
    dry_run: bool,
    /// Go on however much looks orphaned; only after `tintype audit` has said what it is
    #[arg(long)]
    force: bool,
    /// An object is left alone while it is younger than this; by default what the settings say
    #[arg(long, value_name = "HOURS")]
    grace: Option<u32>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Subcommand)]
enum Other {
    /// Put back what sweeps have taken, over nothing that is there
    Restore {
        /// Only keys that begin with this, as images/ with an id behind it
        #[arg(default_value = "")]
        prefix: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Write into the bucket that it belongs to this database from now on, whatever stands there
    Claim,
}

pub async fn sweep(config: &Config, command: Sweep) -> Outcome {
    let refused = match command.command {
        None => {
            let grace = command.grace.map_or_else(
                || config.sweep_grace(),
                |hours| TimeDelta::hours(hours.into()),
            );
            let options = Options {
                grace,
                dry_run: command.dry_run,
                force: command.force,
            };
            let report = sweep_installation(config, options).await?;
            if command.json {
                say(serde_json::to_string_pretty(&report)?)?;
            } else {
                say(&report)?;
            }
            report.refused
        }
        Some(Other::Restore { prefix, json }) => {
            let restored = restore_installation(config, &prefix).await?;
            if json {
                say(serde_json::to_string_pretty(&restored)?)?;
            } else {
                say(&restored)?;
            }
            restored.refused
        }
        Some(Other::Claim) => {
            let (before, now) = claim_installation(config).await?;
            say(format_args!(
                "The bucket belongs to {now} now; before, to {}.",
                before.as_deref().unwrap_or("nobody")
            ))?;
            None
        }
    };
    refused.map_or(Ok(()), |refusal| Err(refusal.to_string().into()))
}
