//! What the API costs and how quickly it answers: `just bench api`. What it does when more is asked of it than it can do:
//! `just bench overload`.
//!
//! A server of its own and a database of its own in the throwaway PostgreSQL of `tests/with-postgres` are filled, driven over loopback
//! by one thread, and gone at the end. Every loop is bounded in time, and every answer's status is looked at.

mod api;
mod client;
mod document;
mod job;
mod lane;
mod load;
mod machine;
mod numbers;
mod outcome;
mod overload;
mod pace;
mod picture;
mod postgres;
mod prepared;
mod processes;
mod product;
mod request;
mod seed;
mod server;
mod table;
mod upload;
mod usage;

use anyhow::{Result, bail};
use clap::Parser;
use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::signal::unix::{SignalKind, signal};

#[derive(Parser)]
#[command(
    name = "tintype-bench",
    about = "Measures the API; run it as `just bench api` or `just bench overload`"
)]
enum What {
    /// Requests a second, CPU time, latency, memory and cold starts.
    Api(api::Options),
    /// What is still answered when several times more is asked than can be.
    Overload(overload::Options),
}

/// One thread drives, so that the server and the database keep the other cores.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let what = What::parse();
    raise_file_limit();
    let (mut interrupt, mut terminate) = (
        signal(SignalKind::interrupt())?,
        signal(SignalKind::terminate())?,
    );
    let work = async {
        match what {
            What::Api(options) => api::run(&options).await,
            What::Overload(options) => overload::run(&options).await,
        }
    };
    // What is dropped ends its processes and removes its folders.
    tokio::select! {
        done = work => done,
        _ = interrupt.recv() => bail!("interrupted"),
        _ = terminate.recv() => bail!("told to end"),
    }
}

/// Two sockets for each of the many clients of an overload. Where the limit stays lower, connecting says so.
fn raise_file_limit() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    let _ = setrlimit(Resource::Nofile, limit);
}

/// A line of progress.
fn say(text: impl std::fmt::Display) {
    eprintln!("{} {text}", chrono::Local::now().format("%H:%M:%S"));
}
