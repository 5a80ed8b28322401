//! What a real process did to a folder, as strace saw it.

use std::collections::HashMap;
use std::env;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Opened by the process when it is done: what follows is no part of the recording.
const END: &str = "end of the recording";

/// A file, by the number that it was given when it was made.
pub type Made = usize;

/// One thing that was done, in the order in which it was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    MakeFolder(PathBuf),
    Make(PathBuf, Made),
    Write(Made, Vec<u8>),
    SyncFile(Made),
    SyncFolder(PathBuf),
    Link(PathBuf, PathBuf),
    Rename(PathBuf, PathBuf),
    Remove(PathBuf),
    /// A request has begun to be sent: its method.
    Asked(String),
    /// An answer has begun to be sent: its status.
    Answered(u16),
}

/// Everything done under the first folder that was made, and that folder.
pub struct Recording {
    pub root: PathBuf,
    pub ops: Vec<Op>,
}

/// Says to the recorder, if there is one, that the rest is of no interest.
pub fn end() {
    assert!(File::open(env::temp_dir().join(END)).is_err());
}

/// Runs one test of this program, in a process of its own, and records it.
pub fn record(test: &str) -> Recording {
    const CALLS: &str = "trace=?open,openat,?openat2,?creat,close,write,pwrite64,writev,pwritev,?pwritev2,?truncate,ftruncate,fallocate,\
         ?sendfile,?sendfile64,?copy_file_range,splice,fsync,fdatasync,sync,syncfs,?sync_file_range,?rename,renameat,?renameat2,?link,linkat,\
         ?symlink,symlinkat,?unlink,unlinkat,?rmdir,?mkdir,mkdirat,?mknod,mknodat,sendto,sendmsg";
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let temp = folder.path().join("temp");
    fs::create_dir(&temp).unwrap();
    let mut strace = Command::new("strace");
    strace
        .args(["-f", "-xx", "-s", "1000000", "-e", CALLS, "-o"])
        .arg(&log);
    strace
        .arg(env::current_exe().unwrap())
        .args(["--exact", test])
        .env("TMPDIR", &temp);
    let output = strace
        .output()
        .expect("this test needs strace: install it (Debian: apt-get install strace)");
    assert!(
        output.status.success(),
        "the recording failed. Where a container forbids ptrace, start it with --cap-add SYS_PTRACE.\n{}\n{}",
        String::from_utf8_lossy(&output.stderr),
        String::from_utf8_lossy(&output.stdout),
    );
    let lines = fs::read_to_string(&log).unwrap();
    let mut reader = Reader {
        temp,
        ..Reader::default()
    };
    for line in lines.lines() {
        if reader.line(line).is_none() {
            return Recording {
                root: reader.root.expect("a folder was made"),
                ops: reader.ops,
            };
        }
    }
    panic!("the recording has no end");
}

#[derive(Default)]
struct Reader {
    temp: PathBuf,
    root: Option<PathBuf>,
    ops: Vec<Op>,
    /// Calls that other threads have interrupted in the log.
    begun: HashMap<String, String>,
    open: HashMap<i64, Open>,
    made: Made,
}

enum Open {
    File(Made),
    /// A folder, or a file that is only read.
    Read(PathBuf),
}

impl Reader {
    /// `None` at the end of the recording.
    fn line(&mut self, line: &str) -> Option<()> {
        let (thread, rest) = line.split_once(' ').unwrap();
        let rest = rest.trim_start();
        if rest.starts_with("+++") || rest.starts_with("---") {
            return Some(());
        }
        if let Some(begun) = rest.strip_suffix(" <unfinished ...>") {
            self.begins(begun);
            self.begun.insert(thread.into(), begun.into());
            return Some(());
        }
        let whole = if let Some(resumed) = rest.strip_prefix("<... ") {
            let (_, end) = resumed.split_once(" resumed>").unwrap();
            self.begun.remove(thread).unwrap() + end
        } else {
            self.begins(rest);
            rest.to_owned()
        };
        let (call, result) = whole
            .rsplit_once(" = ")
            .unwrap_or_else(|| panic!("{whole}"));
        let result = result.split(' ').next().unwrap().parse().unwrap_or(-1);
        self.ends(call, result)
    }

