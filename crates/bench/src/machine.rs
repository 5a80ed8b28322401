//! What was measured, and on what.

use std::fs;
use std::process::Command;

use anyhow::Result;

use crate::numbers::float;
use crate::postgres::Postgres;
use crate::product::root;

/// A few lines for people who compare.
pub async fn described(postgres: &Postgres, command: &str) -> Result<String> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    Ok(format!(
        "`{command}` on {date}, commit {commit}.\n\
         Machine: {cpu}, {cores} cores, {memory:.1} GiB, Linux {kernel}; {database}. \
         The load, the server and the database share these cores.\n",
        date = chrono::Utc::now().format("%Y-%m-%d %H:%M UTC"),
        commit = commit(),
        cpu = field("/proc/cpuinfo", "model name"),
        memory = memory(),
        kernel = fs::read_to_string("/proc/sys/kernel/osrelease")?.trim(),
        database = postgres.described().await?,
    ))
}

fn commit() -> String {
    let described = Command::new("git")
        .args(["describe", "--always", "--dirty", "--abbrev=12"])
        .current_dir(root())
        .output();
    match described {
        Ok(output) if output.status.success() => {
            String::from_utf8_lossy(&output.stdout).trim().to_owned()
        }
        _ => "unknown".into(),
    }
}

fn memory() -> f64 {
    let text = field("/proc/meminfo", "MemTotal");
    let kib = text
        .split_whitespace()
        .next()
        .and_then(|kib| kib.parse::<u32>().ok());
    float(kib.unwrap_or_default()) / f64::from(1024 * 1024)
}

/// What stands behind the first line's name.
fn field(path: &str, name: &str) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with(name));
    line.and_then(|line| line.split_once(':'))
        .map_or_else(|| "unknown".into(), |(_, value)| value.trim().to_owned())
}
