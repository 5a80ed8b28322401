//! `tintype doctor`: walks the real path from the configuration to a stored object, and says of each step what is wrong and how to
//! mend it.

mod callers;
mod database;
mod folder;
mod installation;
mod objects;
mod origins;
mod report;
mod rules;
mod store;

use tintype_storage::{StoreConfig, WebClient};

pub use self::report::{Outcome, Report, Step};
use crate::config::Config;

/// Examines an installation. It changes nothing that lasts, but for the bucket's CORS and lifecycle rules when `fix` is true: a table is made
/// and rolled back, an object under `staging/` is written and removed.
pub async fn examine(config: Config, fix: bool) -> Report {
    let http = WebClient::default();
    let mut report = Report::default();
    report.add("configuration", installation::summary(&config));
    folder::examine(&config, &mut report);
    database::examine(&config, &mut report).await;
    match installation::find(&config) {
        Ok(Some(place)) => store::examine(&place, &http, fix, &mut report).await,
        Ok(None) => report
            .add("storage", Outcome::skipped("the embedded store has not been started yet: run `tintype serve`, then the doctor again")),
        Err(outcome) => report.add("storage", outcome),
    }
    origins::examine(&config, &http, &mut report).await;
    callers::examine(&config, &http, &mut report).await;
    report
}

/// How the store is reached, without making anything; or in a sentence what is to be set or done first.
pub(crate) fn store_of(config: &Config) -> Result<StoreConfig, String> {
    match installation::find(config) {
        Ok(Some(place)) => Ok(place.store),
        Ok(None) => Err("the embedded store has not been started yet: run `tintype serve`".into()),
        Err(Outcome::Failed { what, fix } | Outcome::Warning { what, fix }) => {
            Err(format!("{what}. {fix}"))
        }
        Err(Outcome::Ok { detail: why } | Outcome::Skipped { why }) => Err(why),
    }
}

/// Looks at a store elsewhere when a process starts. What is wrong goes to the log, in one line that says what to do.
pub(crate) async fn look_at_store(config: Config) {
    let mut report = Report::default();
    match installation::find(&config) {
        Ok(Some(place)) => drop(store::prepare(&place, &WebClient::default(), &mut report).await),
        Ok(None) => {}
        Err(outcome) => report.add("storage", outcome),
    }
    for Step { name, outcome } in report.steps {
        match outcome {
            Outcome::Failed { what, fix } => {
                tracing::error!("{name}: {what}. {fix}");
            }
            Outcome::Warning { what, fix } => {
                tracing::warn!("{name}: {what}. {fix}");
            }
            Outcome::Ok { .. } | Outcome::Skipped { .. } => {}
        }
    }
}
