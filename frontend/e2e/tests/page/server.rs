//! The real binary on ports of its own, with data of its own.

use std::{
    env, fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(30);

/// A running server. It stops, and its data goes, when it is dropped.
pub struct Server {
    process: Child,
    app_port: u16,
    media_port: u16,
    data: TempDir,
}

impl Server {
    pub async fn start() -> Self {
        let data = tempfile::tempdir().expect("a folder for the data");
        let (app_port, media_port) = (free_port(), free_port());
        let process = spawn(data.path(), app_port, media_port, "9f1c2a7be04d5836c1f7a2d94be860537d2e");
        let mut server = Self { process, app_port, media_port, data };
        server.answers().await;
        server
    }

    /// Stops it and starts it again with another secret: every session has ended.
    pub async fn forget_sessions(&mut self) {
        self.stop();
        self.process = spawn(self.data.path(), self.app_port, self.media_port, "5b8e30c7d1f249a6873ce0b4f61d9a25e70c");
        self.answers().await;
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.app_port)
    }

    async fn answers(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        while reqwest::get(self.url("/api/v1/limits")).await.is_err() {
            let ended = self.process.try_wait().expect("look at the server");
            let log = fs::read_to_string(self.data.path().join("server.log")).unwrap_or_default();
            assert!(ended.is_none(), "the server ended: {ended:?}\n{log}");
            assert!(Instant::now() < deadline, "the server does not answer\n{log}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn stop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

fn spawn(data: &Path, app_port: u16, media_port: u16, secret: &str) -> Child {
    let binary = env::var_os("TINTYPE_BIN").map_or_else(|| root().join("target/debug/tintype"), PathBuf::from);
    assert!(binary.exists(), "{} is missing: run `cargo build --bin tintype`", binary.display());
    let page = root().join("target/dist");
    assert!(page.join("index.html").exists(), "{} is missing: run `just page`", page.display());
    let log = fs::File::options().create(true).append(true).open(data.join("server.log")).expect("a log");
    let errors = log.try_clone().expect("a log");
    Command::new(binary)
        .arg("serve")
        .env("TINTYPE_DATA_DIR", data.join("data"))
        .env("TINTYPE_SERVER__APP_ADDR", format!("127.0.0.1:{app_port}"))
        .env("TINTYPE_SERVER__MEDIA_ADDR", format!("127.0.0.1:{media_port}"))
        .env("TINTYPE_SERVER__OPS_ADDR", "127.0.0.1:0")
        .env("TINTYPE_SERVER__PAGE_DIR", page)
        .env("TINTYPE_AUTH__JWT_SECRET", secret)
        .env("TINTYPE_AUTH__BCRYPT_COST", "4")
        .stdin(Stdio::null())
        .stdout(log)
        .stderr(errors)
        .spawn()
        .expect("start the server")
}

/// The repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the repository")
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port()
}
