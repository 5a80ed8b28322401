//! `tintype audit`.

use chrono::TimeDelta;
use clap::Args;
use tintype_api::config::Config;
use tintype_api::maintenance::audit_installation;
use tintype_core::audit::Options;

use crate::{Outcome, say};

#[derive(Args)]
pub struct Audit {
    /// Read every original too, and compare its SHA-256
    #[arg(long)]
    hashes: bool,
    /// An object that no row needs is no finding while it is younger than this
    #[arg(long, value_name = "HOURS", default_value_t = 24)]
    grace: u32,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub async fn audit(config: &Config, command: Audit) -> Outcome {
    let options = Options {
        grace: TimeDelta::hours(command.grace.into()),
        hashes: command.hashes,
    };
    let report = audit_installation(config, options).await?;
    if command.json {
        say(serde_json::to_string_pretty(&report)?)?;
    } else {
        say(&report)?;
    }
    if report.is_balanced() {
        Ok(())
    } else {
        Err("bucket and database don't balance".into())
    }
}
