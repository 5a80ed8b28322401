//! The program itself: killed at the wrong moment, and what it writes to its log.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::json;
use tintype_dto::{Image, Session};

use crate::client::Client;
use crate::pictures::jpeg;
use crate::server::new_postgres_database;

/// A running `tintype serve`, killed when it is dropped.
struct Program {
    child: Child,
    app_url: String,
}

impl Program {
    fn start(database: Option<&str>, folder: &Path, app: &str, media: &str, log: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tintype"))
            .arg("serve")
            .envs(database.map(|url| ("DATABASE_URL", url)))
            .env("TINTYPE_AUTH__JWT_SECRET", "0123456789abcdefghijklmnopqrstuv")
            .env("TINTYPE_DATA_DIR", folder)
            .env("TINTYPE_SERVER__APP_ADDR", app)
            .env("TINTYPE_SERVER__MEDIA_ADDR", media)
            .env("TINTYPE_SERVER__OPS_ADDR", "127.0.0.1:0")
            .env("TINTYPE_AUTH__BCRYPT_COST", "4")
            .env("RUST_LOG", log)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let app_url = line.trim().strip_prefix("Tintype is ready: ").expect("it starts").to_owned();
        Self { child, app_url }
    }

    fn client(&self) -> Client {
        Client { http: reqwest::Client::new(), api: format!("{}/api/v1", self.app_url), session: None }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

async fn register(client: &mut Client, name: &str) -> Session {
    let body = json!({"username": name, "email": format!("{name}@example.com"), "password": "correct horse battery"});
    let session: Session = client.post("/auth/register", &body).await.ok();
    client.session = Some(session.clone());
    session
}

/// `127.0.0.1:1234` of `http://127.0.0.1:1234/...`.
fn address(url: &str) -> String {
    url.split('/').nth(2).unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_between_put_and_confirm_has_lost_nothing_on_sqlite() {
    kill_between_put_and_confirm(None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_between_put_and_confirm_has_lost_nothing_on_postgres() {
    kill_between_put_and_confirm(Some(&new_postgres_database().await)).await;
}

async fn kill_between_put_and_confirm(database: Option<&str>) {
    let folder = tempfile::TempDir::new().unwrap();
    let program = Program::start(database, folder.path(), "127.0.0.1:0", "127.0.0.1:0", "warn");
    let mut alice = program.client();
    register(&mut alice, "alice").await;
    let bytes = jpeg(1);
    let upload = alice.announce("a.jpg", &bytes).await;
    assert_eq!(alice.put(&upload, &bytes).await.status, 200);
    let (app, media) = (address(&program.app_url), address(&upload.put.as_ref().unwrap().url));
    drop(program); // SIGKILL
    let program = Program::start(database, folder.path(), &app, &media, "warn");
    assert_eq!(program.app_url, format!("http://{app}"));
    let image: Image = alice.confirm(upload.id).await.ok();
    assert_eq!(alice.list("").await.items, [image]);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_reaches_the_log_at_any_level() {
    let folder = tempfile::TempDir::new().unwrap();
    let mut program = Program::start(None, folder.path(), "127.0.0.1:0", "127.0.0.1:0", "trace");
    let mut stderr = program.child.stderr.take().unwrap();
    let reader = std::thread::spawn(move || {
        let mut log = Vec::new();
        stderr.read_to_end(&mut log).unwrap();
        String::from_utf8_lossy(&log).into_owned()
    });
    let mut alice = program.client();
    let session = register(&mut alice, "alice").await;
    let bytes = jpeg(1);
    let upload = alice.announce("a.jpg", &bytes).await;
    let url = upload.put.as_ref().unwrap().url.clone();
    alice.put(&upload, &bytes).await;
    let image: Image = alice.confirm(upload.id).await.ok();
    alice.send_to(reqwest::Method::GET, &image.links.original, |r| r).await;
    alice.post("/auth/login", &json!({"username": "alice", "password": "a wrong password"})).await.problem("invalid_credentials");
    let signature = url.split("X-Amz-Signature=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let kept = |name| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let secrets = [
        session.token,
        "correct horse battery".into(),
        "a wrong password".into(),
        signature,
        "0123456789abcdef".into(),
        kept("storage-secret"),
    ];
    drop(program);
    let log = reader.join().unwrap();
    assert!(log.contains("/api/v1/uploads"), "it does log requests");
    for secret in secrets {
        assert!(!log.contains(&secret), "{secret} stands in the log: {:?}", log.lines().find(|line| line.contains(&secret)));
    }
}
