//! What a person reads and types.

use std::io::{self, BufRead, IsTerminal, Write};

use crate::error::Error;

/// One line on standard output, as far as a terminal may have it.
pub fn print(line: &str) -> Result<(), Error> {
    write(format!("{}\n", shown(line)).as_bytes())
}

/// Text on standard output. Whoever reads it may have had enough.
pub fn write(text: &[u8]) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    let written = out.write_all(text).and_then(|()| out.flush());
    written.map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => Error::Closed,
        _ => Error::Local("write to standard output".into(), error),
    })
}

/// One line on standard error.
pub fn tell(line: &str) {
    writeln!(io::stderr().lock(), "{}", shown(line)).ok();
}

/// Names and what a server says may hold anything: what would move the cursor is not written to a terminal.
pub fn shown(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_control() {
                char::REPLACEMENT_CHARACTER
            } else {
                c
            }
        })
        .collect()
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
    tintype_prompt::hidden_line(question).map_err(|error| match error.kind() {
        io::ErrorKind::Interrupted => Error::Denied("interrupted".into()),
        _ => Error::Local("read the password".into(), error),
    })
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
