//! One scenario: what it costs with every connection busy, then how long it takes at half of that rate.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::floor::Floor;
use super::options::Options;
use super::scenarios::Scenario;
use crate::lane::Lane;
use crate::load::{self, Tally};
use crate::numbers::{float, median, ms, percentile};
use crate::server::Server;

const WARM_UP: Duration = Duration::from_millis(500);
/// As many as a percentile needs; where that takes long, the window is longer, but not more than so many times.
const ENOUGH: f64 = 200.0;
const LONGEST: u32 = 5;

/// What a scenario costs.
pub struct Row {
    pub name: &'static str,
    /// An error says why there is no figure: an answer was not as expected.
    pub cost: Result<Cost, String>,
    pub latency: Option<Result<Latency, String>>,
    pub floor: Option<Floor>,
}

/// Medians of the turns.
#[derive(Clone, Copy)]
pub struct Cost {
    pub per_second: f64,
    pub server_ms: f64,
    pub database_ms: f64,
    pub other_cores: f64,
}

pub struct Latency {
    pub per_second: f64,
    pub requests: usize,
    pub p50: Duration,
    pub p99: Duration,
}

pub async fn measure(options: &Options, server: &Server, scenario: &Scenario) -> Result<Row> {
    check(server, scenario).await?;
    let mut lanes = server.lanes(scenario.connections);
    let cost = cost(options, server, scenario, &mut lanes).await?;
    let latency = match &cost {
        Ok(cost) => Some(latency(options, scenario, &mut lanes, cost.per_second / 2.0).await),
        Err(_) => None,
    };
    Ok(Row {
        name: scenario.name,
        cost,
        latency,
        floor: None,
    })
}

/// The answer holds what it is meant to hold.
async fn check(server: &Server, scenario: &Scenario) -> Result<()> {
    let Some((request, expected)) = &scenario.check else {
        return Ok(());
    };
    let answer = server.lane().send(request).await?;
    let page: Value = serde_json::from_slice(&answer.body)?;
    let items = page["items"].as_array().map(Vec::len);
    ensure!(
        items.is_some_and(|items| expected.contains(&items)),
        "{}: {} {items:?} images, not {expected:?}",
        scenario.name,
        answer.status
    );
    Ok(())
}

async fn cost(
    options: &Options,
    server: &Server,
    scenario: &Scenario,
    lanes: &mut [Lane],
) -> Result<Result<Cost, String>> {
    let warm = load::closed(&scenario.job, lanes, WARM_UP).await;
    if let Some(fault) = warm.fault() {
        return Ok(Err(fault));
    }
    let mut turns = Vec::new();
    for _ in 0..options.repeats {
        let window = server.watched.begin()?;
        let tally = load::closed(&scenario.job, lanes, options.time()).await;
        let (used, took) = window.end()?;
        if let Some(fault) = tally.fault() {
            return Ok(Err(fault));
        }
        let done = float(tally.times.len());
        turns.push(Cost {
            per_second: done / took.as_secs_f64(),
            server_ms: ms(used.server) / done,
            database_ms: ms(used.database) / done,
            other_cores: used.cores(took).other,
        });
    }
    let middle = |part: fn(&Cost) -> f64| median(turns.iter().map(part));
    Ok(Ok(Cost {
        per_second: middle(|turn| turn.per_second),
        server_ms: middle(|turn| turn.server_ms),
        database_ms: middle(|turn| turn.database_ms),
        other_cores: middle(|turn| turn.other_cores),
    }))
}

async fn latency(
    options: &Options,
    scenario: &Scenario,
    lanes: &mut [Lane],
    per_second: f64,
) -> Result<Latency, String> {
    let (least, most) = (options.time(), options.time() * LONGEST);
    let time = Duration::from_secs_f64(ENOUGH / per_second.max(0.1)).clamp(least, most);
    let tally = load::open(&scenario.job, lanes, per_second, time).await;
    tally
        .fault()
        .map_or_else(|| of(&tally, per_second).map_err(|e| e.to_string()), Err)
}

fn of(tally: &Tally, per_second: f64) -> Result<Latency> {
    let part = |percent| percentile(&tally.times, percent).context("nothing was asked");
    Ok(Latency {
        per_second,
        requests: tally.times.len(),
        p50: part(50)?,
        p99: part(99)?,
    })
}
