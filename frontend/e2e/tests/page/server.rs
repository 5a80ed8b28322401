//! The real binary on ports of its own, with data of its own.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs};

use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(30);

/// Two secrets: sessions of one are none of the other.
const SECRETS: [&str; 2] = [
    "9f1c2a7be04d5836c1f7a2d94be860537d2e",
    "5b8e30c7d1f249a6873ce0b4f61d9a25e70c",
];

/// A running server. It stops, and its data goes, when it is dropped.
pub struct Server {
    process: Option<Child>,
    pub app_port: u16,
    pub media_port: u16,
    origin: String,
    settings: Vec<(String, String)>,
    data: TempDir,
}

impl Server {
    pub async fn start() -> Self {
        Self::start_with(|_| Vec::new()).await
    }

    /// With settings, which may depend on its ports.
    pub async fn start_with(settings: impl FnOnce(&Self) -> Vec<(&'static str, String)>) -> Self {
        let data = tempfile::tempdir().expect("a folder for the data");
        let (app_port, media_port) = (free_port(), free_port());
        let origin = format!("http://127.0.0.1:{app_port}");
        let mut server = Self {
            process: None,
            app_port,
            media_port,
            origin,
            settings: Vec::new(),
            data,
        };
        server.settings = settings(&server)
            .into_iter()
            .map(|(name, value)| (format!("TINTYPE_{name}"), value))
            .collect();
        if let Some((_, url)) = server
            .settings
            .iter()
            .find(|(name, _)| name == "TINTYPE_SERVER__APP_URL")
        {
            server.origin.clone_from(url);
        }
        server.run(SECRETS[0]).await;
        server
    }

    /// Stops it and starts it again with another secret: every session has ended.
    pub async fn forget_sessions(&mut self) {
        self.stop();
        self.run(SECRETS[1]).await;
    }

    /// Stops it, changes its database and starts it again.
    pub async fn change_rows(&mut self, sql: &str) {
        self.stop();
        let database = self.data.path().join("data/tintype.db");
        let done = Command::new("sqlite3")
            .arg("-bail")
            .arg(database)
            .arg(sql)
            .output()
            .expect("run sqlite3");
        assert!(
            done.status.success(),
            "{}",
            String::from_utf8_lossy(&done.stderr)
        );
        self.run(SECRETS[0]).await;
    }

    /// As the browser sees it.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    async fn run(&mut self, secret: &str) {
        self.process = Some(self.spawn(secret));
        self.answers().await;
    }

    async fn answers(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        while reqwest::get(format!("http://127.0.0.1:{}/api/v1/limits", self.app_port))
            .await
            .is_err()
        {
            let ended = self
                .process
                .as_mut()
                .and_then(|process| process.try_wait().expect("look at the server"));
            let log = fs::read_to_string(self.data.path().join("server.log")).unwrap_or_default();
            assert!(ended.is_none(), "the server ended: {ended:?}\n{log}");
            assert!(
                Instant::now() < deadline,
                "the server does not answer\n{log}"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().ok();
            process.wait().ok();
        }
    }

    fn spawn(&self, secret: &str) -> Child {
        let binary = env::var_os("TINTYPE_BIN")
            .map_or_else(|| root().join("target/debug/tintype"), PathBuf::from);
        assert!(
            binary.exists(),
            "{} is missing: run `cargo build --bin tintype`",
            binary.display()
        );
        let log = fs::File::options()
            .create(true)
            .append(true)
            .open(self.data.path().join("server.log"))
            .expect("a log");
        let errors = log.try_clone().expect("a log");
        Command::new(binary)
            .arg("serve")
            .current_dir(root())
            .env_remove("TINTYPE_BIN")
            .env("TINTYPE_DATA_DIR", self.data.path().join("data"))
            .env(
                "TINTYPE_SERVER__APP_ADDR",
                format!("127.0.0.1:{}", self.app_port),
            )
            .env(
                "TINTYPE_SERVER__MEDIA_ADDR",
                format!("127.0.0.1:{}", self.media_port),
            )
            .env("TINTYPE_SERVER__OPS_ADDR", "127.0.0.1:0")
            .env("TINTYPE_AUTH__JWT_SECRET", secret)
            .env("TINTYPE_AUTH__BCRYPT_COST", "4")
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .spawn()
            .expect("start the server")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .expect("the repository")
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a free port")
        .port()
}
