//! Files on disk are private to the user that runs Tintype: files 0600, folders 0700, including existing ones.

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{ErrorKind, Result};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

const FILE: u32 = 0o600;
const FOLDER: u32 = 0o700;
/// Read, write or look inside, for the group or for others.
const OTHERS: u32 = 0o077;

/// Everything in a data folder that belongs to Tintype alone, and what a file system of its own contains.
const KEPT: [&str; 9] = [
    "tintype.db",
    "tintype.db-wal",
    "tintype.db-shm",
    "tintype.db-journal",
    "jwt-secret",
    "storage-secret",
    "objects",
    "lock",
    "objects.lock",
];
const BROUGHT: &str = "lost+found";

/// Creates a missing data folder, and keeps others out of it. A folder that holds other things keeps its mode, which is not ours to decide;
/// Tintype's files in it are closed one by one.
///
/// # Errors
/// It can't be made or read.
pub fn data_folder(path: &Path) -> Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(FOLDER)
        .create(path)?;
    if !is_open(path)? {
        return Ok(());
    }
    let is_ours = |name: &str| name == BROUGHT || KEPT.contains(&name);
    for entry in path.read_dir()? {
        if !entry?.file_name().to_str().is_some_and(is_ours) {
            tracing::warn!(
                "others on this machine can look into {}, which holds more than Tintype's data: what is Tintype's in it is closed to them. \
                 Name a folder of its own in TINTYPE_DATA_DIR, or take their rights away with chmod 700",
                path.display()
            );
            return Ok(());
        }
    }
    close(path, FOLDER);
    Ok(())
}

/// Opens a file for writing that no other user can read, whoever created it; a missing one is created.
///
/// # Errors
/// It can't be opened.
pub fn file(path: &Path) -> Result<File> {
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(FILE)
        .open(path)?;
    existing_file(path)?;
    Ok(file)
}

/// Keeps others from reading this file, if it is there.
///
/// # Errors
/// It can't be looked at.
pub fn existing_file(path: &Path) -> Result<()> {
    match is_open(path) {
        Ok(true) => close(path, FILE),
        Ok(false) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    Ok(())
}

/// The same for an SQLite database and the files beside it. SQLite creates those with the database's own mode, so this creates the
/// database. The database itself reports what is wrong with the place.
pub fn database(url: &str) {
    let Some(path) = path_of(url) else { return };
    let is_made = url.contains("mode=rwc");
    let result = if is_made {
        file(&path).map(drop)
    } else {
        existing_file(&path)
    };
    for beside in ["-wal", "-shm", "-journal"] {
        let mut name = path.clone().into_os_string();
        name.push(beside);
        let _ = existing_file(Path::new(&name));
    }
    if let Err(error) = result {
        tracing::debug!(%error, "the database's file can't be looked at");
    }
}

/// Where an SQLite database is on the disk.
fn path_of(url: &str) -> Option<PathBuf> {
    let address = url.strip_prefix("sqlite:")?;
    let address = address.strip_prefix("//").unwrap_or(address);
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    (!path.is_empty()
        && path != ":memory:"
        && !query.contains("mode=memory")
        && !query.contains("mode=ro"))
    .then(|| path.into())
}

fn is_open(path: &Path) -> Result<bool> {
    Ok(path.metadata()?.permissions().mode() & OTHERS != 0)
}

/// Only its owner may be able to do this: a failure is no reason not to start.
fn close(path: &Path, mode: u32) {
    if let Err(error) = std::fs::set_permissions(path, Permissions::from_mode(mode)) {
        tracing::warn!(%error, "others on this machine can read {}: give it to the user that runs Tintype, or chmod it", path.display());
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn set(path: &Path, mode: u32) {
        std::fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    fn mode(path: &Path) -> u32 {
        path.metadata().unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_data_folder_is_closed_to_others_unless_it_holds_other_things() {
        let place = tempfile::tempdir().unwrap();
        let made = place.path().join("a/b");
        data_folder(&made).unwrap();
        assert_eq!(mode(&made), 0o700);
        set(&made, 0o755);
        for name in ["tintype.db", "lock", "lost+found"] {
            std::fs::write(made.join(name), "").unwrap();
        }
        data_folder(&made).unwrap();
        assert_eq!(mode(&made), 0o700);
        set(&made, 0o750);
        std::fs::write(made.join("holiday.txt"), "").unwrap();
        data_folder(&made).unwrap();
        assert_eq!(mode(&made), 0o750, "others may have business there");
    }

    #[test]
    fn a_database_and_what_is_beside_it_are_closed_to_others() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("x.db");
        let url = format!("sqlite://{}", path.display());
        database(&url);
        assert!(
            !path.exists(),
            "the address does not say that it is to be made"
        );
        database(&format!("{url}?mode=rwc"));
        assert_eq!(mode(&path), 0o600);
        for name in ["x.db", "x.db-wal", "x.db-shm"] {
            std::fs::write(place.path().join(name), "").unwrap();
            set(&place.path().join(name), 0o644);
        }
        database(&url);
        for name in ["x.db", "x.db-wal", "x.db-shm"] {
            assert_eq!(mode(&place.path().join(name)), 0o600, "{name}");
        }
    }

    #[test]
    fn addresses_without_a_file_are_left_alone() {
        for url in [
            "postgres://x/y",
            "sqlite::memory:",
            "sqlite://:memory:",
            "sqlite://a.db?mode=memory",
            "sqlite:",
        ] {
            assert_eq!(path_of(url), None, "{url}");
        }
        for url in ["sqlite://a.db?mode=rwc", "sqlite:a.db", "sqlite://a.db"] {
            assert_eq!(path_of(url), Some("a.db".into()), "{url}");
        }
    }
}
