//! Which files are meant: those that are named, the pictures in folders, and what comes on standard input.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::error::Error;

/// Endings of pictures: those that are refused too, so that their owner learns why.
const ENDINGS: [&str; 14] = [
    "jpg", "jpeg", "jpe", "jfif", "png", "apng", "gif", "webp", "heic", "heif", "avif", "tif",
    "tiff", "bmp",
];
/// The most that is read of standard input, bytes: as much as any picture may have, and one more.
const LARGEST: u64 = 100_000_001;

/// A file to upload.
pub struct Source {
    /// Its name, without folders.
    pub name: String,
    /// Its size, bytes.
    pub size: u64,
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
}

impl Source {
    /// Its bytes.
    pub fn read(&self) -> Result<Vec<u8>, Error> {
        match &self.content {
            Content::File(path) => fs::read(path).map_err(Error::local("it can't be read")),
            Content::Input(bytes) => Ok(bytes.clone()),
        }
    }

    fn file(path: PathBuf, size: u64) -> Self {
        Self {
            name: name(&path),
            size,
            content: Content::File(path),
        }
    }
}

/// Finds them all before anything is sent. `input_name` is what standard input is called.
pub fn find(paths: &[PathBuf], input_name: &str) -> Result<Found, Error> {
    let mut found = Found {
        files: Vec::new(),
        others: 0,
    };
    for path in paths {
        if path.as_os_str() == "-" {
            found.files.push(standard_input(input_name)?);
            continue;
        }
        let meta = fs::metadata(path).map_err(Error::local(path.display().to_string()))?;
        if meta.is_dir() {
            found
                .folder(path)
                .map_err(Error::local(path.display().to_string()))?;
        } else {
            found.files.push(Source::file(path.clone(), meta.len()));
        }
    }
    Ok(found)
}

impl Found {
    /// Takes the pictures of a folder, then its folders. Links to folders are not followed: they may lead in a circle.
    fn folder(&mut self, path: &Path) -> io::Result<()> {
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
                    Ok(meta) if meta.is_file() && is_called_a_picture(&path) => {
                        self.files.push(Source::file(path, meta.len()));
                    }
                    _ => self.others += 1,
                }
            }
        }
        folders.iter().try_for_each(|folder| self.folder(folder))
    }
}

fn standard_input(name: &str) -> Result<Source, Error> {
    let mut bytes = Vec::new();
    io::stdin()
        .lock()
        .take(LARGEST)
        .read_to_end(&mut bytes)
        .map_err(Error::local("read standard input"))?;
    Ok(Source {
        name: name.into(),
        size: bytes.len() as u64,
        content: Content::Input(bytes),
    })
}

fn name(path: &Path) -> String {
    path.file_name().map_or_else(
        || "image".into(),
        |name| name.to_string_lossy().into_owned(),
    )
}

fn is_called_a_picture(path: &Path) -> bool {
    let ending = path.extension().and_then(OsStr::to_str).unwrap_or_default();
    ENDINGS
        .iter()
        .any(|known| ending.eq_ignore_ascii_case(known))
}
