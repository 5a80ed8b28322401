//! `tintype`: the server of an image host.

mod commands;

use std::error::Error;
use std::fmt::Display;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;
use tintype_api::config::{Config, Role};

type Outcome = Result<(), Box<dyn Error + Send + Sync>>;

const AFTER_HELP: &str = "\
Without settings `tintype serve` answers on http://127.0.0.1:8080, with SQLite and the images in ./data.
Settings are read from a TOML file and from the environment: TINTYPE_SECTION__KEY, DATABASE_URL.
Every variable has a form with _FILE behind its name that names a file with the value.";

#[derive(Parser)]
#[command(name = "tintype", version = tintype_version::VERSION, about = "A self-hosted image host", after_help = AFTER_HELP)]
struct Cli {
    /// A TOML file with settings; the environment goes before it
    #[arg(long, global = true, value_name = "FILE", env = "TINTYPE_CONFIG")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API, the page and the images
    Serve,
    /// Finish uploads and remove what was deleted, beside processes that serve (PostgreSQL only)
    Worker,
    /// Be the store: an S3 endpoint over a folder, for installations without one
    Storage,
    /// Change the database's schema, or show where it is
    #[command(subcommand)]
    Migrate(commands::Migrate),
    /// Walk the real way of an upload, and say what is wrong and how to mend it
    Doctor {
        /// Write the bucket's CORS and lifecycle rules first
        #[arg(long)]
        fix: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Compare the bucket with the database, and name what does not balance; changes nothing
    Audit(commands::Audit),
    /// Move what no row needs out of the bucket's way, and delete it some days later
    Sweep(commands::Sweep),
    /// Copy everything that is kept, rows and images, to another place, while the server runs or not
    Backup(commands::Backup),
    /// Bring a backup back, into an empty database and an empty bucket of any kind
    Restore(commands::Restore),
    /// Write everything that an account has into one archive
    Export(commands::Export),
    /// Take pictures into an account: those of a folder, or what an account of another installation has taken away
    Import(commands::Import),
    /// Make the database again from the bucket alone, when there is neither it nor a backup
    Rebuild(commands::Rebuild),
    /// Accounts
    #[command(subcommand)]
    User(commands::User),
    /// Images, whoever they belong to
    #[command(subcommand)]
    Image(commands::Image),
    /// Print the OpenAPI description
    Openapi,
    /// Ask the process on this machine whether it can work; for containers
    Healthcheck,
    /// Print completions for a shell
    Completions {
        /// Which shell
        shell: Shell,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    match Box::pin(run(Cli::parse())).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(error.as_ref());
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> Outcome {
    let load = |role| Config::load(cli.config.as_deref(), role);
    match cli.command {
        Command::Serve => commands::serve(load(Role::Serve)?).await,
        Command::Worker => commands::worker(load(Role::Worker)?).await,
        Command::Storage => commands::storage(load(Role::Storage)?).await,
        Command::Migrate(command) => commands::migrate(&load(Role::Tool)?, command).await,
        Command::Doctor { fix, json } => commands::doctor(load(Role::Serve)?, fix, json).await,
        Command::Audit(command) => commands::audit(&load(Role::Tool)?, command).await,
        Command::Sweep(command) => commands::sweep(&load(Role::Tool)?, command).await,
        Command::Backup(command) => commands::backup(&load(Role::Tool)?, command).await,
        Command::Restore(command) => commands::restore(&load(Role::Tool)?, command).await,
        Command::Export(command) => commands::export(&load(Role::Tool)?, command).await,
        Command::Import(command) => commands::import(&load(Role::Tool)?, command).await,
        Command::Rebuild(command) => commands::rebuild(&load(Role::Tool)?, command).await,
        Command::User(command) => commands::user(&load(Role::Tool)?, command).await,
        Command::Image(command) => commands::image(&load(Role::Tool)?, command).await,
        Command::Healthcheck => commands::healthcheck(&load(Role::Tool)?).await,
        Command::Openapi => {
            let document = serde_json::to_string_pretty(&tintype_api::router::document()?)?;
            say(document)
        }
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "tintype", &mut script);
            print(&script)
        }
    }
}

/// Writes a line to standard output.
fn say(line: impl Display) -> Outcome {
    print(format!("{line}\n").as_bytes())
}

/// Writes to standard output. Whoever reads it may have closed the pipe: what was done is done.
fn print(bytes: &[u8]) -> Outcome {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

/// Prints each cause on its own line, on standard error.
fn report(error: &(dyn Error + 'static)) {
    eprintln!("tintype: {error}");
    let mut source = error.source();
    while let Some(error) = source {
        eprintln!("  because: {error}");
        source = error.source();
    }
}
