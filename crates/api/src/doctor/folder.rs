//! Whether the data folder can be used.

use std::io::Write;
use std::path::Path;

use super::report::{Outcome, Report};
use crate::config::Config;

/// Below this many free bytes, uploads fail soon.
const LITTLE: u64 = 1 << 30;
/// Below this many free bytes, nothing works.
const NONE: u64 = 64 << 20;

pub(super) fn examine(config: &Config, report: &mut Report) {
    if config.uses_folder() {
        let existing = config
            .data_dir
            .ancestors()
            .find(|folder| folder.exists() && !folder.as_os_str().is_empty());
        let folder = existing.unwrap_or_else(|| Path::new("."));
        if report.passes("data folder", writable(&config.data_dir, folder)) {
            report.add("disk space", space(folder));
        }
    } else {
        report.add(
            "data folder",
            Outcome::skipped("nothing is kept in it: database, objects and secrets are elsewhere"),
        );
    }
}

fn writable(wanted: &Path, existing: &Path) -> Outcome {
    let probe = existing.join(format!(".tintype-doctor-{}", std::process::id()));
    let tried =
        std::fs::File::create_new(&probe).and_then(|mut file| file.write_all(b"tintype doctor"));
    let _ = std::fs::remove_file(&probe);
    match tried {
        Ok(()) if wanted == existing => Outcome::ok(format!("{} can be written", wanted.display())),
        Ok(()) => Outcome::ok(format!("{} is made at the first start", wanted.display())),
        Err(e) => Outcome::failed(
            format!("{} can't be written: {e}", existing.display()),
            "Let the user that runs Tintype own the folder, or name another one in TINTYPE_DATA_DIR.",
        ),
    }
}

fn space(folder: &Path) -> Outcome {
    match rustix::fs::statvfs(folder) {
        Ok(disk) => judged(disk.f_bavail.saturating_mul(disk.f_frsize)),
        Err(e) => Outcome::warning(
            format!("the free space can't be read: {e}"),
            "Look with `df` at the disk of TINTYPE_DATA_DIR.",
        ),
    }
}

fn judged(free: u64) -> Outcome {
    let what = format!("{} MB are free", free >> 20);
    let mend = "Make space, or name a folder on a larger disk in TINTYPE_DATA_DIR.";
    match free {
        _ if free < NONE => Outcome::failed(what, mend),
        _ if free < LITTLE => Outcome::warning(what, mend),
        _ => Outcome::ok(what),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_that_fills_is_a_warning_and_a_full_one_a_failure() {
        assert!(
            matches!(judged(0), Outcome::Failed { fix, .. } if fix.contains("TINTYPE_DATA_DIR"))
        );
        assert!(judged(NONE - 1).is_failure());
        assert!(matches!(judged(NONE), Outcome::Warning { .. }));
        assert_eq!(judged(LITTLE), Outcome::ok("1024 MB are free"));
    }
}
