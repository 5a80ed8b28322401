//! Secrets leave no trace in what is logged, by the server at its most talkative or by the proxy in front of it.

use std::fs;
use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;

use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use tintype_dto::{Image, Session, UploadedImages};

use crate::client::Client;
use crate::pictures::{jpeg, png};
use crate::program::Program;

const PASSWORD: &str = "a canary of a password";
const NEW_PASSWORD: &str = "another canary instead";
const JWT_SECRET: &str = "canary0123456789abcdefghijklmnop";
const STORE_SECRET: &str = "canaryabcdefghijklmnop0123456789";

/// Does everything that has a secret, and returns the secrets.
async fn sing(client: &mut Client, origin: &str) -> Vec<(&'static str, String)> {
    let account = json!({"username": "ada", "email": "ada@example.com", "password": PASSWORD});
    client.session = Some(client.post("/auth/register", &account).await.ok());
    let log_in = json!({"username": "ada", "password": PASSWORD});
    let other: Session = client.post("/auth/login", &log_in).await.ok();
    let made = client.make_token(&["upload"]).await;
    let program = client.with_secret(&made.secret);
    let whole: UploadedImages = program.try_upload_once(&jpeg(1)).await.unwrap().ok();
    let by_key = format!("{}/images?key={}&format=text", client.api, made.secret);
    let sent = client
        .send_to(Method::POST, &by_key, |r| r.body(png(2)))
        .await;
    assert_eq!(sent.status, 200);
    let delete_url = whole.delete_url.unwrap();
    let page = client.send_to(Method::GET, &delete_url, |r| r).await;
    assert_eq!(page.status, 200);
    let bytes = jpeg(3);
    let upload = client.announce("c.jpg", &bytes).await;
    let put = upload.put.clone().unwrap().url;
    assert_eq!(client.put(&upload, &bytes).await.status, 200);
    let image: Image = client.confirm(upload.id).await.ok();
    let path = format!("/images/{}", image.id);
    let private = json!({"visibility": "private"});
    let image: Image = client.send(Method::PATCH, &path, Some(&private)).await.ok();
    let original = image.links.original.clone();
    let moved = client.send_to(Method::GET, &original, |r| r).await;
    let redirected = moved.header("location").to_owned();
    let wrong = format!("{origin}/api/v1/nothing?key={}", made.secret);
    assert_eq!(client.send_to(Method::GET, &wrong, |r| r).await.status, 404);
    let change = json!({"current_password": PASSWORD, "new_password": NEW_PASSWORD});
    let renewed: Session = client.post("/me/password", &change).await.ok();
    let signature = |token: &str| token.rsplit('.').next().unwrap().to_owned();
    let parameter = |url: &str, name: &str| {
        let (_, query) = url.split_once('?').unwrap();
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(key, _)| *key == name).unwrap().1.to_owned()
    };
    let mut secrets = vec![
        ("a password", PASSWORD.to_owned()),
        ("a new password", NEW_PASSWORD.to_owned()),
        ("the JWT secret", JWT_SECRET.to_owned()),
        ("the store's secret", STORE_SECRET.to_owned()),
        (
            "a session",
            signature(&client.session.as_ref().unwrap().token),
        ),
        ("another session", signature(&other.token)),
        ("a renewed session", signature(&renewed.token)),
        ("an API token", made.secret),
        (
            "a delete link",
            delete_url.rsplit('=').next().unwrap().to_owned(),
        ),
        ("a presigned URL", parameter(&put, "X-Amz-Signature")),
        ("a signed link", parameter(&original, "sig")),
    ];
    if !redirected.is_empty() {
        secrets.push(("a redirect", parameter(&redirected, "X-Amz-Signature")));
    }
    for (name, secret) in &secrets {
        assert!(secret.len() >= 8, "{name}: {secret}");
    }
    secrets
}

fn refuse_secrets(log: &str, secrets: &[(&str, String)]) {
    for (name, secret) in secrets {
        if let Some(line) = log.lines().find(|line| line.contains(secret.as_str())) {
            panic!("{name} stands in the log: {line}");
        }
    }
}

