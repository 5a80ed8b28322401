//! `just bench overload`: more is asked than can be done, of what reads and of what uploads. How much is still done, how quickly the rest is
//! refused, what others notice of it, and how soon it is over.

mod calm;
mod flood;
mod loads;
mod report;

use std::time::Duration;

use anyhow::Result;
use clap::Args;

use self::calm::{Calm, Readers};
use self::loads::Bench;
use self::report::Report;
use crate::job::Job;
use crate::postgres::Postgres;
use crate::prepared::Prepared;
use crate::product::Product;
use crate::request::Request;
use crate::upload::Upload;
use crate::{document, machine, say, seed};

/// How long a client confirms again.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Args, Clone, Debug)]
pub struct Options {
    /// How many images there are.
    #[arg(long, default_value_t = 100_000)]
    images: u32,
    /// How long each load lasts.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=60))]
    seconds: u32,
    /// Put the tables into docs/benchmarks.md.
    #[arg(long)]
    write: bool,
}

pub async fn run(options: &Options) -> Result<()> {
    let postgres = Postgres::from_env()?;
    let command = format!(
        "just bench overload --images {} --seconds {}",
        options.images, options.seconds
    );
    let head = machine::described(&postgres, &command).await?;
    // Every bound is as it is shipped.
    let product = Product::prepare(&postgres, "bench_overload".into(), &[]).await?;
    say(format_args!("making {} images", options.images));
    seed::fill(&postgres, &product.database, options.images).await?;
    let (server, _) = product.start().await?;
    let prepared = Prepared::make(&postgres, &product.database, &server, true).await?;
    let upload = Upload {
        patience: PATIENCE,
        ..prepared.upload.clone()
    };
    let readers = Readers::new(prepared.list(), prepared.thumbs.clone());
    let calm = Calm::measure(&server, &readers, &upload).await?;
    let bench = Bench {
        time: Duration::from_secs(options.seconds.into()),
        postgres: &postgres,
        database: &product.database,
        server: &server,
        readers,
        calm,
    };
    let reads = bench
        .loads("list and thumbnail", mixed(&prepared), None)
        .await?;
    let uploads = Job::Upload(upload.clone());
    let uploads = bench
        .loads("upload of 100 KB", uploads, Some(&upload))
        .await?;
    let report = Report {
        head,
        seconds: options.seconds,
        calm: bench.calm,
        kinds: [reads, uploads],
    };
    document::publish("Overload", &report.to_string(), options.write)
}

/// A page of the list, then a thumbnail, then a page again.
fn mixed(prepared: &Prepared) -> Job {
    let thumbs = prepared.thumbs.iter().cloned();
    let pairs = thumbs.flat_map(|thumb| -> [Request; 2] { [prepared.list(), thumb] });
    Job::in_turn(pairs.collect())
}
