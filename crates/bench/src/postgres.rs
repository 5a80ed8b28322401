//! The throwaway PostgreSQL that `tests/with-postgres` has started.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use std::{env, fs};

use anyhow::{Context, Result, ensure};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::time::timeout;

const USER: &str = "postgres";
const DEBIAN: &str = "/usr/lib/postgresql";
/// Longer than it takes to fill a table with millions of rows.
const PATIENCE: Duration = Duration::from_mins(15);

pub struct Postgres {
    /// With the socket.
    folder: PathBuf,
    /// With `psql` and `pgbench`.
    programs: PathBuf,
    /// Of the process that all others of the cluster come from.
    pub pid: u32,
}

impl Postgres {
    pub fn from_env() -> Result<Self> {
        let folder = env::var_os("TINTYPE_TEST_POSTGRES")
            .map(PathBuf::from)
            .context("run this by `just bench`, which starts PostgreSQL")?;
        let pid_file = folder.join("db/postmaster.pid");
        let text = fs::read_to_string(&pid_file)
            .with_context(|| format!("read {}", pid_file.display()))?;
        let pid = text.lines().next().unwrap_or_default().trim().parse();
        Ok(Self {
            folder,
            programs: programs()?,
            pid: pid.context("read the process id of PostgreSQL")?,
        })
    }

    /// As the server is told it.
    pub fn url(&self, database: &str) -> String {
        let socket = self.folder.to_string_lossy().replace('/', "%2F");
        format!("postgres://{USER}@localhost/{database}?host={socket}")
    }

    /// What the cluster writes when it is told to log.
    pub fn log(&self) -> PathBuf {
        self.folder.join("db.log")
    }

    /// One of the programs that come with PostgreSQL, told where the cluster is.
    pub fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        command
            .arg("-h")
            .arg(&self.folder)
            .args(["-U", USER])
            .kill_on_drop(true);
        command
    }

    /// Runs SQL with these variables of psql, and returns the rows as text.
    pub async fn sql(
        &self,
        database: &str,
        sql: &str,
        variables: &[(&str, String)],
    ) -> Result<String> {
        let mut command = self.program("psql");
        command.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]);
        for (name, value) in variables {
            command.arg("-v").arg(format!("{name}={value}"));
        }
        let command = command.args(["-d", database, "-f", "-"]);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("start psql")?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(sql.as_bytes()).await?;
        }
        let output = timeout(PATIENCE, child.wait_with_output()).await;
        let output = output.context("psql takes too long")??;
        ensure!(
            output.status.success(),
            "psql failed: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// A new empty database.
    pub async fn create(&self, database: &str) -> Result<()> {
        let create = format!("DROP DATABASE IF EXISTS {database}; CREATE DATABASE {database};");
        // Each statement by itself: neither may stand in a transaction, which psql does not open for a script.
        self.sql(USER, &create, &[]).await.map(drop)
    }

    /// Its version and what of its settings decides about writes.
    pub async fn described(&self) -> Result<String> {
        let shown = self
            .sql(
                USER,
                "SHOW server_version; SHOW fsync; SHOW shared_buffers;",
                &[],
            )
            .await?;
        let mut lines = shown.lines();
        let mut next = || lines.next().unwrap_or_default();
        Ok(format!(
            "PostgreSQL {} (fsync {}, shared_buffers {})",
            next(),
            next(),
            next()
        ))
    }
}

/// The newest of Debian's folders, or the one with `initdb` on the path, as `tests/with-postgres` looks for it.
fn programs() -> Result<PathBuf> {
    let entries = fs::read_dir(DEBIAN).into_iter().flatten().flatten();
    let newest = entries
        .filter_map(|entry| {
            let version: u32 = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .filter(|(_, folder)| has_programs(folder))
        .max();
    let path = env::var_os("PATH").unwrap_or_default();
    newest
        .map(|(_, folder)| folder)
        .or_else(|| env::split_paths(&path).find(|folder| has_programs(folder)))
        .context("PostgreSQL's programs are nowhere: install it and put initdb on the PATH")
}

fn has_programs(folder: &Path) -> bool {
    ["initdb", "pgbench", "psql"]
        .iter()
        .all(|name| folder.join(name).exists())
}
