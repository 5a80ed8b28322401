//! What is to be in an archive, written down: an account may have any number of pictures.

use std::io::{self, BufRead, BufReader, BufWriter, Seek, Write};
use std::path::Path;

use chrono::{DateTime, Utc};
use tempfile::SpooledTempFile;
use tintype_core::db::ImageId;
use uuid::Uuid;

use super::zip::Entry;
use crate::spool;

/// A line: whose bytes, and what is known of the file.
type Line = (Uuid, String, u64, DateTime<Utc>);

/// Pictures in their order.
pub struct Listing(BufWriter<SpooledTempFile>);

/// What is left of them.
pub struct Listed(BufReader<SpooledTempFile>);

impl Listing {
    /// An empty one; what it takes more than a little memory for stands in this folder.
    pub fn begin(folder: &Path) -> io::Result<Self> {
        spool::small(folder).map(Self)
    }

    pub fn add(&mut self, image: ImageId, entry: Entry) -> io::Result<()> {
        let line: Line = (image.0, entry.name, entry.size_bytes, entry.modified);
        serde_json::to_writer(&mut self.0, &line)?;
        self.0.write_all(b"\n")
    }

    /// All of them.
    pub fn read(self) -> io::Result<Listed> {
        spool::read(self.0).map(BufReader::new).map(Listed)
    }
}

impl Listed {
    /// All of them again.
    pub fn rewind(&mut self) -> io::Result<()> {
        self.0.rewind()
    }

    fn line(&mut self) -> io::Result<Option<(ImageId, Entry)>> {
        let mut line = String::new();
        if self.0.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let (id, name, size_bytes, modified): Line = serde_json::from_str(&line)?;
        let entry = Entry {
            name,
            size_bytes,
            modified,
        };
        Ok(Some((ImageId(id), entry)))
    }
}

impl Iterator for Listed {
    type Item = io::Result<(ImageId, Entry)>;

    fn next(&mut self) -> Option<Self::Item> {
        self.line().transpose()
    }
}
