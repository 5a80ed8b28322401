//! Whether the database can be used.

use std::path::Path;
use std::time::Duration;

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr, TransactionTrait,
};

use super::report::{Outcome, Report};
use crate::config::Config;
use tintype_core::chain;
use tintype_core::db::schema::pending;

const REACHABLE: &str = "database reachable";
const WRITE: &str = "database write";
const SCHEMA: &str = "database schema";
const WAIT: Duration = Duration::from_secs(3);
const SETTING: &str = "TINTYPE_DATABASE__URL (or DATABASE_URL)";

pub(super) async fn examine(config: &Config, report: &mut Report) {
    let url = config.database_url();
    if let Some(path) = missing_file(&url) {
        report.add(
            REACHABLE,
            Outcome::ok(format!("{path} is made at the first start")),
        );
        return report.skip(&[WRITE, SCHEMA], "there is no database yet");
    }
    let db = match connect(&url).await {
        Ok(db) => db,
        Err(error) => {
            report.add(REACHABLE, unreachable(&error));
            return report.skip(&[WRITE, SCHEMA], "the database can't be reached");
        }
    };
    report.add(REACHABLE, Outcome::ok("it answers"));
    report.add(WRITE, written(&db).await);
    report.add(SCHEMA, schema(&db).await);
    if let Err(error) = db.close().await {
        tracing::debug!(%error, "the doctor's connection was not closed well");
    }
}

/// The file of an SQLite address if it is missing: connecting would create it.
fn missing_file(url: &str) -> Option<&str> {
    let path = url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path).split('?').next()?;
    (path != ":memory:" && !path.is_empty() && !Path::new(path).exists()).then_some(path)
}

pub(super) async fn connect(url: &str) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url);
    options
        .sqlx_logging(false)
        .connect_timeout(WAIT)
        .acquire_timeout(WAIT)
        .max_connections(1);
    options.map_sqlx_sqlite_opts(|sqlite| sqlite.create_if_missing(false).busy_timeout(WAIT));
    let db = Database::connect(options).await?;
    db.execute_unprepared("SELECT 1").await?;
    Ok(db)
}

fn unreachable(error: &DbErr) -> Outcome {
    let text = chain(error);
    let refused = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let mend = if refused(&["password authentication", "no pg_hba.conf entry", "role "]) {
        format!("Correct the user and the password in {SETTING}.")
    } else if refused(&["database \""]) {
        format!("Create the database with `createdb`, or name the right one in {SETTING}.")
    } else if refused(&["failed to lookup", "Name or service not known"]) {
        format!("Correct the host name in {SETTING}.")
    } else {
        format!("Start the database, or correct host and port in {SETTING}.")
    };
    Outcome::failed(format!("the database can't be opened: {text}"), mend)
}

/// Creates a table, writes to it and rolls back, which both databases can do.
async fn written(db: &DatabaseConnection) -> Outcome {
    match write(db).await {
        Ok(()) => Outcome::ok("a row was written and rolled back"),
        Err(error) => Outcome::failed(
            format!("the database can't be written: {}", chain(&error)),
            format!(
                "Give the user of {SETTING} the right to write and to create tables (an SQLite file and its folder: to the user that runs Tintype)."
            ),
        ),
    }
}

async fn write(db: &DatabaseConnection) -> Result<(), DbErr> {
    let change = db.begin().await?;
    change
        .execute_unprepared("CREATE TABLE tintype_doctor (n INTEGER)")
        .await?;
    change
        .execute_unprepared("INSERT INTO tintype_doctor (n) VALUES (1)")
        .await?;
    change.rollback().await
}

async fn schema(db: &DatabaseConnection) -> Outcome {
    match pending(db).await {
        Ok(pending) if pending.is_empty() => Outcome::ok("it is up to date"),
        Ok(pending) => Outcome::warning(
            format!("{} migrations are pending", pending.len()),
            "Run `tintype migrate up`, or start `tintype serve`, which does it.",
        ),
        Err(error) => Outcome::failed(
            format!(
                "the schema is not of this version of Tintype: {}",
                chain(&error)
            ),
            format!("Run the newest Tintype that has used this database, or correct {SETTING}."),
        ),
    }
}
