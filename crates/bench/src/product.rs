//! The server that is measured: the built program, with a folder, a database and ports of its own.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::time::{sleep, timeout};

use crate::postgres::Postgres;
use crate::server::Server;

/// The account that everything is done with.
pub const USER: &str = "bench";
pub const PASSWORD: &str = "correct horse battery";
const SECRET: &str = "for-benchmarks-alone-0123456789abcdef";
const START_TIME: Duration = Duration::from_mins(1);
/// How long a command may take. Looking through a million rows is not among them.
const COMMAND_TIME: Duration = Duration::from_mins(2);
/// How often it is tried whether a server that starts is there.
const LOOK: Duration = Duration::from_micros(500);

/// What it takes to start a server.
pub struct Product<'a> {
    pub database: String,
    postgres: &'a Postgres,
    program: PathBuf,
    folder: TempDir,
    settings: Vec<(String, String)>,
    app: SocketAddr,
    media: SocketAddr,
}

impl<'a> Product<'a> {
    /// With a new database, its schema and the account.
    pub async fn prepare(
        postgres: &'a Postgres,
        database: String,
        more: &[(&str, &str)],
    ) -> Result<Self> {
        postgres.create(&database).await?;
        let [app, media, ops] = free_ports()?;
        let folder = TempDir::with_prefix("tintype-bench-")?;
        let mut settings = settings(folder.path(), [app, media, ops]);
        settings.push(("DATABASE_URL".into(), postgres.url(&database)));
        settings.extend(
            more.iter()
                .map(|(name, value)| ((*name).into(), (*value).into())),
        );
        let product = Self {
            database,
            postgres,
            program: program()?,
            folder,
            settings,
            app,
            media,
        };
        product.run(&["migrate", "up"], "").await?;
        let account = [
            "user",
            "add",
            USER,
            "bench@example.test",
            "--password-stdin",
        ];
        product.run(&account, PASSWORD).await?;
        Ok(product)
    }

    /// Starts the server, and waits for the first answer: that took so long.
    pub async fn start(&self) -> Result<(Server, Duration)> {
        let begun = Instant::now();
        let child = self.command(&["serve"])?.spawn();
        let child = child.with_context(|| format!("start {}", self.program.display()))?;
        let mut server = Server::of(child, self.app, self.media, self.postgres.pid)?;
        while !server.is_ready().await.with_context(|| self.log())? {
            ensure!(
                begun.elapsed() < START_TIME,
                "the server does not answer\n{}",
                self.log()
            );
            sleep(LOOK).await;
        }
        Ok((server, begun.elapsed()))
    }

    /// What it has written, for whoever looks for a reason.
    pub fn log(&self) -> String {
        let text = fs::read_to_string(self.log_path()).unwrap_or_default();
        let lines: Vec<_> = text.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }

    fn log_path(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    async fn run(&self, arguments: &[&str], input: &str) -> Result<()> {
        let mut child = self
            .command(arguments)?
            .stdin(Stdio::piped())
            .spawn()
            .with_context(|| format!("start {}", self.program.display()))?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(input.as_bytes()).await?;
        }
        let status = timeout(COMMAND_TIME, child.wait()).await;
        let status: ExitStatus = status.context("it takes too long")??;
        ensure!(
            status.success(),
            "tintype {} failed\n{}",
            arguments.join(" "),
            self.log()
        );
        Ok(())
    }

    /// It ends when it is dropped, and what it writes goes into a file.
    fn command(&self, arguments: &[&str]) -> Result<Command> {
        let log = fs::File::options()
            .create(true)
            .append(true)
            .open(self.log_path())?;
        let mut command = Command::new(&self.program);
        // Settings of whoever runs this are not what is measured.
        let foreign = env::vars_os().filter(|(name, _)| {
            name.to_str()
                .is_some_and(|name| name.starts_with("TINTYPE_") || name == "PORT")
        });
        for (name, _) in foreign {
            command.env_remove(name);
        }
        command
            .args(arguments)
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true);
        Ok(command)
    }
}

/// The repository's folder.
pub fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.ancestors().nth(2).unwrap_or(own).to_owned()
}

/// Everything on loopback and in this folder, and nothing that only now and then runs.
fn settings(folder: &Path, [app, media, ops]: [SocketAddr; 3]) -> Vec<(String, String)> {
    [
        ("DATA_DIR", folder.join("data").display().to_string()),
        ("SERVER__APP_ADDR", app.to_string()),
        ("SERVER__MEDIA_ADDR", media.to_string()),
        ("SERVER__OPS_ADDR", ops.to_string()),
        ("AUTH__JWT_SECRET", SECRET.into()),
        ("SWEEP__EVERY", "0".into()),
        ("LOG__LEVEL", "warn".into()),
    ]
    .map(|(name, value)| (format!("TINTYPE_{name}"), value))
    .into()
}

fn program() -> Result<PathBuf> {
    let built = root().join("target/release/tintype");
    let program = env::var_os("TINTYPE_BIN").map_or(built, PathBuf::from);
    let found = program.canonicalize();
    found.with_context(|| {
        format!(
            "{} is not there: `cargo xtask release` builds it",
            program.display()
        )
    })
}

/// Three that nobody listens on at this moment.
fn free_ports() -> Result<[SocketAddr; 3]> {
    let bind = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let held = [bind()?, bind()?, bind()?];
    Ok([
        held[0].local_addr()?,
        held[1].local_addr()?,
        held[2].local_addr()?,
    ])
}
