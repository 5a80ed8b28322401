use std::time::Duration;

use tintype_api::config::Config;
use tintype_api::log::{self, Logging};
use tintype_api::serve::{self, Process};
use tintype_core::clock::Clock;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::signal::unix::{SignalKind, signal};

use crate::Outcome;

pub async fn serve(config: Config) -> Outcome {
    let logging = log::begin(&config, "serve")?;
    let page = config.server.page_dir.clone();
    let running = serve::start(config, Clock::default()).await?;
    if !serve::has_page(&page) {
        eprintln!(
            "The page is not built: {} has no index.html. `just run` builds it.",
            page.display()
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

/// Until SIGTERM or SIGINT. A second one ends the process at once.
async fn until_told(process: Process, logging: Logging) -> Outcome {
    println!("Tintype is ready: {}", process.address);
    println!("Health and metrics: {}", process.ops_address);
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
    println!("Stopping: what is open is finished first. A second signal ends it at once.");
    let end = async {
        process.stop().await;
        logging.end().await;
    };
    tokio::select! {
        () = end => Ok(()),
        () = told() => Err("stopped at once: leases run out and others go on with the work".into()),
    }
}

/// Succeeds when the ops listener says that the process is ready.
pub async fn healthcheck(config: &Config) -> Outcome {
    let mut address = config.server.ops_addr;
    if address.ip().is_unspecified() {
        address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    let answer = async {
        let mut stream = TcpStream::connect(address).await?;
        stream
            .write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            .await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        std::io::Result::Ok(answer)
    };
    let answer = tokio::time::timeout(Duration::from_secs(5), answer)
        .await
        .map_err(|_| format!("{address} does not answer"))??;
    if answer.starts_with("HTTP/1.1 200") {
        Ok(())
    } else {
        Err(answer.lines().last().unwrap_or_default().into())
    }
}
