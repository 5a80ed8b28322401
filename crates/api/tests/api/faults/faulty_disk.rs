//! A disk that can be broken and mended, for processes that start with its variables.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use rustix::io::Errno;

/// See `faulty_disk.c`.
pub struct FaultyDisk {
    control: PathBuf,
}

impl FaultyDisk {
    /// Its switch is kept in this folder.
    pub fn new(folder: &Path) -> Self {
        Self {
            control: folder.join("faulty-disk"),
        }
    }

    /// What a process has to be started with.
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        let text = |path: &Path| path.to_str().unwrap().to_owned();
        vec![
            ("LD_PRELOAD", text(library())),
            ("FAULTY_DISK", text(&self.control)),
        ]
    }

    /// From now on, what would change a file whose path begins like this fails.
    pub fn fail(&self, beginning: &Path, with: Errno) {
        std::fs::write(
            &self.control,
            format!("{} {}", with.raw_os_error(), beginning.display()),
        )
        .unwrap();
    }

    pub fn mend(&self) {
        std::fs::write(&self.control, "").unwrap();
    }
}

/// Compiled once in each run of the tests.
fn library() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let library = folder.join("faulty_disk.so");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/api/faults/faulty_disk.c");
        let mut command = Command::new("cc");
        command
            .args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"])
            .arg(&library)
            .arg(source)
            .arg("-ldl");
        assert!(command.status().expect("a C compiler is needed").success());
        library
    })
}
