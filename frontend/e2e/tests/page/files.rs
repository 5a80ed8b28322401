//! Files to upload.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::server::root;

/// A file as scripts can make it.
#[derive(Clone)]
pub struct TestFile {
    pub name: String,
    pub media_type: String,
    pub bytes: Vec<u8>,
}

impl TestFile {
    pub fn new(name: &str, media_type: &str, bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            name: name.into(),
            media_type: media_type.into(),
            bytes: bytes.into(),
        }
    }

    /// One of the photographs that the imaging crate is tested with.
    pub fn fixture(name: &str) -> Self {
        let path = fixture_path(name);
        let bytes =
            fs::read(&path).unwrap_or_else(|error| panic!("read {}: {error}", path.display()));
        let media_type = match name.rsplit_once('.') {
            Some((_, "jpg")) => "image/jpeg".into(),
            Some((_, extension)) => format!("image/{extension}"),
            None => String::new(),
        };
        Self::new(name, &media_type, bytes)
    }

    /// A GIF under another name, in other colours: what it is called stands in its palette.
    pub fn varied(mut self, name: &str) -> Self {
        self.bytes[13..]
            .iter_mut()
            .zip(name.bytes().take(12))
            .for_each(|(byte, other)| *byte = other);
        Self {
            name: name.into(),
            ..self
        }
    }

    pub fn for_script(&self) -> Value {
        json!({"name": self.name, "type": self.media_type, "bytes": self.bytes})
    }
}

pub fn fixture_path(name: &str) -> PathBuf {
    root().join("crates/imaging/fixtures").join(name)
}

/// Real photographs; `tests/photos` brings them.
pub fn photos() -> Vec<TestFile> {
    let folder = root().join("target/photos");
    let entries = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("list {}: {error}; run `tests/photos`", folder.display()));
    let mut names: Vec<_> = entries
        .map(|entry| {
            entry
                .expect("a file")
                .file_name()
                .into_string()
                .expect("a name")
        })
        .collect();
    names.retain(|name| {
        name.rsplit_once('.')
            .is_some_and(|(_, ending)| ending == "jpg")
    });
    names.sort();
    assert!(
        !names.is_empty(),
        "no photograph in {}; run `tests/photos`",
        folder.display()
    );
    names
        .iter()
        .map(|name| {
            TestFile::new(
                name,
                "image/jpeg",
                fs::read(folder.join(name)).expect("a photograph"),
            )
        })
        .collect()
}