    /// A descriptor is free, and an answer is out, as soon as the call begins.
    fn begins(&mut self, call: &str) {
        let (name, arguments) = call.split_once('(').unwrap();
        match name {
            "close" => drop(self.open.remove(&number(arguments))),
            "write" | "writev" | "sendto" | "sendmsg"
                if !self.open.contains_key(&number(arguments)) =>
            {
                let start = String::from_utf8_lossy(&strings(arguments).concat())
                    .chars()
                    .take(12)
                    .collect::<String>();
                if let Some(status) = start.strip_prefix("HTTP/1.1 ") {
                    self.ops.push(Op::Answered(status.parse().unwrap()));
                } else if let Some((method @ ("PUT" | "DELETE" | "GET"), _)) =
                    start.split_once(" /")
                {
                    self.ops.push(Op::Asked(method.into()));
                }
            }
            _ => {}
        }
    }

    /// What failed has done nothing, and what succeeded is done when the call ends.
    fn ends(&mut self, call: &str, result: i64) -> Option<()> {
        let (name, arguments) = call.split_once('(').unwrap();
        let paths: Vec<_> = strings(arguments)
            .iter()
            .map(|bytes| PathBuf::from(OsStr::from_bytes(bytes)))
            .collect();
        if name == "openat" && paths[0].ends_with(END) {
            return None;
        }
        if result < 0 || matches!(name, "close" | "sendto" | "sendmsg") {
            return Some(());
        }
        let descriptor = number(arguments);
        match name {
            "openat" => {
                if self.is_ours(&paths[0]) {
                    self.opened(paths[0].clone(), arguments, result);
                }
            }
            "mkdir" | "mkdirat" => {
                if self.root.is_none() && paths[0].parent() == Some(&self.temp) {
                    self.root = Some(paths[0].clone());
                } else {
                    self.push(&paths, |paths| Op::MakeFolder(paths[0].clone()));
                }
            }
            "rename" | "renameat" => self.push(&paths, |paths| {
                Op::Rename(paths[0].clone(), paths[1].clone())
            }),
            "link" | "linkat" => {
                self.push(&paths, |paths| Op::Link(paths[0].clone(), paths[1].clone()));
            }
            "unlink" => self.push(&paths, |paths| Op::Remove(paths[0].clone())),
            "write" => {
                if let Some(open) = self.open.get(&descriptor) {
                    let Open::File(made) = open else {
                        panic!("{call}")
                    };
                    let mut bytes = strings(arguments).concat();
                    bytes.truncate(usize::try_from(result).unwrap());
                    self.ops.push(Op::Write(*made, bytes));
                }
            }
            "fsync" | "fdatasync" => match self.open.get(&descriptor) {
                Some(Open::File(made)) => self.ops.push(Op::SyncFile(*made)),
                Some(Open::Read(path)) => self.ops.push(Op::SyncFolder(path.clone())),
                None => {}
            },
            _ => {
                let touches_ours = self.open.contains_key(&descriptor)
                    || paths.iter().any(|path| self.is_ours(path));
                assert!(
                    !touches_ours && !name.starts_with("sync"),
                    "the model of the disk knows no {name}: teach it. {call}"
                );
            }
        }
        Some(())
    }

    fn opened(&mut self, path: PathBuf, arguments: &str, descriptor: i64) {
        let open = if arguments.contains("O_CREAT") {
            assert!(
                arguments.contains("O_EXCL"),
                "a file that may be there already: {}",
                path.display()
            );
            self.made += 1;
            self.ops.push(Op::Make(path, self.made));
            Open::File(self.made)
        } else {
            assert!(
                arguments.contains("O_RDONLY"),
                "a file that is there is written: {}",
                path.display()
            );
            Open::Read(path)
        };
        self.open.insert(descriptor, open);
    }

    fn push(&mut self, paths: &[PathBuf], op: impl FnOnce(&[PathBuf]) -> Op) {
        if paths.iter().any(|path| self.is_ours(path)) {
            assert!(
                paths.iter().all(|path| self.is_ours(path)),
                "from or to elsewhere: {paths:?}"
            );
            self.ops.push(op(paths));
        }
    }

    fn is_ours(&self, path: &Path) -> bool {
        self.root
            .as_ref()
            .is_some_and(|root| path.starts_with(root))
    }
}

/// The first argument; `AT_FDCWD` is no descriptor.
fn number(arguments: &str) -> i64 {
    let digits = arguments.split([',', ')']).next().unwrap();
    digits.trim().parse().unwrap_or(-1)
}

/// Every string among the arguments, which strace has written as `"\x2f\x74..."`.
fn strings(arguments: &str) -> Vec<Vec<u8>> {
    let quoted = arguments.split('"').skip(1).step_by(2);
    quoted
        .map(|text| hex::decode(text.replace("\\x", "")).unwrap())
        .collect()
}
