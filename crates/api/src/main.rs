//! `tintype`: the server of an image host.

use std::error::Error;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use tintype_api::clock::Clock;
use tintype_api::config::Config;
use tintype_api::{router, serve};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

#[derive(Parser)]
#[command(version, about = "A self-hosted image host")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API, the page and the images, and finish uploads in the background
    Serve {
        /// A TOML file with settings; the environment goes before it
        #[arg(long, env = "TINTYPE_CONFIG_FILE")]
        config: Option<PathBuf>,
    },
    /// Print the OpenAPI description
    Openapi,
}

#[tokio::main]
async fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Serve { config } => run(config).await,
        Command::Openapi => print_document(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(error.as_ref());
            ExitCode::FAILURE
        }
    }
}

/// Every cause on a line of its own, on standard error.
fn report(error: &(dyn Error + 'static)) {
    eprintln!("tintype: {error}");
    let mut source = error.source();
    while let Some(error) = source {
        eprintln!("  because: {error}");
        source = error.source();
    }
}

fn print_document() -> Result<(), Box<dyn Error>> {
    println!("{}", serde_json::to_string_pretty(&router::document()?)?);
    Ok(())
}

async fn run(file: Option<PathBuf>) -> Result<(), Box<dyn Error>> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,tintype=info"));
    let is_terminal = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(is_terminal).init();
    let config = Config::load(file.as_deref())?;
    let page = config.server.page_dir.clone();
    let running = serve::start(config, Clock::default()).await?;
    if !serve::has_page(&page) {
        eprintln!("The page is not built: {} has no index.html. `just run` builds it.", page.display());
    }
    println!("Tintype is ready: {}", running.app.urls.app());
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    println!("Stopping: open requests are finished first.");
    running.stop().await;
    Ok(())
}
