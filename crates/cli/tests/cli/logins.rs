//! Logging in and out.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;

use crate::machine::Machine;
use crate::pictures::fixture;
use crate::server::{PASSWORD, Server, fetch};

/// The names of an account's tokens.
fn tokens(server: &Server, session: &str) -> Vec<String> {
    let listed = server.ask(session, "GET", "/me/tokens", None);
    let name = |token: &Value| token["name"].as_str().unwrap().to_owned();
    listed["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(name)
        .collect()
}

#[test]
fn a_picture_goes_up_is_listed_and_deleted_and_then_the_token_is_revoked() {
    let server = Server::start();
    let (machine, session) = Machine::logged_in(&server, "ada");
    machine.write("summer.jpg", &fixture("landscape.jpg"));
    let printed = machine.tt(&["upload", "summer.jpg"]).done();
    let link = printed.strip_suffix('\n').unwrap();
    assert_eq!(fetch(link).0, 200);
    let listed = machine.tt(&["list"]).done();
    assert!(
        listed.contains(link) && listed.contains("summer.jpg") && listed.lines().count() == 1,
        "{listed}"
    );
    assert_eq!(
        machine
            .tt(&["list", "--format", "url", "--search", "SUMMER"])
            .done(),
        printed
    );
    assert_eq!(
        machine.tt(&["list", "--search", "winter & more"]).done(),
        ""
    );
    assert_eq!(machine.tt(&["delete", link]).done(), "");
    assert_eq!(machine.tt(&["list"]).done(), "");
    let trash = server.ask(&session, "GET", "/images?state=trashed", None);
    assert_eq!(trash["items"][0]["filename"], "summer.jpg");
    assert_eq!(tokens(&server, &session).len(), 1);
    machine.tt(&["logout"]).done();
    assert_eq!(tokens(&server, &session), [""; 0]);
    assert!(machine.tt(&["list"]).failed(3).contains("tt login"));
}

#[test]
fn the_login_is_kept_for_its_owner_alone_and_leaves_no_session_behind() {
    let server = Server::start();
    let (machine, session) = Machine::logged_in(&server, "ada");
    let path = machine.path("home/.config/tintype/tt.json");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("tt_") && !text.contains(PASSWORD), "{text}");
    let sessions = server.ask(&session, "GET", "/me/sessions", None);
    assert_eq!(
        sessions["items"].as_array().unwrap().len(),
        1,
        "the one that asks"
    );
    assert!(tokens(&server, &session)[0].starts_with("tt"));
    // Another login takes the place of this one.
    machine
        .tt_with(
            &["login", &server.url, "--user", "ada", "--name", "again"],
            format!("{PASSWORD}\n").as_bytes(),
        )
        .done();
    assert_eq!(tokens(&server, &session), ["again"]);
}

#[test]
fn a_password_is_not_shown_while_it_is_typed() {
    let server = Server::start();
    let session = server.register("ada");
    let machine = Machine::new();
    let line = format!("{} login {}", env!("CARGO_BIN_EXE_tt"), server.url);
    let mut terminal = machine.command_of(Path::new("script"));
    let mut child = terminal.args(["-qec", &line, "/dev/null"]).spawn().unwrap();
    let (mut keyboard, mut screen) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let mut shown = Vec::new();
    for (prompt, typed) in [
        ("User name: ", "ada\n"),
        ("Password: ", &format!("{PASSWORD}\n")),
    ] {
        while !String::from_utf8_lossy(&shown).ends_with(prompt) {
            let mut some = [0; 100];
            let read = screen.read(&mut some).unwrap();
            assert!(read > 0, "{}", String::from_utf8_lossy(&shown));
            shown.extend_from_slice(&some[..read]);
        }
        // A prompt is written a moment before the echo is switched off.
        sleep(Duration::from_millis(200));
        keyboard.write_all(typed.as_bytes()).unwrap();
    }
    screen.read_to_end(&mut shown).unwrap();
    child.wait().unwrap();
    let shown = String::from_utf8(shown).unwrap();
    assert!(
        shown.contains("ada") && shown.contains("Logged in"),
        "{shown}"
    );
    assert!(!shown.contains(PASSWORD), "{shown}");
    assert_eq!(tokens(&server, &session).len(), 1);
}

#[test]
fn an_interrupt_at_the_password_leaves_the_terminal_as_it_was() {
    let server = Server::start();
    let machine = Machine::new();
    for key in ["\x03", "\x1c"] {
        let line = format!(
            "{} login {} --user ada; echo status $?; stty -a",
            env!("CARGO_BIN_EXE_tt"),
            server.url
        );
        // Whoever runs this in the background may have it ignore interrupts.
        let mut terminal = machine.command_of(Path::new("env"));
        let terminal = terminal.args(["--default-signal=INT,QUIT", "script"]);
        let mut child = terminal.args(["-qec", &line, "/dev/null"]).spawn().unwrap();
        let (mut keyboard, mut screen) =
            (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let mut shown = Vec::new();
        while !String::from_utf8_lossy(&shown).ends_with("Password: ") {
            let mut some = [0; 100];
            let read = screen.read(&mut some).unwrap();
            assert!(read > 0, "{}", String::from_utf8_lossy(&shown));
            shown.extend_from_slice(&some[..read]);
        }
        sleep(Duration::from_millis(200));
        keyboard.write_all(b"half").unwrap();
        keyboard.write_all(key.as_bytes()).unwrap();
        screen.read_to_end(&mut shown).unwrap();
        child.wait().unwrap();
        let shown = String::from_utf8(shown).unwrap();
        for word in ["status 130", " echo ", "isig icanon"] {
            assert!(
                shown.contains(word) && !shown.contains("half"),
                "{word}: {shown}"
            );
        }
    }
}

#[test]
fn a_password_goes_to_this_machine_or_by_https_and_nowhere_else() {
    let machine = Machine::new();
    for address in [
        "http://img.example.com",
        "http://192.0.2.1:8080",
        "ftp://127.0.0.1",
        "http://127.0.0.1@img.example.com",
    ] {
        let said = machine
            .tt_with(&["login", address, "--user", "ada"], b"secret\n")
            .failed(1);
        assert!(said.starts_with("tt: "), "{said}");
    }
}

#[test]
fn a_wrong_password_leaves_nothing() {
    let server = Server::start();
    let session = server.register("ada");
    let machine = Machine::new();
    let said = machine
        .tt_with(&["login", &server.url, "--user", "ada"], b"wrong\n")
        .failed(1);
    assert!(said.contains("password"), "{said}");
    let folder = machine.path("home/.config/tintype");
    assert_eq!(fs::read_dir(folder).unwrap().count(), 0);
    assert_eq!(tokens(&server, &session), [""; 0]);
}

#[test]
fn a_login_that_cannot_be_kept_leaves_no_token() {
    let server = Server::start();
    let session = server.register("ada");
    let machine = Machine::new();
    let login = |input: &str| {
        let arguments = ["login", &server.url, "--user", "ada"];
        machine.tt_with(&arguments, input.as_bytes()).failed(5)
    };
    // A file stands where the folder should be: the password is not asked for.
    machine.write("home/.config", b"");
    assert!(login("wrong\n").contains("tt.json"));
    // What is seen only at the end.
    fs::remove_file(machine.path("home/.config")).unwrap();
    machine.write("home/.config/tintype/tt.json/in-the-way", b"");
    login(&format!("{PASSWORD}\n"));
    assert_eq!(tokens(&server, &session), [""; 0]);
    let folder = machine.path("home/.config/tintype");
    assert_eq!(fs::read_dir(folder).unwrap().count(), 1);
}
