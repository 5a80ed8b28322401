//! `tintype doctor`.

use tintype_api::config::Config;
use tintype_api::doctor::examine;

use crate::{Outcome, say};

pub async fn doctor(config: Config, fix: bool, json: bool) -> Outcome {
    let report = examine(config, fix).await;
    if json {
        say(serde_json::to_string_pretty(&report)?)?;
    } else {
        say(&report)?;
    }
    if report.is_healthy() {
        Ok(())
    } else {
        Err("something is to be mended first".into())
    }
}
