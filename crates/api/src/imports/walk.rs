//! The directories of a tree, one after the other: no more is held of it than one directory's files, and the directories that are still to come.

use std::fs::{self, DirEntry, File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rustix::fs::OFlags;

/// A directory of the tree.
pub struct Directory {
    /// Where it is: beneath the root, and through no link.
    pub path: PathBuf,
    /// What it and those above it are called, from beneath the root on; nothing of the root.
    pub names: Vec<String>,
    /// By name.
    pub files: Vec<PathBuf>,
}

/// See the module. Links are not followed: they may lead in a circle, or out of the tree. What is hidden is left out.
pub struct Walk {
    left: Vec<(PathBuf, Vec<String>)>,
    /// How many files were left out.
    pub left_out: u64,
}

/// A directory that can't be read.
pub struct Closed {
    pub path: PathBuf,
    pub why: io::Error,
}

impl Walk {
    pub fn new(root: &Path) -> Self {
        Self {
            left: vec![(root.to_owned(), Vec::new())],
            left_out: 0,
        }
    }

    fn read(&mut self, path: &Path, names: &[String]) -> io::Result<Vec<PathBuf>> {
        let mut entries = fs::read_dir(path)?.collect::<io::Result<Vec<_>>>()?;
        entries.sort_by_key(DirEntry::file_name);
        let (mut files, mut folders) = (Vec::new(), Vec::new());
        for entry in entries {
            let (name, kind) = (entry.file_name(), entry.file_type()?);
            let name = name.to_string_lossy();
            let is_hidden = name.starts_with('.');
            if kind.is_dir() && !is_hidden {
                let names = names.iter().cloned().chain([name.into_owned()]);
                folders.push((entry.path(), names.collect()));
            } else if kind.is_file() && !is_hidden {
                files.push(entry.path());
            } else {
                self.left_out += u64::from(!kind.is_dir());
            }
        }
        self.left.extend(folders.into_iter().rev());
        Ok(files)
    }
}

impl Iterator for Walk {
    type Item = Result<Directory, Closed>;

    fn next(&mut self) -> Option<Self::Item> {
        let (path, names) = self.left.pop()?;
        Some(match self.read(&path, &names) {
            Ok(files) => Ok(Directory { path, names, files }),
            Err(why) => Err(Closed { path, why }),
        })
    }
}

/// Opens a file that is none of a link, a pipe and the like, also when it has become one meanwhile.
pub fn open(path: &Path) -> io::Result<(File, Metadata)> {
    let not_through_links = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let flags = not_through_links.bits().cast_signed();
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags)
        .open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is no file any more"));
    }
    Ok((file, metadata))
}

/// When a file was changed; `None` where the system does not know, or says something before 1970.
pub fn changed(metadata: &Metadata) -> Option<SystemTime> {
    let at = metadata.modified().ok()?;
    (at >= SystemTime::UNIX_EPOCH).then_some(at)
}
