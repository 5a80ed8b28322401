//! Where the files of a backup are: in a folder, or in a bucket of any S3 store.
//!
//! A file that has its name is whole. Nothing here knows what files hold.

mod bucket;
mod folder;

use std::fmt;

use uuid::Uuid;

pub use self::bucket::Bucket;
pub use self::folder::Folder;
use super::BackupError;
use super::archive::{Names, Pieces};
use super::spool::{Spool, Spooled};

/// What is there from the beginning.
const LOCK: &str = "lock";
/// What shows that there is a backup, or one that was begun.
const SIGNS: [&str; 3] = [LOCK, "manifest.json", "key.age"];
/// What else a backup has at its root.
const OTHERS: [&str; 3] = ["rows", "objects", "tmp"];
/// What a file system of its own has.
const SYSTEM: &str = "lost+found";
/// What is removed once no manifest names it any more.
const PRUNED: [&str; 2] = ["rows", "objects"];

/// Whether a backup may be written where these are: other programs have folders of such names, too, and what is in them would be removed.
fn are_ours<'a>(mut names: impl Iterator<Item = &'a str>) -> bool {
    let (mut is_empty, mut is_signed) = (true, false);
    let all = names.all(|name| {
        is_empty &= name == SYSTEM;
        is_signed |= SIGNS.contains(&name);
        name == SYSTEM || SIGNS.contains(&name) || OTHERS.contains(&name)
    });
    all && (is_empty || is_signed)
}

/// What is written into the lock, for whoever finds it, and for the next run.
fn note_of(installation: Uuid) -> String {
    format!("The installation {installation} of Tintype backs up here.\n")
}

/// The installation that such a note names.
fn installation_in(note: &str) -> Option<Uuid> {
    note.split_whitespace().find_map(|word| word.parse().ok())
}

/// See the module.
pub enum Files {
    /// In a folder.
    Folder(Folder),
    /// In a bucket.
    Bucket(Bucket),
}

/// Does the same with either.
macro_rules! either {
    ($files:expr, $it:ident => $call:expr) => {
        match $files {
            Files::Folder($it) => $call,
            Files::Bucket($it) => $call,
        }
    };
}

impl Files {
    /// Nothing is read or written before this is asked: in an address, a part that goes up leads to another bucket than the one that was named.
    pub fn must_have_a_name(&self) -> Result<(), BackupError> {
        match self {
            Self::Folder(_) => Ok(()),
            Self::Bucket(bucket) => bucket.must_have_a_name(),
        }
    }

    /// Makes the place where it is missing. In a folder nobody else writes until this is dropped; what a dead process has begun is removed.
    pub async fn begin(&self) -> Result<(), BackupError> {
        either!(self, it => it.begin().await)
    }

    /// From now on the place is this installation's. It may be another's already, whose first run did not come to its end.
    pub async fn claim(&self, installation: Uuid) -> Result<(), BackupError> {
        let note = either!(self, it => it.note().await)?;
        match installation_in(&note) {
            Some(owner) if owner != installation => Err(BackupError::AnotherInstallation {
                place: self.to_string(),
                installation: owner.to_string(),
            }),
            Some(_) => Ok(()),
            None => either!(self, it => it.write_note(note_of(installation)).await),
        }
    }

    /// A file without a name.
    pub fn spool(&self) -> Spool {
        match self {
            Self::Folder(folder) => folder.spool(),
            Self::Bucket(_) => Spool::nameless(),
        }
    }

    /// Gives a file its name. It can be read, and survives a power cut, once everything is settled.
    pub async fn keep(&self, path: &str, file: Spooled) -> Result<(), BackupError> {
        either!(self, it => it.keep(path, file).await)
    }

    /// Settles every file that is kept.
    pub async fn settle(&self) -> Result<(), BackupError> {
        match self {
            Self::Folder(folder) => folder.settle().await,
            Self::Bucket(_) => Ok(()),
        }
    }

    /// The sizes of these files, bytes. `None`: there is none.
    pub async fn sizes(&self, paths: &[String]) -> Result<Vec<Option<u64>>, BackupError> {
        either!(self, it => it.sizes(paths).await)
    }

    /// A file, `None` if there is none.
    pub async fn read(&self, path: &str) -> Result<Option<Pieces>, BackupError> {
        either!(self, it => it.read(path).await)
    }

    /// Removes rows and objects of images but for these. What others have put among them stays.
    pub async fn retain(&self, names: Names) -> Result<(), BackupError> {
        either!(self, it => it.retain(names).await)
    }
}

impl fmt::Display for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        either!(self, it => it.fmt(f))
    }
}
