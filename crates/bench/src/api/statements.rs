//! Which statements the server sends for a request: PostgreSQL is told to log them, and the log is read.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::time::sleep;

use crate::postgres::Postgres;
use crate::request::Request;
use crate::server::Server;

/// Until every process of the cluster knows of a setting, and what it has logged is in the file.
const MOMENT: Duration = Duration::from_millis(500);
const LOG: &str = "ALTER SYSTEM SET log_statement = 'all'; SELECT pg_reload_conf();";
const LOG_NO_MORE: &str = "ALTER SYSTEM RESET log_statement; SELECT pg_reload_conf();";

/// A statement as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    pub sql: String,
    /// Of `$1`, `$2`, ...; `None` is NULL.
    pub values: Vec<Option<String>>,
}

/// The statements of each request, told from those of the worker by the account's id.
pub async fn sent(
    postgres: &Postgres,
    server: &Server,
    requests: &[Request],
    user_id: &str,
) -> Result<Vec<Vec<Statement>>> {
    postgres.sql("postgres", LOG, &[]).await?;
    sleep(MOMENT).await;
    let logged = logged(postgres, server, requests).await;
    postgres.sql("postgres", LOG_NO_MORE, &[]).await?;
    sleep(MOMENT).await;
    let all: Vec<_> = logged?.iter().map(|text| of_user(text, user_id)).collect();
    ensure!(
        all.iter().all(|sent| !sent.is_empty()),
        "the log of PostgreSQL shows no statement of a request"
    );
    Ok(all)
}

fn of_user(log: &str, user_id: &str) -> Vec<Statement> {
    let names = |statement: &Statement| {
        let mut values = statement.values.iter().flatten();
        values.any(|value| value == user_id)
    };
    statements(log).into_iter().filter(names).collect()
}

async fn logged(postgres: &Postgres, server: &Server, requests: &[Request]) -> Result<Vec<String>> {
    let (mut lane, mut texts) = (server.lane(), Vec::new());
    for request in requests {
        let before = read(postgres)?.len();
        let answer = lane.send(request).await?;
        ensure!(answer.status == request.expected, "{}", answer.status);
        sleep(MOMENT / 5).await;
        texts.push(read(postgres)?.split_off(before));
    }
    Ok(texts)
}

fn read(postgres: &Postgres) -> Result<String> {
    let bytes = fs::read(postgres.log()).context("read the log of PostgreSQL")?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// `LOG:  execute NAME: SQL`, and in the next line `DETAIL:  parameters: $1 = '...', ...`.
fn statements(log: &str) -> Vec<Statement> {
    let mut out: Vec<Statement> = Vec::new();
    for line in log.lines() {
        if let Some((_, rest)) = line.split_once("LOG:  execute ")
            && let Some((_, sql)) = rest.split_once(": ")
        {
            out.push(Statement {
                sql: sql.to_owned(),
                values: Vec::new(),
            });
        } else if let Some((_, rest)) = line.split_once("DETAIL:  ")
            && let Some((_, list)) = rest.split_once("arameters: ")
            && let Some(last) = out.last_mut()
        {
            last.values = values(list);
        }
    }
    out
}

/// `$1 = 'it''s', $2 = NULL`.
fn values(list: &str) -> Vec<Option<String>> {
    let mut out = Vec::new();
    let mut rest = list;
    while let Some((_, behind)) = rest.split_once(" = ") {
        let Some(quoted) = behind.strip_prefix('\'') else {
            out.push(None);
            rest = behind;
            continue;
        };
        let end = end_of(quoted);
        out.push(Some(quoted[..end].replace("''", "'")));
        rest = &quoted[end..];
    }
    out
}

/// Where a quoted text ends: at a quote that is not followed by another.
fn end_of(quoted: &str) -> usize {
    let mut marks = quoted.match_indices('\'').map(|(at, _)| at).peekable();
    while let Some(at) = marks.next() {
        if marks.next_if_eq(&(at + 1)).is_none() {
            return at;
        }
    }
    quoted.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_read_with_their_values() {
        let log = "2026-11-29 18:00:00.123 UTC [7] LOG:  execute sqlx_s_3: SELECT 1 FROM a WHERE b = $1 AND c = $2 LIMIT $3\n\
                   2026-11-29 18:00:00.123 UTC [7] DETAIL:  parameters: $1 = 'it''s = ''x''', $2 = NULL, $3 = '51'\n\
                   2026-11-29 18:00:00.124 UTC [8] LOG:  statement: BEGIN\n";
        let expected = Statement {
            sql: "SELECT 1 FROM a WHERE b = $1 AND c = $2 LIMIT $3".into(),
            values: vec![Some("it's = 'x'".into()), None, Some("51".into())],
        };
        assert_eq!(statements(log), [expected]);
    }
}
