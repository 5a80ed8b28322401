//! `just bench api`: what each request costs, how quickly it is answered, and what is the least that the database has to do for it.

mod floor;
mod measure;
mod options;
mod report;
mod scenarios;
mod statements;

use std::time::Duration;

use anyhow::Result;
use tokio::time::sleep;

use self::measure::{Row, measure};
pub use self::options::Options;
use self::report::{Report, Size};
use self::scenarios::{Scenario, scenarios};
use crate::postgres::Postgres;
use crate::prepared::Prepared;
use crate::processes::resident;
use crate::product::Product;
use crate::server::Server;
use crate::{document, machine, say, seed};

/// What is bounded for accounts and addresses would refuse one client who does the work of thousands.
const BOUNDS: [(&str, &str); 4] = [
    ("TINTYPE_LIMITS__UNFINISHED_UPLOADS", "1000000"),
    ("TINTYPE_LIMITS__UNFINISHED_SECONDS", "100000000"),
    ("TINTYPE_RATES__FAILED_LOGINS_PER_ACCOUNT", "100000"),
    ("TINTYPE_RATES__FAILED_LOGINS_PER_ADDRESS", "100000"),
];
/// How often a cold start is timed.
const STARTS: usize = 10;
/// Until what a start or a load has set off is over.
const REST: Duration = Duration::from_secs(2);

pub async fn run(options: &Options) -> Result<()> {
    let postgres = Postgres::from_env()?;
    let mut report = Report {
        head: machine::described(&postgres, &options.command()).await?,
        options: options.clone(),
        ..Report::default()
    };
    for (at, images) in options.images.iter().enumerate() {
        let is_last = at + 1 == options.images.len();
        size(options, &postgres, *images, is_last, &mut report).await?;
    }
    document::publish("Requests", &report.to_string(), options.write)
}

async fn size(
    options: &Options,
    postgres: &Postgres,
    images: u32,
    is_last: bool,
    report: &mut Report,
) -> Result<()> {
    let product = Product::prepare(postgres, format!("bench_{images}"), &BOUNDS).await?;
    say(format_args!("making {images} images"));
    seed::fill(postgres, &product.database, images).await?;
    if is_last {
        report.starts = starts(&product).await?;
    }
    let (server, _) = product.start().await?;
    sleep(REST).await;
    let idle = resident(server.watched.server)?;
    let prepared = Prepared::make(postgres, &product.database, &server, is_last).await?;
    for scenario in scenarios(&prepared, is_last) {
        if scenario.name.contains(&options.only) {
            let row = scene(options, postgres, &product, &server, &scenario, &prepared).await?;
            report.rows.push((images, row));
        }
    }
    sleep(REST).await;
    let loaded = resident(server.watched.server)?;
    report.sizes.push(Size {
        images,
        idle,
        loaded,
    });
    Ok(())
}

/// One scenario, and the floor under it.
async fn scene(
    options: &Options,
    postgres: &Postgres,
    product: &Product<'_>,
    server: &Server,
    scenario: &Scenario,
    prepared: &Prepared,
) -> Result<Row> {
    say(scenario.name);
    let mut row = measure(options, server, scenario).await?;
    if scenario.leaves_announced {
        seed::forget_announced(postgres, &product.database).await?;
    }
    if !scenario.samples.is_empty() {
        let of = statements::sent(postgres, server, &scenario.samples, &prepared.user_id).await?;
        row.floor = Some(floor::measure(options, postgres, &product.database, &of).await?);
    }
    Ok(row)
}

async fn starts(product: &Product<'_>) -> Result<Vec<Duration>> {
    say(format_args!("starting {STARTS} times"));
    let mut times = Vec::new();
    for _ in 0..STARTS {
        let (server, took) = product.start().await?;
        times.push(took);
        drop(server);
    }
    Ok(times)
}
