//! A machine on which `tt` is used: a home and a folder of its own.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

use crate::server::{PASSWORD, Server};

pub struct Machine {
    folder: TempDir,
}

/// What a run of `tt` said.
pub struct Said {
    pub status: i32,
    pub out: String,
    pub err: String,
}

impl Machine {
    pub fn new() -> Self {
        let machine = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        fs::create_dir(machine.path("home")).unwrap();
        machine
    }

    /// Logged in as a new user of the server; and the session of that user.
    pub fn logged_in(server: &Server, name: &str) -> (Self, String) {
        let (machine, session) = (Self::new(), server.register(name));
        machine
            .tt_with(
                &["login", &server.url, "--user", name],
                format!("{PASSWORD}\n").as_bytes(),
            )
            .done();
        (machine, session)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file, and the folders above it.
    pub fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    pub fn command(&self) -> Command {
        self.command_of(Path::new(env!("CARGO_BIN_EXE_tt")))
    }

    /// Another program, in the same surroundings.
    pub fn command_of(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.folder.path()).env_clear();
        command
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.path("home"));
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub fn tt(&self, arguments: &[&str]) -> Said {
        self.tt_with(arguments, b"")
    }

    /// The same, with this on standard input.
    pub fn tt_with(&self, arguments: &[&str], input: &[u8]) -> Said {
        ended(self.command().args(arguments).spawn().unwrap(), input)
    }
}

/// Waits for a program that gets this on standard input.
pub fn ended(mut child: Child, input: &[u8]) -> Said {
    // It may end before it has read all.
    child.stdin.take().unwrap().write_all(input).ok();
    child.wait_with_output().unwrap().into()
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            status: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Said {
    /// What stands on standard output, if everything was done.
    pub fn done(self) -> String {
        assert_eq!(self.status, 0, "{}{}", self.out, self.err);
        self.out
    }

    /// What was said, if this was the exit status, and nothing stands on standard output.
    pub fn failed(self, status: i32) -> String {
        assert_eq!(
            (self.status, self.out.as_str()),
            (status, ""),
            "{}",
            self.err
        );
        self.err
    }
}
