//! `tintype import`.

use std::path::PathBuf;

use clap::Args;
use tintype_api::config::Config;
use tintype_api::imports::{self, Report};

use super::progress::Bar;
use crate::{Outcome, say};

#[derive(Args)]
pub struct Import {
    #[arg(
        help = "An archive that an account has exported; or a folder, each directory of which becomes an album"
    )]
    source: PathBuf,
    /// Whose account; what it has already is not taken again
    #[arg(long, value_name = "NAME")]
    user: String,
}

pub async fn import(config: &Config, command: Import) -> Outcome {
    let (bar, mut report) = (Bar::default(), Report::default());
    let Import { source, user } = command;
    let ended = imports::import(config, &user, &source, &bar, &mut report).await;
    drop(bar);
    tell(&report)?;
    ended?;
    match report.refused {
        0 => Ok(()),
        1 => Err(
            "one was refused; the rest is there, and running it again adds nothing twice".into(),
        ),
        many => Err(format!(
            "{many} were refused; the rest is there, and running it again adds nothing twice"
        )
        .into()),
    }
}

fn tell(report: &Report) -> Outcome {
    let Report {
        new, there, ended, ..
    } = report;
    say(format_args!(
        "Pictures: {new} new, {there} there already, {ended} ended since, {} refused. Albums: {} new. Other files: {}.",
        report.refused, report.albums, report.others
    ))?;
    for refusal in &report.refusals {
        say(format_args!("refused      {refusal}"))?;
    }
    let unnamed = report.refused - report.refusals.len() as u64;
    if unnamed > 0 {
        say(format_args!("refused      {unnamed} more"))?;
    }
    Ok(())
}
