//! The least that the database has to do: the same statements, prepared, from `pgbench`, without a server between.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;
use tokio::process::Command;

use super::options::Options;
use super::statements::Statement;
use crate::numbers::{float, median, ms};
use crate::postgres::Postgres;
use crate::processes::cpu_of_tree;

const CLIENTS: &str = "16";

/// Medians of the turns.
pub struct Floor {
    pub per_second: f64,
    pub database_ms: f64,
    /// How many statements the server sends for one request.
    pub statements: usize,
}

/// Scripts for `pgbench`, of which each transaction takes any one, and the values of their variables.
#[derive(Default)]
struct Scripts {
    texts: Vec<String>,
    variables: Vec<(String, String)>,
}

pub async fn measure(
    options: &Options,
    postgres: &Postgres,
    database: &str,
    requests: &[Vec<Statement>],
) -> Result<Floor> {
    let mut scripts = Scripts::default();
    for statements in requests {
        scripts.add(statements)?;
    }
    // The cluster's user reads nothing of it: `pgbench` runs as whoever runs this.
    let folder = TempDir::with_prefix("tintype-bench-")?;
    let mut turns = Vec::new();
    for _ in 0..options.repeats {
        turns.push(turn(options, postgres, database, &scripts, folder.path()).await?);
    }
    Ok(Floor {
        per_second: median(turns.iter().map(|(rate, _)| *rate)),
        database_ms: median(turns.iter().map(|(_, cost)| *cost)),
        statements: requests.first().map_or(0, Vec::len),
    })
}

/// Transactions a second, and the database's CPU time of each.
async fn turn(
    options: &Options,
    postgres: &Postgres,
    database: &str,
    scripts: &Scripts,
    folder: &Path,
) -> Result<(f64, f64)> {
    let mut command = command(options, postgres, scripts, folder)?;
    let before = cpu_of_tree(postgres.pid)?;
    let output = command
        .arg(database)
        .output()
        .await
        .context("start pgbench")?;
    let used = cpu_of_tree(postgres.pid)?.saturating_sub(before);
    let text = String::from_utf8_lossy(&output.stdout);
    ensure!(
        output.status.success(),
        "pgbench failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let count: u32 = behind(&text, "actually processed: ")?.parse()?;
    let rate: f64 = behind(&text, "tps = ")?.parse()?;
    Ok((rate, ms(used) / float(count.max(1))))
}

fn command(
    options: &Options,
    postgres: &Postgres,
    scripts: &Scripts,
    folder: &Path,
) -> Result<Command> {
    let mut command = postgres.program("pgbench");
    command.args(["-n", "-M", "prepared", "-c", CLIENTS, "-j", "1", "-T"]);
    command.arg(options.seconds.to_string());
    for (at, text) in scripts.texts.iter().enumerate() {
        let path = folder.join(format!("{at}.sql"));
        fs::write(&path, text)?;
        command.arg("-f").arg(path);
    }
    for (name, value) in &scripts.variables {
        command.arg("-D").arg(format!("{name}={value}"));
    }
    Ok(command)
}

/// The first word behind this.
fn behind<'a>(text: &'a str, mark: &str) -> Result<&'a str> {
    let word = text
        .split_once(mark)
        .and_then(|(_, rest)| rest.split_whitespace().next());
    word.with_context(|| format!("pgbench did not say {mark:?}"))
}

impl Scripts {
    /// Parameters become variables, which the prepared mode sends as parameters again.
    fn add(&mut self, statements: &[Statement]) -> Result<()> {
        let mut text = String::new();
        for statement in statements {
            let mut pieces = statement.sql.split('$');
            text.push_str(pieces.next().unwrap_or_default());
            for piece in pieces {
                let digits =
                    piece.len() - piece.trim_start_matches(|c: char| c.is_ascii_digit()).len();
                let (number, rest) = piece.split_at(digits);
                let at: usize = number.parse().context("a dollar that is no parameter")?;
                let value = statement.values.get(at.wrapping_sub(1));
                match value.context("a parameter without a value")? {
                    Some(value) => {
                        let name = format!("v{}", self.variables.len());
                        write!(text, ":{name}")?;
                        self.variables.push((name, value.clone()));
                    }
                    None => text.push_str("NULL"),
                }
                text.push_str(rest);
            }
            text.push_str(";\n");
        }
        self.texts.push(text);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_become_variables() -> Result<()> {
        let statement = Statement {
            sql: "SELECT a FROM b WHERE c = $2 AND d = $1 AND e IS $3 LIMIT 1".into(),
            values: vec![Some("x".into()), Some("y".into()), None],
        };
        let mut scripts = Scripts::default();
        scripts.add(&[statement])?;
        assert_eq!(
            scripts.texts,
            ["SELECT a FROM b WHERE c = :v0 AND d = :v1 AND e IS NULL LIMIT 1;\n"]
        );
        assert_eq!(
            scripts.variables,
            [("v0".into(), "y".into()), ("v1".into(), "x".into())]
        );
        Ok(())
    }
}
