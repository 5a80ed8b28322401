//! The program itself, as processes.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use crate::client::Client;

/// The program of these sources.
pub const BINARY: &str = env!("CARGO_BIN_EXE_tintype");

/// A running process of Tintype, killed when it is dropped.
pub struct Program {
    pub child: Child,
    /// Where it is reached.
    pub url: String,
    /// Where it answers for operators.
    pub ops_url: String,
}

impl Program {
    /// `tintype serve` with the embedded store.
    pub fn start(database: Option<&str>, folder: &Path, app: &str, media: &str, log: &str) -> Self {
        let settings = [
            ("TINTYPE_SERVER__APP_ADDR", app),
            ("TINTYPE_SERVER__MEDIA_ADDR", media),
            ("RUST_LOG", log),
        ];
        let database = database.map(|url| ("DATABASE_URL", url));
        Self::start_as(
            "serve",
            folder,
            &settings.into_iter().chain(database).collect::<Vec<_>>(),
        )
    }

    /// `tintype serve | worker | storage`, all listening where there is room unless the settings say otherwise.
    pub fn start_as(role: &str, folder: &Path, settings: &[(&str, &str)]) -> Self {
        Self::try_start_as(role, folder, settings)
            .unwrap_or_else(|(status, said)| panic!("{role} ended, {status}: {said}"))
    }

    /// The same. `Err`: it ended before it was ready; how, and what it said.
    pub fn try_start_as(
        role: &str,
        folder: &Path,
        settings: &[(&str, &str)],
    ) -> Result<Self, (ExitStatus, String)> {
        Self::try_start(Path::new(BINARY), role, folder, settings)
    }

    /// The same of another binary, such as one of another version.
    pub fn try_start(
        binary: &Path,
        role: &str,
        folder: &Path,
        settings: &[(&str, &str)],
    ) -> Result<Self, (ExitStatus, String)> {
        let anywhere = [
            "SERVER__APP_ADDR",
            "SERVER__MEDIA_ADDR",
            "SERVER__OPS_ADDR",
            "STORAGE__LISTEN_ADDR",
        ];
        let mut child = Command::new(binary)
            .arg(role)
            .env(
                "TINTYPE_AUTH__JWT_SECRET",
                "0123456789abcdefghijklmnopqrstuv",
            )
            .env("TINTYPE_DATA_DIR", folder)
            .env("TINTYPE_AUTH__BCRYPT_COST", "4")
            .env("RUST_LOG", "warn")
            .envs(anywhere.map(|name| (format!("TINTYPE_{name}"), "127.0.0.1:0")))
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.as_mut().unwrap());
        let mut told = |start: &str| {
            let mut line = String::new();
            let ended = lines.read_line(&mut line).unwrap() == 0;
            (!ended).then(|| {
                line.trim()
                    .strip_prefix(start)
                    .unwrap_or_else(|| panic!("{start} in {line}"))
                    .to_owned()
            })
        };
        if let (Some(url), Some(ops_url)) =
            (told("Tintype is ready: "), told("Health and metrics: "))
        {
            return Ok(Self {
                child,
                url,
                ops_url,
            });
        }
        let mut said = String::new();
        child
            .stderr
            .as_mut()
            .unwrap()
            .read_to_string(&mut said)
            .unwrap();
        Err((child.wait().unwrap(), said))
    }

    pub fn client(&self) -> Client {
        Client {
            http: reqwest::Client::new(),
            api: format!("{}/api/v1", self.url),
            session: None,
        }
    }

    pub fn signal(&self, name: &str) {
        assert!(
            Command::new("kill")
                .args([name, &self.child.id().to_string()])
                .status()
                .unwrap()
                .success()
        );
    }

    /// Ends it as an operator does. Whether it says that all is well.
    pub fn terminate(mut self) -> bool {
        self.signal("-TERM");
        self.child.wait().unwrap().success()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Runs a subcommand to its end: whether it succeeded, and what it wrote to standard output and standard error.
pub fn run(arguments: &[&str], folder: &Path, settings: &[(&str, &str)]) -> (bool, String, String) {
    let output = Command::new(BINARY)
        .args(arguments)
        .env("TINTYPE_DATA_DIR", folder)
        .env("TINTYPE_AUTH__BCRYPT_COST", "4")
        .envs(settings.iter().copied())
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.success(),
        text(output.stdout),
        text(output.stderr),
    )
}
