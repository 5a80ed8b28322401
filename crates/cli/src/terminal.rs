//! What a person reads and types.

use std::io::{self, BufRead, IsTerminal, Write};
use std::thread::sleep;
use std::time::Duration;

use rustix::process::{Signal, getpid, kill_process};
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, tcgetattr, tcsetattr};

use crate::error::Error;

/// How long a signal that this program sends itself takes at most, where it is not ignored.
const SIGNAL: Duration = Duration::from_secs(1);

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
    let input = io::stdin();
    if !input.is_terminal() {
        return line();
    }
    eprint!("{question}: ");
    let typed = without_echo(&input).map_err(Error::local("read the password"))?;
    eprintln!();
    let Some(typed) = typed else {
        // Whoever waits for this program sees that it was interrupted.
        kill_process(getpid(), Signal::INT).ok();
        // It may reach another thread, a moment later.
        sleep(SIGNAL);
        return Err(Error::Denied("interrupted".into()));
    };
    Ok(typed.trim_end_matches(['\r', '\n']).to_owned())
}

/// Reads a line without showing it; nothing if it was interrupted. ^C and ^\ only end the line meanwhile, so that the echo is on again after them.
fn without_echo(input: &io::Stdin) -> io::Result<Option<String>> {
    let before = tcgetattr(input)?;
    let mut hidden = before.clone();
    hidden
        .local_modes
        .remove(LocalModes::ECHO | LocalModes::ISIG);
    let interrupts =
        [SpecialCodeIndex::VINTR, SpecialCodeIndex::VQUIT].map(|index| before.special_codes[index]);
    hidden.special_codes[SpecialCodeIndex::VEOL] = interrupts[0];
    hidden.special_codes[SpecialCodeIndex::VEOL2] = interrupts[1];
    tcsetattr(input, OptionalActions::Flush, &hidden)?;
    // A terminal hands over one line, or as much of it as there is.
    let mut reader = input.lock();
    let typed = reader.fill_buf().map(<[u8]>::to_vec);
    if let Ok(typed) = &typed {
        reader.consume(typed.len());
    }
    tcsetattr(input, OptionalActions::Flush, &before)?;
    let typed = typed?;
    if typed.last().is_some_and(|last| interrupts.contains(last)) {
        return Ok(None);
    }
    String::from_utf8(typed).map(Some).map_err(io::Error::other)
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
