//! What processes have used, from `/proc`.

use std::collections::HashMap;
use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::param::clock_ticks_per_second;

use crate::numbers::float;

/// CPU time of a process and all that came from it: those that live, and what those that have ended have left to their parents.
pub fn cpu_of_tree(root: u32) -> Result<Duration> {
    let all = stats()?;
    let mut members = vec![root];
    let mut at = 0;
    while let Some(&parent) = members.get(at) {
        members.extend(
            all.iter()
                .filter(|(_, stat)| stat.parent == parent)
                .map(|(pid, _)| *pid),
        );
        at += 1;
    }
    let used = members.iter().filter_map(|pid| all.get(pid));
    Ok(time(used.map(|stat| stat.ticks).sum()))
}

/// CPU time that all cores together have spent on anything.
pub fn cpu_of_machine() -> Result<Duration> {
    let text = fs::read_to_string("/proc/stat").context("read /proc/stat")?;
    let line = text.lines().next().unwrap_or_default();
    let fields: Vec<u64> = line
        .split_whitespace()
        .filter_map(|field| field.parse().ok())
        .collect();
    // user, nice, system, idle, iowait, irq, softirq, steal
    let busy = [0, 1, 2, 5, 6, 7];
    Ok(time(busy.iter().filter_map(|at| fields.get(*at)).sum()))
}

/// Memory that a process has in RAM, MiB.
pub fn resident(pid: u32) -> Result<f64> {
    let path = format!("/proc/{pid}/status");
    let text = fs::read_to_string(&path).with_context(|| format!("read {path}"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib: u32 = line
        .and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .with_context(|| format!("find VmRSS in {path}"))?;
    Ok(float(kib) / 1024.0)
}

struct Stat {
    parent: u32,
    ticks: u64,
}

fn stats() -> Result<HashMap<u32, Stat>> {
    let entries = fs::read_dir("/proc").context("read /proc")?.flatten();
    Ok(entries
        .filter_map(|entry| {
            let pid = entry.file_name().to_str()?.parse().ok()?;
            // It may have ended meanwhile.
            let text = fs::read_to_string(entry.path().join("stat")).ok()?;
            Some((pid, parse(&text)?))
        })
        .collect())
}

/// The name in brackets may hold anything; behind it the state, the parent, and later utime, stime, cutime and cstime.
fn parse(text: &str) -> Option<Stat> {
    let (_, behind) = text.rsplit_once(')')?;
    let fields: Vec<&str> = behind.split_whitespace().collect();
    let ticks: Vec<u64> = fields
        .get(11..15)?
        .iter()
        .filter_map(|field| field.parse().ok())
        .collect();
    Some(Stat {
        parent: fields.get(1)?.parse().ok()?,
        ticks: ticks.iter().sum(),
    })
}

fn time(ticks: u64) -> Duration {
    Duration::from_secs_f64(float(ticks) / float(clock_ticks_per_second()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stat_is_read_whatever_the_name_is() {
        let text = "7 (a ) b) S 3 7 7 0 -1 4194560 1 2 3 4 10 20 30 40 20 0 1 0 5";
        let stat = parse(text).map(|stat| (stat.parent, stat.ticks));
        assert_eq!(stat, Some((3, 100)));
    }
}
