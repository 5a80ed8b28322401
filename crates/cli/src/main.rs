//! `tt`: pictures to a Tintype server and their links back, from a shell.

mod address;
mod api;
mod args;
mod chosen;
mod credentials;
mod delete;
mod error;
mod format;
mod http;
mod keyring;
mod list;
mod login;
mod manual;
mod open;
mod terminal;
mod upload;

use std::process::ExitCode;

use args::{Arguments, Command};
use clap::Parser;
use error::Error;

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(()) | Err(Error::Closed) => ExitCode::SUCCESS,
        Err(error) => {
            terminal::tell(&format!("tt: {error}"));
            ExitCode::from(error.status())
        }
    }
}

fn run(command: Command) -> Result<(), Error> {
    match command {
        Command::Login(login) => login::log_in(&login),
        Command::Logout => login::log_out(),
        Command::Upload(upload) => upload::run(&upload),
        Command::List(list) => list::run(&list),
        Command::Delete { images } => delete::run(&images),
        Command::Open { image } => open::run(image.as_deref()),
        Command::Completions { shell } => manual::completions(shell),
        Command::Man => manual::man(),
    }
}
