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
fn talk(connection: TcpStream, heard: &Mutex<Vec<String>>, answer: &dyn Fn(&str) -> (u16, String)) {
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
    heard.lock().unwrap().push(head.to_lowercase());
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
