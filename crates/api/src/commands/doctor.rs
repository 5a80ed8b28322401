//! `tintype doctor`.

use tintype_api::config::Config;
use tintype_api::doctor::examine;

use crate::Outcome;

pub async fn doctor(config: Config, fix: bool, json: bool) -> Outcome {
    let report = examine(config, fix).await;
    if json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        println!("{report}");
    }
    if report.is_healthy() {
        Ok(())
    } else {
        Err("something is to be mended first".into())
    }
}
