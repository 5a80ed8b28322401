//! A test in a process of its own, as the system counts memory by process: no allocator of ours stands between.

use std::path::{Path, PathBuf};
use std::process::Command;

const FILE: &str = "TINTYPE_TEST_FILE";

/// Runs the ignored test of this name on the file, and returns what it says in a line that begins with `says`.
pub fn hear(test: &str, name: &str, file: &[u8], says: &str) -> String {
    let path =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{name}", test.replace("::", "-")));
    std::fs::write(&path, file).unwrap();
    let arguments = ["--exact", test, "--ignored", "--nocapture"];
    let mut child = Command::new(std::env::current_exe().unwrap());
    // Freed memory is returned at once, so that the peak is that of live memory.
    child
        .args(arguments)
        .env(FILE, &path)
        .env("MALLOC_MMAP_THRESHOLD_", "131072");
    let child = child.output().unwrap();
    std::fs::remove_file(&path).unwrap();
    let said = String::from_utf8(child.stdout).unwrap();
    let line = said.lines().find_map(|line| line.strip_prefix(says));
    line.unwrap_or_else(|| panic!("{name}: {said}{}", String::from_utf8_lossy(&child.stderr)))
        .trim()
        .to_owned()
}

/// The file, in the process; `None` where the test is run by itself.
pub fn file() -> Option<Vec<u8>> {
    std::env::var_os(FILE).map(|path| std::fs::read(PathBuf::from(path)).unwrap())
}

/// A line of `/proc/self/status`, KiB.
pub fn status(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .unwrap();
    line.trim_start_matches(':')
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .unwrap()
}

/// The CPU time of the work, whatever else runs.
pub fn processor_time(work: &dyn Fn()) -> std::time::Duration {
    let used = || {
        let line = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
        std::time::Duration::from_nanos(line.split(' ').next().unwrap().parse().unwrap())
    };
    let before = used();
    work();
    used().saturating_sub(before)
}
