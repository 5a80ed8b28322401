//! The browser's objects behind the files of the queue.

use std::cell::RefCell;
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use tintype_dto::Limits;
use web_sys::{File, XmlHttpRequest};

use super::files;
use super::item::{FileId, NewFile};
use super::twins::Twins;
use crate::api::server_now_micros;
use crate::prepare::{Inspector, PreparedFile};

/// The objects, by the numbers of the files.
#[derive(Default)]
pub struct BrowserState {
    next: FileId,
    /// How often files were added.
    batch: u32,
    /// When that was last, by the server's clock, microseconds since 1970.
    added_at: i64,
    picked: HashMap<FileId, Picked>,
    ready: HashMap<FileId, PreparedFile>,
    inspector: Option<Inspector>,
    /// The PUTs that are going on.
    pub requests: HashMap<FileId, XmlHttpRequest>,
    /// Which files hold the same bytes.
    pub twins: Twins,
    /// What the server takes, once it has said so.
    pub limits: Option<Limits>,
}

/// A file that was added.
struct Picked {
    file: File,
    /// Where its image is to stand in lists: the first file of a batch before the second, whichever arrives first.
    created_at: Option<DateTime<Utc>>,
}

impl BrowserState {
    /// Files that were added together. They are newer than those before, even if the clock has been set back meanwhile.
    pub fn add(&mut self, files: Vec<File>) -> Vec<NewFile> {
        self.batch += 1;
        self.added_at =
            server_now_micros().max(self.added_at.saturating_add_unsigned(files.len() as u64));
        (0..)
            .zip(files)
            .map(|(nth, file)| self.add_one(self.added_at - nth, file))
            .collect()
    }

    fn add_one(&mut self, micros: i64, file: File) -> NewFile {
        let id = self.next;
        self.next += 1;
        let added = NewFile {
            id,
            name: file.name(),
            size: files::size(&file),
            batch: self.batch,
            refusal: files::refusal(&file, self.limits.as_ref()),
        };
        let created_at = DateTime::from_timestamp_micros(micros);
        self.picked.insert(id, Picked { file, created_at });
        added
    }

    /// The file, until it is released.
    pub fn file(&self, id: FileId) -> Option<File> {
        Some(self.picked.get(&id)?.file.clone())
    }

    /// Where its image is to stand in lists.
    pub fn created_at(&self, id: FileId) -> Option<DateTime<Utc>> {
        self.picked.get(&id)?.created_at
    }

    /// The file as it is sent, once it has been prepared.
    pub fn ready(&self, id: FileId) -> Option<&PreparedFile> {
        self.ready.get(&id)
    }

    /// Keeps a prepared file, unless it has been cancelled, and so released, meanwhile.
    pub fn keep(&mut self, id: FileId, ready: PreparedFile) {
        if self.picked.contains_key(&id) {
            self.ready.insert(id, ready);
        }
    }

    /// Nothing more happens to the file.
    pub fn release(&mut self, id: FileId) {
        self.picked.remove(&id);
        self.ready.remove(&id);
    }
}

/// Prepares the file for sending. `Err`: why the server would refuse it. Without a worker it is sent unchanged.
pub async fn prepare(
    browser: &RefCell<BrowserState>,
    id: FileId,
    file: &File,
    clean: bool,
) -> Result<PreparedFile, String> {
    if let Some(ready) = browser.borrow().ready(id) {
        return Ok(ready.clone());
    }
    let (inspector, limits) = {
        let mut browser = browser.borrow_mut();
        (
            browser
                .inspector
                .get_or_insert_with(Inspector::start)
                .clone(),
            browser.limits.clone(),
        )
    };
    let looked = match limits {
        Some(limits) => inspector.inspect(file, &limits, clean).await,
        None => None,
    };
    match looked {
        Some(looked) => looked,
        None => Ok(PreparedFile {
            body: file.clone().into(),
            media_type: files::media_type(file),
            sha256: None,
            removed: Vec::new(),
        }),
    }
}
