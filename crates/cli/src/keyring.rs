//! The desktop's keyring, by the program that its library brings (`secret-tool`): GNOME's and KDE's speak the same Secret Service. A crate for it
//! would bring a client of D-Bus, which weighs more than all of `tt`.

use std::env;
use std::io::{self, Write};
use std::process::{Command, Stdio};

const PROGRAM: &str = "secret-tool";

/// Whether there may be a keyring. Without D-Bus there is none.
pub fn may_be_there() -> bool {
    env::var_os("DBUS_SESSION_BUS_ADDRESS").is_some()
}

/// Keeps a secret under the name of a server and a user. It never stands in a command line, which others can read.
pub fn store(server: &str, user: &str, secret: &str) -> io::Result<()> {
    let mut child = command(
        "store",
        server,
        user,
        &["--label", &format!("Tintype at {server}")],
    )
    .stdin(Stdio::piped())
    .spawn()?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(secret.as_bytes())?;
    }
    succeeded(child.wait()?.success())
}

/// Reads it.
pub fn look_up(server: &str, user: &str) -> io::Result<String> {
    let mut command = command("lookup", server, user, &[]);
    let found = command.stdout(Stdio::piped()).output()?;
    succeeded(found.status.success() && !found.stdout.is_empty())?;
    String::from_utf8(found.stdout).map_err(io::Error::other)
}

/// Removes it.
pub fn clear(server: &str, user: &str) -> io::Result<()> {
    succeeded(command("clear", server, user, &[]).status()?.success())
}

fn command(what: &str, server: &str, user: &str, options: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command
        .arg(what)
        .args(options)
        .args(["service", "tintype", "server", server, "user", user]);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

fn succeeded(did: bool) -> io::Result<()> {
    if did {
        Ok(())
    } else {
        Err(io::Error::other("the keyring did not do it"))
    }
}
