//! `tintype doctor`: checks every step from the configuration to a stored object, and says what is wrong with each and how to fix it.

mod callers;
mod database;
mod folder;
mod installation;
mod objects;
mod origins;
mod report;
mod rules;
mod store;

use tintype_core::half_done::HalfDone;
use tintype_storage::{StoreConfig, WebClient};

pub(crate) use self::installation::addresses;
pub use self::report::{Outcome, Report, Step};
use crate::config::Config;
use crate::maintenance::store_of_running;

/// Checks an installation. It changes nothing permanently, except the bucket's CORS and lifecycle rules if `fix` is true: it creates and
/// rolls back a table, and writes and removes an object under `staging/`.
pub async fn examine(config: Config, fix: bool) -> Report {
    let http = WebClient::default();
    let mut report = Report::default();
    report.add("configuration", installation::summary(&config));
    folder::examine(&config, &mut report);
    database::examine(&config, &mut report).await;
    if let Some(what) = Box::pin(half_done(&config)).await {
        let mend = format!("Run `tintype {what}` again, which goes on and ends it.");
        let outcome = Outcome::failed(format!("`tintype {what}` was broken off here"), mend);
        report.add("whole", outcome);
    }
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

/// What was broken off, if the store can be asked.
async fn half_done(config: &Config) -> Option<HalfDone> {
    if config.has_embedded_store() && !config.objects_dir().is_dir() {
        return None;
    }
    let (store, _lock) = Box::pin(store_of_running(config)).await.ok()?;
    Box::pin(HalfDone::find(&store)).await.ok()?
}

/// How to reach the store, without creating anything; or a sentence that says what to set or do first.
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

/// Checks an external store when a process starts. A fault is logged in one line that says what to do.
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
