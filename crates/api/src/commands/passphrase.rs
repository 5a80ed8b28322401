//! The passphrase of a backup: from a file or from a terminal, and never from the command line, which others on the machine can read.

use std::error::Error;
use std::io::{self, BufRead, IsTerminal};
use std::path::Path;

use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use tintype_core::secret::Secret;

type Asked<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Shorter ones are guessed, characters.
const SHORTEST: usize = 12;

/// The first line of this file.
pub fn of_file(path: &Path) -> Asked<Secret> {
    let unreadable = |error| format!("{} can't be read: {error}", path.display());
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    checked(text.lines().next().unwrap_or_default().to_owned())
}

/// That of a backup that is there, if somebody can be asked.
pub fn asked() -> Asked<Option<Secret>> {
    if !io::stdin().is_terminal() {
        return Ok(None);
    }
    Ok(Some(Secret::from(ask("Passphrase of the backup")?)))
}

/// That of a backup that is begun.
pub fn new() -> Asked<Secret> {
    if !io::stdin().is_terminal() {
        return Err(
            "nobody can be asked for a passphrase: name a file with it by --passphrase-file".into(),
        );
    }
    let passphrase = ask("Passphrase for the backup, without which nobody can restore it")?;
    if ask("The same once more")? != passphrase {
        return Err("the two are not the same".into());
    }
    checked(passphrase)
}

fn checked(passphrase: String) -> Asked<Secret> {
    if passphrase.chars().count() < SHORTEST {
        return Err(format!("the passphrase is shorter than {SHORTEST} characters: make one with `openssl rand -hex 32`").into());
    }
    Ok(Secret::from(passphrase))
}

/// A line that is not shown while it is typed.
fn ask(question: &str) -> io::Result<String> {
    eprint!("{question}: ");
    let input = io::stdin();
    let before = tcgetattr(&input)?;
    let mut hidden = before.clone();
    hidden.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&input, OptionalActions::Flush, &hidden)?;
    let mut line = String::new();
    let read = input.lock().read_line(&mut line);
    tcsetattr(&input, OptionalActions::Flush, &before)?;
    eprintln!();
    read?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
