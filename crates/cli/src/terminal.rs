//! What a person reads and types.

use std::io::{self, BufRead, IsTerminal, Write};

use console::Term;

use crate::error::Error;

/// One line on standard output.
pub fn print(line: &str) -> Result<(), Error> {
    writeln!(io::stdout().lock(), "{line}").map_err(Error::local("write to standard output"))
}

/// Asks for a line. What is piped in is read as it is.
pub fn ask(question: &str) -> Result<String, Error> {
    if io::stdin().is_terminal() {
        eprint!("{question}: ");
    }
    line()
}

/// Asks for a line that is not shown while it is typed.
pub fn ask_secretly(question: &str) -> Result<String, Error> {
    if !io::stdin().is_terminal() {
        return line();
    }
    eprint!("{question}: ");
    Term::stderr()
        .read_secure_line()
        .map_err(Error::local("read the password"))
}

fn line() -> Result<String, Error> {
    let mut line = String::new();
    io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(Error::local("read standard input"))?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// A size in decimal units.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} KB", bytes / 1_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}
