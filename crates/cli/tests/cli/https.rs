//! A server behind https, with a certificate that this machine trusts, and one that it does not.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::machine::{Machine, ended};
use crate::pictures::picture;
use crate::server::{PASSWORD, Server};

/// Caddy, which ends TLS with certificates of its own.
struct Caddy(Child);

impl Drop for Caddy {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

#[test]
fn a_server_behind_https_is_used_if_this_machine_trusts_its_certificate() {
    let machine = Machine::new();
    let [app, media, app_tls, media_tls] = [(); 4].map(|()| free_port());
    let addresses = [app, media, app_tls, media_tls].map(|port| port.to_string());
    let urls = [app_tls, media_tls].map(|port| format!("https://localhost:{port}"));
    let server = Server::start_with(&[
        ("SERVER__APP_ADDR", &format!("127.0.0.1:{}", addresses[0])),
        ("SERVER__MEDIA_ADDR", &format!("127.0.0.1:{}", addresses[1])),
        ("SERVER__APP_URL", &urls[0]),
        ("SERVER__MEDIA_URL", &urls[1]),
        ("AUTH__REGISTRATION", "open"),
    ]);
    let site = |url: &str, port: u16| {
        format!("{url} {{\n tls internal\n reverse_proxy 127.0.0.1:{port}\n}}\n")
    };
    let config = format!(
        "{{\n admin off\n skip_install_trust\n auto_https disable_redirects\n storage file_system {}\n}}\n{}{}",
        machine.path("caddy").display(),
        site(&urls[0], app),
        site(&urls[1], media)
    );
    let path = machine.write("Caddyfile", config.as_bytes());
    let mut command = Command::new("caddy");
    command
        .args(["run", "--adapter", "caddyfile", "--config"])
        .arg(&path)
        .env("HOME", machine.path("home"));
    let caddy = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let _caddy = Caddy(caddy.expect("Caddy: run tests/tools caddy"));
    let root = machine.path("caddy/pki/authorities/local/root.crt");
    let deadline = Instant::now() + Duration::from_secs(30);
    while !root.exists() || std::net::TcpStream::connect(("127.0.0.1", media_tls)).is_err() {
        assert!(Instant::now() < deadline, "Caddy does not start");
        thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(server.url, urls[0]);
    let run = |arguments: &[&str], trusted: bool, input: &[u8]| {
        let mut command = machine.command();
        command.args(arguments);
        if trusted {
            command.env("SSL_CERT_FILE", &root);
        }
        ended(command.spawn().unwrap(), input)
    };
    let body =
        serde_json::json!({"username": "ada", "email": "ada@example.com", "password": PASSWORD})
            .to_string();
    let plain = format!("http://127.0.0.1:{app}/api/v1/auth/register");
    let host = format!("localhost:{app_tls}");
    let request = ureq::post(&plain)
        .header("content-type", "application/json")
        .header("host", &host);
    assert_eq!(request.send(body).unwrap().status(), 201);
    let login = ["login", &urls[0], "--user", "ada"];
    let password = format!("{PASSWORD}\n");
    let said = run(&login, false, password.as_bytes()).failed(4);
    assert!(said.to_lowercase().contains("certificate"), "{said}");
    run(&login, true, password.as_bytes()).done();
    machine.write("a.gif", &picture(1));
    let link = run(&["upload", "a.gif"], true, b"").done();
    assert!(link.starts_with(&urls[1]), "{link}");
    run(&["logout"], true, b"").done();
}
