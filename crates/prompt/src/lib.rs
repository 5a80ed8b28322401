//! Passwords that are typed at a terminal.

use std::io::{self, BufRead};
use std::thread::sleep;
use std::time::Duration;

use rustix::process::{Signal, getpid, kill_process};
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, tcgetattr, tcsetattr};

/// How long a signal that a process sends itself takes at most, where it is not ignored.
const SIGNAL: Duration = Duration::from_secs(1);

/// Asks on standard error for a line that is not shown while it is typed. ^C and ^\ end the process as everywhere, but leave the terminal as it was.
///
/// # Errors
/// Standard input is no terminal, or what is typed is no UTF-8. [`io::ErrorKind::Interrupted`] where the process ignores the signal.
pub fn hidden_line(question: &str) -> io::Result<String> {
    eprint!("{question}: ");
    let typed = without_echo(&io::stdin());
    eprintln!();
    let Some(typed) = typed? else {
        // Whoever waits for this program sees that it was interrupted.
        kill_process(getpid(), Signal::INT)?;
        // It may reach another thread, a moment later.
        sleep(SIGNAL);
        return Err(io::ErrorKind::Interrupted.into());
    };
    Ok(typed.trim_end_matches(['\r', '\n']).to_owned())
}

/// Reads a line; nothing if it was interrupted. ^C and ^\ only end the line meanwhile, so that the echo is on again after them.
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