/// What a child writes to standard error, until it ends.
fn listen(child: &mut Child) -> JoinHandle<String> {
    let mut stderr = child.stderr.take().unwrap();
    std::thread::spawn(move || {
        let mut text = Vec::new();
        stderr.read_to_end(&mut text).unwrap();
        String::from_utf8_lossy(&text).into_owned()
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn our_own_log_names_no_secret_at_its_most_talkative() {
    for (delivery, format) in [("proxy", "pretty"), ("redirect", "json")] {
        let folder = TempDir::new().unwrap();
        let settings = [
            ("RUST_LOG", "trace"),
            ("TINTYPE_LOG__FORMAT", format),
            ("TINTYPE_SERVER__DELIVERY", delivery),
            ("TINTYPE_AUTH__JWT_SECRET", JWT_SECRET),
            ("TINTYPE_STORAGE__ACCESS_KEY_ID", "tintype"),
            ("TINTYPE_STORAGE__SECRET_ACCESS_KEY", STORE_SECRET),
        ];
        let mut program = Program::start_as("serve", folder.path(), &settings);
        let log = listen(&mut program.child);
        let (mut client, url) = (program.client(), program.url.clone());
        client.http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        let secrets = sing(&mut client, &url).await;
        assert!(program.terminate());
        let log = log.join().unwrap();
        assert!(log.contains("TRACE"), "it talks");
        refuse_secrets(&log, &secrets);
    }
}

/// The Caddyfile that we ship, as far as it decides what is logged, in front of these two addresses. It logs every request.
fn caddyfile(sites: [(&str, &str); 2]) -> String {
    let shipped = fs::read_to_string("../../deploy/Caddyfile").unwrap();
    let (options, _) = shipped.split_once("\n(api) {").unwrap();
    let site = |(site, upstream): (&str, &str)| {
        format!("http://{site} {{\n\tlog\n\treverse_proxy {upstream}\n}}\n")
    };
    format!("{options}\n{}", sites.map(site).concat())
}

fn free_port() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

struct Proxy(Child);

impl Drop for Proxy {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_proxy_that_we_ship_logs_no_secret() {
    let folder = TempDir::new().unwrap();
    let ports = [(); 4].map(|()| free_port());
    let [app, media, app_site, media_site] = ports.each_ref().map(String::as_str);
    let (app_url, media_url) = (format!("http://{app_site}"), format!("http://{media_site}"));
    let settings = [
        ("TINTYPE_SERVER__APP_ADDR", app),
        ("TINTYPE_SERVER__MEDIA_ADDR", media),
        ("TINTYPE_SERVER__APP_URL", &app_url),
        ("TINTYPE_SERVER__MEDIA_URL", &media_url),
        ("TINTYPE_STORAGE__PUBLIC_ENDPOINT", &media_url),
        ("TINTYPE_SERVER__DELIVERY", "redirect"),
    ];
    let program = Program::start_as("serve", folder.path(), &settings);
    let file = folder.path().join("Caddyfile");
    fs::write(&file, caddyfile([(app_site, app), (media_site, media)])).unwrap();
    let mut proxy = Command::new("caddy")
        .args(["run", "--adapter", "caddyfile", "--config"])
        .arg(&file)
        .env("HOME", folder.path())
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .map(Proxy)
        .unwrap();
    let log = listen(&mut proxy.0);
    let mut client = program.client();
    client.api = format!("{app_url}/api/v1");
    client.http = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let limits = format!("{}/limits", client.api);
    let up = async || client.http.get(&limits).send().await.is_ok();
    let begun = std::time::Instant::now();
    while !up().await {
        assert!(begun.elapsed().as_secs() < 20, "Caddy does not answer");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let secrets = sing(&mut client, &app_url).await;
    // An upstream that is gone is logged as an error, with its request.
    program.terminate();
    let key = secrets.iter().find(|(name, _)| *name == "an API token");
    let gone = format!("{}/images?key={}", client.api, key.unwrap().1);
    let gone = client.send_to(Method::POST, &gone, |r| r.body("x")).await;
    assert_eq!(gone.status, 502);
    drop(proxy);
    let log = log.join().unwrap();
    let asked = |line: &Value| line["request"]["uri"].as_str().map(str::to_owned);
    let lines = log
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    let uris: Vec<String> = lines.filter_map(|line| asked(&line)).collect();
    assert!(
        uris.iter().any(|uri| uri.contains("key=hidden")),
        "{uris:?}"
    );
    assert!(
        uris.iter()
            .any(|uri| uri.contains("X-Amz-Signature=hidden")),
        "{uris:?}"
    );
    refuse_secrets(&log, &secrets);
}
