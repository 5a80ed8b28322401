//! Which files are meant: those that are named, the pictures in folders, and what comes on standard input.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use tintype_dto::is_called_a_picture;

use crate::error::Error;

/// The most that is read of anything, bytes: as much as any picture may have, and one more.
const LARGEST: u64 = 100_000_001;

/// A file to upload.
pub struct Source {
    /// Its name, without folders.
    pub name: String,
    /// Its size, bytes; 0 of what has none, such as a pipe.
    pub size: u64,
    /// The most of it that is held in memory, bytes.
    pub held: u64,
    content: Content,
}

enum Content {
    File(PathBuf),
    /// Standard input, which is read once.
    Input(Vec<u8>),
}

/// What was found.
pub struct Found {
    /// The files, in the order in which they were named, and by name in folders.
    pub files: Vec<Source>,
    /// How many others the folders hold.
    pub others: usize,
    /// Folders that can't be read, or that hold no picture.
    pub failed: Vec<Error>,
}

impl Source {
    /// Its bytes.
    pub fn read(&self) -> Result<Vec<u8>, Error> {
        match &self.content {
            Content::File(path) => {
                let file = File::open(path);
                let read = file.and_then(|mut file| bounded(&mut file));
                read.map_err(Error::local("it can't be read"))
            }
            Content::Input(bytes) => Ok(bytes.clone()),
        }
    }

    fn file(path: PathBuf, meta: &Metadata) -> Self {
        let size = if meta.is_file() { meta.len() } else { 0 };
        Self {
            name: name(&path),
            size,
            held: if meta.is_file() { size } else { LARGEST },
            content: Content::File(path),
        }
    }
}

/// Finds them all before anything is sent. `input_name` is what standard input is called.
pub fn find(paths: &[PathBuf], input_name: &str) -> Result<Found, Error> {
    let mut found = Found {
        files: Vec::new(),
        others: 0,
        failed: Vec::new(),
    };
    for path in paths {
        if path.as_os_str() == "-" {
            found.files.push(standard_input(input_name)?);
            continue;
        }
        let meta = fs::metadata(path).map_err(Error::local(path.display().to_string()))?;
        if meta.is_dir() {
            found.named_folder(path);
        } else {
            found.files.push(Source::file(path.clone(), &meta));
        }
    }
    Ok(found)
}

impl Found {
    /// Takes the pictures of a folder, of which there should be some.
    fn named_folder(&mut self, path: &Path) {
        let before = self.files.len() + self.failed.len();
        self.folder(path);
        if self.files.len() + self.failed.len() == before {
            let none = format!("no pictures in {}", path.display());
            self.failed.push(Error::Denied(none));
        }
    }

    /// Takes the pictures of a folder, then its folders. One that can't be read leaves the others alone.
    fn folder(&mut self, path: &Path) {
        match self.files_of(path) {
            Ok(folders) => folders.iter().for_each(|folder| self.folder(folder)),
            Err(error) => {
                let name = path.display().to_string();
                self.failed.push(Error::Local(name, error));
            }
        }
    }

    /// Takes the pictures of a folder; its folders. Links to folders are not followed: they may lead in a circle.
    fn files_of(&mut self, path: &Path) -> io::Result<Vec<PathBuf>> {
        let mut entries = fs::read_dir(path)?.collect::<io::Result<Vec<_>>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        let mut folders = Vec::new();
        for entry in entries {
            let (path, kind) = (entry.path(), entry.file_type()?);
            if name(&path).starts_with('.') {
                self.others += usize::from(!kind.is_dir());
            } else if kind.is_dir() {
                folders.push(path);
            } else {
                match fs::metadata(&path) {
                    Ok(meta) if meta.is_file() && is_called_a_picture(&name(&path)) => {
                        self.files.push(Source::file(path, &meta));
                    }
                    _ => self.others += 1,
                }
            }
        }
        Ok(folders)
    }
}

/// Some things have no end, and some files grow.
fn bounded(from: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(LARGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn standard_input(name: &str) -> Result<Source, Error> {
    let bytes = bounded(&mut io::stdin().lock()).map_err(Error::local("read standard input"))?;
    let size = bytes.len() as u64;
    Ok(Source {
        name: name.into(),
        size,
        held: size,
        content: Content::Input(bytes),
    })
}

fn name(path: &Path) -> String {
    path.file_name().map_or_else(
        || "image".into(),
        |name| name.to_string_lossy().into_owned(),
    )
}
