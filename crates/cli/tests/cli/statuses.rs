//! How `tt` ends, and what it prints of itself.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::machine::{Machine, ended};
use crate::pictures::picture;
use crate::server::Server;

#[test]
fn each_exit_status_says_what_its_line_of_the_help_says() {
    let server = Server::start();
    let (machine, session) = Machine::logged_in(&server, "ada");
    let gif = machine.write("a.gif", &picture(1));
    machine.tt(&["upload"]).failed(2);
    machine
        .tt(&["upload", "a.gif", "--format", "xml"])
        .failed(2);
    for image in [
        "nothing1234",
        "00000000-0000-7000-8000-000000000000",
        "https://img.example.com/",
    ] {
        machine.tt(&["delete", image]).failed(1);
        machine.tt(&["open", image]).failed(1);
    }
    machine.tt(&["upload", "nothing.gif"]).failed(5);
    fs::create_dir(machine.path("odd")).unwrap();
    assert_eq!(
        machine.tt(&["upload", "odd"]).failed(1),
        "tt: no pictures in odd\n"
    );

    // A link to another server means nothing here, though it may end alike.
    let link = machine.tt(&["upload", "--quiet", "a.gif"]).done();
    let path = &link.trim()[link.rfind("/i/").unwrap()..];
    for elsewhere in [
        "https://img.example.com",
        "img.example.com",
        "http://127.0.0.1:9",
    ] {
        for command in ["delete", "open"] {
            let said = machine
                .tt(&[command, &format!("{elsewhere}{path}")])
                .failed(1);
            assert!(said.contains("is no link to"), "{said}");
        }
    }
    assert_eq!(machine.tt(&["list"]).done().lines().count(), 1);
    machine
        .tt(&["delete", &format!("{}{path}", server.url)])
        .done();

    let tokens = server.ask(&session, "GET", "/me/tokens", None);
    let path = format!("/me/tokens/{}", tokens["items"][0]["id"].as_str().unwrap());
    server.ask(&session, "DELETE", &path, None);
    for command in [
        &["list"][..],
        &["upload", "a.gif"],
        &["open", "nothing1234"],
    ] {
        assert!(machine.tt(command).failed(3).contains("API token"));
    }
    // A token that is gone is forgotten.
    machine.tt(&["logout"]).done();
    machine.tt(&["logout"]).failed(3);

    let nowhere = |arguments: &[&str]| {
        let mut command = machine.command();
        command
            .args(arguments)
            .envs([("TT_SERVER", "http://127.0.0.1:9"), ("TT_TOKEN", "tt_x")]);
        ended(command.spawn().unwrap(), b"")
    };
    nowhere(&["list"]).failed(4);
    nowhere(&["upload", gif.to_str().unwrap()]).failed(4);
}

#[test]
fn a_token_of_the_environment_needs_no_login() {
    let server = Server::start();
    let session = server.register("ada");
    let machine = Machine::new();
    machine.write("a.gif", &picture(1));
    let body = serde_json::json!({"name": "CI", "scopes": ["upload"]});
    let made = server.ask(&session, "POST", "/me/tokens", Some(&body));
    let run = |variables: &[(&str, &str)], arguments: &[&str]| {
        let mut command = machine.command();
        command.args(arguments).envs(variables.iter().copied());
        ended(command.spawn().unwrap(), b"")
    };
    let both = [
        ("TT_SERVER", &*server.url),
        ("TT_TOKEN", made["secret"].as_str().unwrap()),
    ];
    assert_eq!(run(&both, &["upload", "a.gif"]).done().lines().count(), 1);
    assert!(run(&both, &["list"]).failed(1).contains("`read`"));
    assert!(run(&both[..1], &["list"]).failed(1).contains("TT_TOKEN"));
    // Secrets of CI often end with a line, and those that are not set are empty.
    let line = format!(" {}\n", both[1].1);
    run(&[both[0], ("TT_TOKEN", &line)], &["upload", "a.gif"]).done();
    let empty = [("TT_SERVER", ""), ("TT_TOKEN", "")];
    assert!(run(&empty, &["list"]).failed(3).contains("tt login"));
    let elsewhere = [("TT_SERVER", "http://img.example.com"), both[1]];
    run(&elsewhere, &["list"]).failed(1);
}

