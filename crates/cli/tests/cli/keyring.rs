//! The desktop's keyring, where there is one: GNOME's, without a screen.

use std::fs;
use std::path::Path;

use crate::machine::{Machine, ended};
use crate::server::{PASSWORD, Server};

/// Runs a line of shell on a bus of its own with an open keyring.
fn with_keyring(machine: &Machine, line: &str) -> crate::machine::Said {
    let script = format!(
        "printf x | gnome-keyring-daemon --unlock --components=secrets > /dev/null 2>&1; {line}"
    );
    let mut command = machine.command_of(Path::new("dbus-run-session"));
    command.args(["--", "sh", "-c", &script]);
    command.env("XDG_RUNTIME_DIR", machine.path("home"));
    ended(
        command
            .spawn()
            .expect("dbus-run-session: run tests/tools keyring"),
        b"",
    )
}

#[test]
fn a_token_is_kept_in_the_keyring_and_not_in_the_file() {
    let server = Server::start();
    let session = server.register("ada");
    let machine = Machine::new();
    let tt = env!("CARGO_BIN_EXE_tt");
    let login = format!("echo '{PASSWORD}' | {tt} login {} --user ada", server.url);
    let secret = format!(
        "secret-tool lookup service tintype server {} user ada",
        server.url
    );
    let said = with_keyring(
        &machine,
        &format!(
            "{login} && {tt} list && {secret} && cat home/.config/tintype/tt.json && {tt} logout; {secret}"
        ),
    );
    assert!(
        said.err.contains("in the keyring") && said.err.contains("Logged out"),
        "{}",
        said.err
    );
    assert_eq!(
        said.out.matches("tt_").count(),
        1,
        "in the keyring alone: {}",
        said.out
    );
    assert_eq!(
        server.ask(&session, "GET", "/me/tokens", None)["items"],
        serde_json::json!([])
    );
    // Without a keyring, and where its owner wants none, it is in the file.
    let said = with_keyring(&machine, &format!("{login} --no-keyring; {secret}"));
    assert_eq!(said.out.matches("tt_").count(), 0, "{}", said.out);
    assert!(
        fs::read_to_string(machine.path("home/.config/tintype/tt.json"))
            .unwrap()
            .contains("tt_")
    );
}
