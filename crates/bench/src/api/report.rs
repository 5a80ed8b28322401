//! The tables of `just bench api`.

use std::fmt;
use std::time::Duration;

use super::measure::{Cost, Latency, Row};
use super::options::Options;
use crate::numbers::{float, median, ms};
use crate::table::{Table, number, thousands};

#[derive(Default)]
pub struct Report {
    pub head: String,
    pub options: Options,
    /// Each with the number of images.
    pub rows: Vec<(u32, Row)>,
    pub sizes: Vec<Size>,
    pub starts: Vec<Duration>,
}

/// Memory of the server with so many images, MiB.
pub struct Size {
    pub images: u32,
    pub idle: f64,
    pub loaded: f64,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Options {
            seconds, repeats, ..
        } = self.options;
        writeln!(f, "{}", self.head)?;
        writeln!(
            f,
            "Requests a second and CPU time with all of 16 kept-alive connections busy, {seconds} s, the median of {repeats}. \
             What is left for the server depends on the load beside it: CPU time is what compares. \
             Latency at half of that rate, counted from when each request was due. \
             \"Other load\" is how many cores did anything else: above 0.1, run it again.\n"
        )?;
        writeln!(f, "{}", self.requests())?;
        self.faults(f)?;
        writeln!(f, "### The floor\n")?;
        writeln!(
            f,
            "The statements that the server sends, as PostgreSQL logged them, prepared and sent by `pgbench` with 16 clients.\n"
        )?;
        writeln!(f, "{}", self.floors())?;
        writeln!(f, "### Memory and start\n")?;
        writeln!(f, "{}", self.memory())?;
        let starts = self.starts.iter().copied().map(ms);
        writeln!(
            f,
            "From starting the process to the first 200, PostgreSQL migrated and {} images there: {} ms (median of {}; {} to {}).",
            thousands(float(self.sizes.last().map_or(0, |size| size.images))),
            number(median(starts.clone())),
            self.starts.len(),
            number(starts.clone().fold(f64::INFINITY, f64::min)),
            number(starts.fold(0.0, f64::max)),
        )
    }
}

impl Report {
    fn requests(&self) -> Table {
        let mut table = Table::new(&[
            "images",
            "request",
            "requests/s",
            "server CPU ms",
            "database CPU ms",
            "p50 ms",
            "p99 ms",
            "at requests/s",
            "other load",
        ]);
        for (images, row) in &self.rows {
            let mut cells = vec![thousands(float(*images)), row.name.to_owned()];
            cells.extend(costs(row.cost.as_ref().ok()));
            cells.extend(latencies(
                row.latency.as_ref().and_then(|it| it.as_ref().ok()),
            ));
            let other = row.cost.as_ref().ok().map(|cost| cost.other_cores);
            cells.push(other.map_or_else(|| "-".into(), |cores| format!("{cores:.2}")));
            table.row(cells);
        }
        table
    }

    /// What made figures void.
    fn faults(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (images, row) in &self.rows {
            let latency = row.latency.as_ref().and_then(|it| it.as_ref().err());
            for fault in row.cost.as_ref().err().into_iter().chain(latency) {
                writeln!(
                    f,
                    "Void: {} of {images} images: not as expected were {fault}\n",
                    row.name
                )?;
            }
        }
        Ok(())
    }

    fn floors(&self) -> Table {
        let mut table = Table::new(&[
            "images",
            "request",
            "statements",
            "database CPU ms, server",
            "database CPU ms, pgbench",
            "ratio",
            "pgbench transactions/s",
        ]);
        for (images, row) in &self.rows {
            let (Some(floor), Ok(cost)) = (&row.floor, &row.cost) else {
                continue;
            };
            table.row([
                thousands(float(*images)),
                row.name.to_owned(),
                floor.statements.to_string(),
                number(cost.database_ms),
                number(floor.database_ms),
                number(cost.database_ms / floor.database_ms),
                number(floor.per_second),
            ]);
        }
        table
    }

    fn memory(&self) -> Table {
        let mut table = Table::new(&["images", "resident when idle, MiB", "after the load, MiB"]);
        for size in &self.sizes {
            table.row([
                thousands(float(size.images)),
                number(size.idle),
                number(size.loaded),
            ]);
        }
        table
    }
}

fn costs(cost: Option<&Cost>) -> [String; 3] {
    let void = || ["void", "-", "-"].map(str::to_owned);
    cost.map_or_else(void, |cost| {
        [cost.per_second, cost.server_ms, cost.database_ms].map(number)
    })
}

/// A percentile of few requests is the slowest of them, and has a star.
fn latencies(latency: Option<&Latency>) -> [String; 3] {
    let Some(latency) = latency else {
        return ["-", "-", "-"].map(str::to_owned);
    };
    let few = if latency.requests < 100 { "*" } else { "" };
    [
        number(ms(latency.p50)),
        number(ms(latency.p99)) + few,
        number(latency.per_second),
    ]
}