#[test]
fn the_browser_gets_the_page_of_an_image_or_the_gallery() {
    let server = Server::start();
    let (machine, _) = Machine::logged_in(&server, "ada");
    machine.write("a.gif", &picture(1));
    let browser = machine.write("browser", b"#!/bin/sh\nprintf '%s\\n' \"$@\" >> opened\n");
    fs::set_permissions(&browser, fs::Permissions::from_mode(0o755)).unwrap();
    let image: serde_json::Value =
        serde_json::from_str(&machine.tt(&["upload", "a.gif", "--format", "json"]).done()).unwrap();
    let open = |arguments: &[&str]| {
        let mut command = machine.command();
        command.arg("open").args(arguments).env("BROWSER", &browser);
        ended(command.spawn().unwrap(), b"").done();
    };
    open(&[]);
    open(&[image["links"]["original"].as_str().unwrap()]);
    open(&[image["id"].as_str().unwrap()]);
    let page = image["links"]["page"].as_str().unwrap();
    assert_eq!(
        fs::read_to_string(machine.path("opened")).unwrap(),
        format!("{}/\n{page}\n{page}\n", server.url)
    );
    let mut broken = machine.command();
    broken.arg("open").env("BROWSER", "/nowhere/browser");
    assert!(
        ended(broken.spawn().unwrap(), b"")
            .failed(5)
            .contains(&server.url)
    );
}

#[test]
fn whoever_reads_standard_output_may_stop() {
    let server = Server::start();
    let (machine, _) = Machine::logged_in(&server, "ada");
    machine.write("a.gif", &picture(1));
    machine.tt(&["upload", "a.gif"]).done();
    for command in ["list", "man"] {
        let line = format!(
            "{} {command} | true; sleep 0.1; {0} {command} > /dev/full",
            env!("CARGO_BIN_EXE_tt")
        );
        let mut shell = machine.command_of(Path::new("bash"));
        let line = format!("set -o pipefail; {line}; echo $?");
        let said = ended(shell.args(["-c", &line]).spawn().unwrap(), b"");
        assert!(
            said.err.starts_with("tt: write to standard output: ") && said.err.lines().count() == 1,
            "{}",
            said.err
        );
        assert_eq!(said.out, "5\n");
    }
}

#[test]
fn completions_and_the_man_page_know_every_command() {
    let machine = Machine::new();
    let man = machine.tt(&["man"]).done();
    for word in [
        "LOGIN",
        "LOGOUT",
        "UPLOAD",
        "LIST",
        "DELETE",
        "OPEN",
        "Exit status",
        "TT_TOKEN",
        "tt upload [OPTIONS] <PATHS>...",
        "tt login [OPTIONS] <SERVER>",
        "tt open [IMAGE]",
    ] {
        assert!(man.contains(word), "{word}\n{man}");
    }
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    for word in ["`", &format!("tt on {}", host.trim()), "(1)"] {
        assert!(!man.contains(word), "{word}\n{man}");
    }
    let path = machine.write("tt.1", man.as_bytes());
    // Where there is a formatter, it finds nothing to complain of.
    if let Ok(child) = machine
        .command_of(Path::new("groff"))
        .args(["-man", "-Tutf8", "-ww", path.to_str().unwrap()])
        .spawn()
    {
        let said = ended(child, b"");
        assert_eq!((said.status, said.err.as_str()), (0, ""));
    }
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        assert!(
            machine
                .tt(&["completions", shell])
                .done()
                .contains("upload"),
            "{shell}"
        );
    }
}
