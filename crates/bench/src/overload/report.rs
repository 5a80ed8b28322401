//! The tables of `just bench overload`.

use std::fmt;
use std::time::Duration;

use super::calm::{Calm, Reads};
use super::flood::CLIENTS;
use super::loads::Kind;
use crate::load::Tally;
use crate::numbers::{float, ms, percentile};
use crate::table::{Table, number, number_of};
use crate::usage::Cores;

pub struct Report {
    pub head: String,
    pub seconds: u32,
    pub calm: Calm,
    pub kinds: [Kind; 2],
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.head)?;
        writeln!(
            f,
            "Clients come at a fixed rate for {} s, at most {CLIENTS} at once: more than the server has places for. Who comes when all are \
             there is not sent, and counted apart. The peak is what 16 connections that are kept alive get done. \
             What is served counts until the load ends; times count from when the client came. \
             A refusal is a 429 or a 503. Who is hung up on repeats what may be repeated, once.\n",
            self.seconds
        )?;
        for kind in &self.kinds {
            let (name, peak) = (kind.name, number(kind.peak));
            writeln!(f, "### Too much of: {name}\n\nPeak: {peak} a second.\n")?;
            writeln!(f, "{}", self.answers(kind))?;
            writeln!(f, "{}", effects(kind))?;
            faults(f, kind)?;
        }
        writeln!(
            f,
            "At rest: list p99 {} ms, thumbnail p99 {} ms, the slowest of ten uploads {} ms. \
             \"As before\" is at most twice that, or 10 ms: twenty times in a row for reading, once for an upload.",
            number(ms(self.calm.list)),
            number(ms(self.calm.thumbs)),
            number(ms(self.calm.upload))
        )
    }
}

impl Report {
    fn answers(&self, kind: &Kind) -> Table {
        let mut table = Table::new(&[
            "load",
            "asked/s",
            "served/s",
            "of the peak",
            "p50 ms",
            "p99 ms",
            "refused/s",
            "refusal p50 ms",
            "refusal p99 ms",
            "with Retry-After",
            "hung up on/s",
            "not sent/s",
        ]);
        for load in &kind.loads {
            let seen = &load.seen;
            let a_second = |count: usize| number(float(count) / f64::from(self.seconds));
            table.row([
                format!("{}x", load.factor),
                number(load.asked),
                number(seen.served),
                format!("{:.0} %", seen.served / kind.peak * 100.0),
                time(&seen.times, 50),
                time(&seen.times, 99),
                a_second(seen.refusals.len()),
                time(&seen.refusals, 50),
                time(&seen.refusals, 99),
                share(seen.told_when, seen.refusals.len()),
                a_second(seen.cut.len()),
                a_second(seen.sent_away),
            ]);
        }
        table
    }
}

fn effects(kind: &Kind) -> Table {
    let mut table = Table::new(&[
        "load",
        "others: list p99 ms",
        "others: thumbnail p99 ms",
        "memory MiB",
        "cores: server, database, asking, other",
        "reading as before after s",
        "uploading as before after s",
        "unfinished",
        "failed",
    ]);
    for load in &kind.loads {
        let of = |part: fn(&Reads) -> &Tally| load.others.as_ref().map(part).map(noticed);
        table.row([
            format!("{}x", load.factor),
            of(|reads| &reads.list).unwrap_or_else(|| "-".into()),
            of(|reads| &reads.thumbs).unwrap_or_else(|| "-".into()),
            number(load.memory),
            cores(&load.cores),
            after(load.reads_again),
            // Nobody uploads while reading is too much.
            load.others
                .as_ref()
                .map_or_else(|| "-".into(), |_| after(load.uploads_again)),
            load.seen.unfinished.to_string(),
            load.seen.failures.len().to_string(),
        ]);
    }
    table
}

/// Of those that were read; behind it how many were not.
fn noticed(tally: &Tally) -> String {
    let p99 = time(&tally.times, 99);
    match tally.others {
        0 => p99,
        others => format!("{p99} ({others} not served)"),
    }
}

fn faults(f: &mut fmt::Formatter<'_>, kind: &Kind) -> fmt::Result {
    for load in &kind.loads {
        for (how, all) in [
            ("hung up on", &load.seen.cut),
            ("failed", &load.seen.failures),
        ] {
            if let Some(first) = all.first() {
                let count = all.len();
                writeln!(f, "{}x: {count} {how}, the first: {first}\n", load.factor)?;
            }
        }
    }
    Ok(())
}

fn time(times: &[Duration], percent: usize) -> String {
    number_of(percentile(times, percent).map(ms))
}

fn share(part: usize, all: usize) -> String {
    match all {
        0 => "-".into(),
        all => format!("{:.0} %", float(part) / float(all) * 100.0),
    }
}

fn cores(cores: &Cores) -> String {
    let Cores {
        server,
        database,
        asking,
        other,
    } = cores;
    format!("{server:.2}, {database:.2}, {asking:.2}, {other:.2}")
}

fn after(time: Option<Duration>) -> String {
    time.map_or_else(
        || "more than 60".into(),
        |time| format!("{:.2}", time.as_secs_f64()),
    )
}
