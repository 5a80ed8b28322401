//! The passphrase of a backup: from a file or from a terminal, and never from the command line, which others on the machine can read.

use std::error::Error;
use std::io::{self, IsTerminal};
use std::path::Path;

use tintype_core::secret::Secret;
use tintype_prompt::hidden_line;

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
    Ok(Some(Secret::from(hidden_line("Passphrase of the backup")?)))
}

/// That of a backup that is begun.
pub fn new() -> Asked<Secret> {
    if !io::stdin().is_terminal() {
        return Err(
            "nobody can be asked for a passphrase: name a file with it by --passphrase-file".into(),
        );
    }
    let passphrase = hidden_line("Passphrase for the backup, without which nobody can restore it")?;
    if hidden_line("The same once more")? != passphrase {
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
