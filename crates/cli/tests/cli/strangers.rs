//! What stands in between, or in the place of a server.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::json;

use crate::machine::{Machine, ended};
use crate::pictures::picture;
use crate::server::{PASSWORD, Server};

/// Answers each request, which has been read to its end, with the status and body that `answer` gives for its first line, and keeps what it read.
pub struct Stranger {
    pub address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Stranger {
    pub fn start(answer: impl Fn(&str) -> (u16, String) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stranger = Self {
            address: listener.local_addr().unwrap(),
            heard: Arc::default(),
        };
        let (heard, answer) = (stranger.heard.clone(), Arc::new(answer));
        thread::spawn(move || {
            for connection in listener.incoming() {
                let (heard, answer) = (heard.clone(), answer.clone());
                thread::spawn(move || talk(connection.unwrap(), &heard, &*answer));
            }
        });
        stranger
    }

    /// The requests, in lower case.
    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

/// One request for each connection.
fn talk(connection: TcpStream, kept: &Mutex<Vec<String>>, answer: &dyn Fn(&str) -> (u16, String)) {
    let mut reader = BufReader::new(connection);
    let (mut head, mut length) = (String::new(), 0);
    while reader.read_line(&mut head).unwrap_or(0) > 2 {
        let line = head.lines().last().unwrap_or_default().to_lowercase();
        if let Some(value) = line.strip_prefix("content-length: ") {
            length = value.parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok();
    let first = head.lines().next().unwrap_or_default().to_owned();
    head.push_str(&String::from_utf8_lossy(&body));
    kept.lock().unwrap().push(head.to_lowercase());
    let (status, body) = answer(&first);
    let length = body.len();
    write!(
        reader.get_mut(),
        "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
    .ok();
}

#[test]
fn a_proxy_of_the_environment_sees_nothing_of_what_stays_on_this_machine() {
    let server = Server::start();
    let (machine, _) = (Machine::new(), server.register("ada"));
    let proxy = Stranger::start(|_| (502, String::new()));
    machine.write("a.gif", &picture(1));
    let run = |arguments: &[&str]| {
        let mut command = machine.command();
        let url = format!("http://{}", proxy.address);
        for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"] {
            command.env(name, &url);
        }
        let password = format!("{PASSWORD}\n");
        ended(
            command.args(arguments).spawn().unwrap(),
            password.as_bytes(),
        )
    };
    run(&["login", &server.url, "--user", "ada"]).done();
    run(&["upload", "a.gif"]).done();
    run(&["logout"]).done();
    assert_eq!(proxy.heard(), [""; 0]);
}

/// A login at an address where no Tintype is.
fn logged_in_at(address: SocketAddr) -> Machine {
    let machine = Machine::new();
    let login =
        json!({"server": format!("http://{address}"), "username": "ada", "token": "tt_secret"});
    machine.write("home/.config/tintype/tt.json", login.to_string().as_bytes());
    machine
}

#[test]
fn a_token_is_forgotten_only_when_the_server_says_that_it_is_revoked() {
    for (status, body) in [(200, "<h1>Welcome</h1>"), (302, ""), (304, ""), (404, "")] {
        let portal = Stranger::start(move |_| (status, body.into()));
        let machine = logged_in_at(portal.address);
        let said = machine.tt(&["logout"]).failed(4);
        assert!(said.contains(&status.to_string()), "{said}");
        assert!(machine.path("home/.config/tintype/tt.json").exists());
        let heard = portal.heard();
        assert!(heard[0].contains("content-length: 0\r\n"), "{heard:?}");
    }
}

/// What a server says of what it takes.
fn limits() -> (u16, String) {
    let limits = json!({"content_types": ["image/gif"], "max_bytes": 50_000_000, "max_pixels": 100_000_000,
        "max_side": 16_384, "upload_expires_in": 900, "registration": "open"});
    (200, limits.to_string())
}

fn problem(code: &str, status: u16, detail: &str) -> (u16, String) {
    let problem =
        json!({"type": "/docs", "title": "", "status": status, "detail": detail, "code": code});
    (status, problem.to_string())
}

/// Several pictures in a folder.
fn with_pictures(machine: &Machine) {
    for number in 0..12 {
        machine.write(&format!("all/{number:02}.gif"), &picture(number));
    }
}

#[test]
fn a_storage_that_refuses_is_asked_twice() {
    let address = Arc::new(Mutex::new(String::new()));
    let told = address.clone();
    let storage = Stranger::start(move |line| {
        if line.starts_with("GET ") {
            return limits();
        }
        if line.starts_with("PUT ") {
            return (403, "<Error/>".into());
        }
        let put = json!({"method": "PUT", "url": format!("http://{}/x?secret", told.lock().unwrap()),
            "headers": {}, "expires_at": "2099-01-01T00:00:00Z"});
        let upload =
            json!({"id": "00000000-0000-7000-8000-000000000000", "state": "pending", "put": put});
        (201, upload.to_string())
    });
    *address.lock().unwrap() = storage.address.to_string();
    let machine = logged_in_at(storage.address);
    machine.write("a.gif", &picture(1));
    let said = machine.tt(&["upload", "a.gif"]).failed(4);
    assert!(
        said.contains("a.gif: the storage refuses it (403)"),
        "{said}"
    );
    let sent = storage.heard();
    let sent = sent.iter().filter(|request| request.starts_with("put "));
    assert_eq!(sent.count(), 2);
}

#[test]
fn a_server_that_is_gone_ends_the_run_and_is_waited_for_aloud() {
    let gone = Stranger::start(|line| {
        if line.starts_with("GET ") {
            limits()
        } else {
            (502, "<h1>Bad gateway</h1>".into())
        }
    });
    let machine = logged_in_at(gone.address);
    with_pictures(&machine);
    let said = machine.tt(&["upload", "all"]).failed(4);
    assert_eq!(said.matches("Trying again for 17 s.").count(), 1, "{said}");
    assert_eq!(said.matches(".gif: ").count(), 3, "{said}");
    assert!(said.ends_with("tt: 0 of 12 done\n"), "{said}");
}

#[test]
fn what_would_befall_every_file_is_said_once_and_pauses_are_too() {
    let asked = Mutex::new(0);
    let full = Stranger::start(move |line| {
        if line.starts_with("GET ") {
            return limits();
        }
        let mut asked = asked.lock().unwrap();
        *asked += 1;
        if *asked <= 4 {
            return problem("rate_limited", 429, "Too many.");
        }
        problem("quota_exceeded", 403, "Your space is \u{1b}[31mused up.")
    });
    let machine = logged_in_at(full.address);
    with_pictures(&machine);
    let said = machine.tt(&["upload", "all"]).failed(1);
    let pause = "waiting 1 s, as the server asks\n";
    assert_eq!(said.matches(pause).count(), 1, "{said}");
    assert_eq!(said.matches("used up.").count(), 1, "{said}");
    assert!(!said.contains('\u{1b}'), "{said:?}");
}
