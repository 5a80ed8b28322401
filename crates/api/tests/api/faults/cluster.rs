//! A PostgreSQL of one test's own, which can be restarted.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// How a database goes down.
#[derive(Clone, Copy, Debug)]
pub enum Down {
    Fast,
    Immediate,
    Killed,
}

pub struct Cluster {
    folder: TempDir,
    /// Variables of its processes.
    variables: Vec<(&'static str, String)>,
}

impl Cluster {
    pub fn start() -> Self {
        Self::start_with(Vec::new())
    }

    /// With these variables for its processes.
    pub fn start_with(variables: Vec<(&'static str, String)>) -> Self {
        let cluster = Self {
            folder: TempDir::new().unwrap(),
            variables,
        };
        if is_root() {
            assert!(
                Command::new("chown")
                    .arg("postgres")
                    .arg(cluster.folder.path())
                    .status()
                    .unwrap()
                    .success()
            );
        }
        cluster.run("initdb", &["--no-sync", "-A", "trust", "-U", "postgres"]);
        cluster.up();
        cluster
    }

    pub fn socket(&self) -> &str {
        self.folder.path().to_str().unwrap()
    }

    /// The database that every cluster has.
    pub fn url(&self) -> String {
        format!(
            "postgres://postgres@localhost/postgres?host={}",
            self.socket().replace('/', "%2F")
        )
    }

    pub fn restart(&self, down: Down) {
        match down {
            Down::Fast => self.run("pg_ctl", &["-w", "-m", "fast", "stop"]),
            Down::Immediate => self.run("pg_ctl", &["-w", "-m", "immediate", "stop"]),
            Down::Killed => {
                let pid = std::fs::read_to_string(self.data().join("postmaster.pid")).unwrap();
                let pid = pid.lines().next().unwrap().to_owned();
                assert!(
                    Command::new("kill")
                        .args(["-9", &pid])
                        .status()
                        .unwrap()
                        .success()
                );
                // Its children end by themselves, and hold the memory that the next one needs until then.
                while std::fs::exists(format!("/proc/{pid}")).unwrap() || self.has_memory() {
                    std::thread::yield_now();
                }
            }
        }
        self.up();
    }

    /// Whether anyone is attached to the shared memory that the lock file names.
    fn has_memory(&self) -> bool {
        let Ok(lock) = std::fs::read_to_string(self.data().join("postmaster.pid")) else {
            return false;
        };
        let Some(id) = lock
            .lines()
            .nth(6)
            .and_then(|line| line.split_whitespace().nth(1).map(str::to_owned))
        else {
            return false;
        };
        let Ok(table) = std::fs::read_to_string("/proc/sysvipc/shm") else {
            return false;
        };
        table.lines().skip(1).any(|line| {
            let fields: Vec<_> = line.split_whitespace().collect();
            fields.get(1) == Some(&id.as_str()) && fields.get(6) != Some(&"0")
        })
    }

    fn up(&self) {
        let options = format!("-c listen_addresses= -k '{}' -c fsync=off", self.socket());
        let log = self.folder.path().join("log");
        self.run(
            "pg_ctl",
            &["-l", log.to_str().unwrap(), "-w", "-o", &options, "start"],
        );
    }

    /// A folder on this disk that belongs to the user that the database runs as.
    pub fn folder_on(disk: &Path) -> TempDir {
        let folder = TempDir::new_in(disk).unwrap();
        if is_root() {
            assert!(
                Command::new("chown")
                    .arg("postgres")
                    .arg(folder.path())
                    .status()
                    .unwrap()
                    .success()
            );
        }
        folder
    }

    /// Waits until it has recovered from a crash of its own, and starts it where it has given up.
    pub fn revive(&self) {
        let is_ready = || {
            Command::new(programs().join("pg_isready"))
                .args(["-q", "-h", self.socket()])
                .status()
                .unwrap()
                .success()
        };
        let pid = std::fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
        let process = format!("/proc/{}", pid.lines().next().unwrap_or("none"));
        while std::fs::exists(&process).unwrap() {
            if is_ready() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        self.up();
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("db")
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let program = programs().join(program);
        let mut command = if is_root() {
            // PostgreSQL refuses to run as root.
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(&program);
            command
        } else {
            Command::new(&program)
        };
        command
            .arg("-D")
            .arg(self.data())
            .args(arguments)
            .current_dir(self.folder.path())
            .envs(self.variables.iter().cloned());
        let out = std::fs::File::create(self.folder.path().join("out")).unwrap();
        let status = command
            .stdout(out.try_clone().unwrap())
            .stderr(out)
            .status()
            .unwrap();
        let told = || std::fs::read_to_string(self.folder.path().join("out")).unwrap();
        assert!(
            status.success(),
            "{} {arguments:?}: {}",
            program.display(),
            told()
        );
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.run("pg_ctl", &["-w", "-m", "immediate", "stop"]);
    }
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// Debian keeps them out of the PATH.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let newest = versions.map(|version| version.path().join("bin")).max();
    newest.unwrap_or_else(|| {
        let path = std::env::var_os("PATH").unwrap();
        let has = |folder: &PathBuf| Path::new(folder).join("initdb").exists();
        std::env::split_paths(&path)
            .find(has)
            .expect("initdb of PostgreSQL is needed")
    })
}
