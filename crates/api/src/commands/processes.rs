//! `tintype serve`, `worker`, `storage` and `healthcheck`.

use std::error::Error;
use std::net::Ipv4Addr;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode};
use tintype_api::config::Config;
use tintype_api::log::{self, Logging};
use tintype_api::serve::{self, Process};
use tintype_core::clock::Clock;
use tintype_storage::{StoreError, WebClient};
use tokio::signal::unix::{SignalKind, signal};

use crate::{Outcome, say};

/// How long a health check waits for its answer.
const PATIENCE: Duration = Duration::from_secs(5);

pub async fn serve(config: Config) -> Outcome {
    let logging = log::begin(&config, "serve")?;
    let missing_page = serve::missing_page(&config);
    let running = serve::start(config, Clock::default()).await?;
    if let Some(folder) = missing_page {
        eprintln!(
            "The page is not built: {} has no index.html. `cargo xtask run` builds it.",
            folder.display()
        );
    }
    until_told(running.process, logging).await
}

pub async fn worker(config: Config) -> Outcome {
    let logging = log::begin(&config, "worker")?;
    until_told(
        serve::start_worker(config, Clock::default()).await?.process,
        logging,
    )
    .await
}

pub async fn storage(config: Config) -> Outcome {
    let logging = log::begin(&config, "storage")?;
    until_told(serve::start_storage(&config).await?, logging).await
}

/// Waits for SIGTERM or SIGINT. A second one ends the process at once. It goes on where nobody can read what it says.
async fn until_told(process: Process, logging: Logging) -> Outcome {
    say(format_args!("Tintype is ready: {}", process.address)).ok();
    say(format_args!("Health and metrics: {}", process.ops_address)).ok();
    let (mut interrupt, mut terminate) = (
        signal(SignalKind::interrupt())?,
        signal(SignalKind::terminate())?,
    );
    let mut told = async || {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    };
    told().await;
    say("Stopping: what is open is finished first. A second signal ends it at once.").ok();
    let end = async {
        process.stop().await;
        logging.end().await;
    };
    tokio::select! {
        () = end => Ok(()),
        () = told() => Err("stopped at once: leases run out and others go on with the work".into()),
    }
}

/// Succeeds if the ops listener reports readiness.
pub async fn healthcheck(config: &Config) -> Outcome {
    let mut address = config.server.ops_addr;
    if address.ip().is_unspecified() {
        address.set_ip(Ipv4Addr::LOCALHOST.into());
    }
    let silent = || format!("{address} does not answer");
    let request = Request::get(format!("http://{address}/readyz")).body(Bytes::new())?;
    let answer = tokio::time::timeout(PATIENCE, WebClient::default().send(request))
        .await
        .map_err(|_| silent())?
        .map_err(|error| refusal(&error).unwrap_or_else(silent))?;
    if answer.status() == StatusCode::OK {
        Ok(())
    } else {
        let report = String::from_utf8_lossy(answer.body());
        Err(report.lines().last().unwrap_or_default().into())
    }
}

/// The system's error of a connection that failed or broke.
fn refusal(error: &StoreError) -> Option<String> {
    let mut causes = std::iter::successors(error.source(), |error| (*error).source());
    causes
        .find_map(|error| error.downcast_ref::<std::io::Error>())
        .map(ToString::to_string)
}
