//! A backup in a bucket, below a prefix.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use futures::StreamExt;
use tintype_storage::{ObjectStream, Store, StoreError};

use super::{LOCK, PRUNED, are_ours};
use crate::backup::BackupError;
use crate::backup::archive::{Names, Pieces, is_of_backup};
use crate::backup::spool::Spooled;
use crate::keys;

/// How many pages are listed for the sizes of files that follow each other; others are looked up one by one.
const PAGES: usize = 2;

/// A larger object is no lock, bytes.
const LONGEST_NOTE: u64 = 4096;

/// See the module.
pub struct Bucket {
    store: Store,
    prefix: String,
    name: String,
}

impl Bucket {
    /// `prefix` is empty, or ends with a slash. `name` is what the operator calls it.
    #[must_use]
    pub fn new(store: Store, prefix: String, name: String) -> Self {
        Self {
            store,
            prefix,
            name,
        }
    }

    fn key(&self, path: &str) -> String {
        format!("{}{path}", self.prefix)
    }

    fn failed(&self, error: StoreError) -> BackupError {
        match error {
            StoreError::Full => BackupError::Full(self.name.clone()),
            error => BackupError::Bucket(error),
        }
    }

    pub fn must_have_a_name(&self) -> Result<(), BackupError> {
        let goes_elsewhere = |part| matches!(part, "." | "..");
        if self.name.split('/').any(goes_elsewhere) {
            return Err(BackupError::Dots(self.name.clone()));
        }
        Ok(())
    }

    pub async fn begin(&self) -> Result<(), BackupError> {
        let installation = self.store.head(keys::MARKER).await;
        if installation.map_err(|error| self.failed(error))?.is_some() {
            return Err(BackupError::Live(self.name.clone()));
        }
        // What shows that it is a backup sorts before all else.
        let page = self.store.list(&self.prefix, None).await;
        let items = page.map_err(|error| self.failed(error))?.items;
        let names = items.iter().map(|object| {
            let path = object.key.strip_prefix(&self.prefix);
            path.and_then(|path| path.split('/').next())
                .unwrap_or_default()
        });
        if are_ours(names) {
            Ok(())
        } else {
            Err(BackupError::NotOurs(self.name.clone()))
        }
    }

    /// What the lock says.
    pub async fn note(&self) -> Result<String, BackupError> {
        let note = self.store.get(&self.key(LOCK), LONGEST_NOTE).await;
        let note = note
            .map_err(|error| self.failed(error))?
            .unwrap_or_default();
        Ok(String::from_utf8_lossy(&note).into_owned())
    }

    pub async fn write_note(&self, note: String) -> Result<(), BackupError> {
        let key = self.key(LOCK);
        let put = self.store.put(&key, "text/plain", note.into()).await;
        put.map_err(|error| self.failed(error))
    }

    pub async fn keep(&self, path: &str, file: Spooled) -> Result<(), BackupError> {
        let key = self.key(path);
        let put = self.store.put_file(
            &key,
            "application/octet-stream",
            file.stored_sha256,
            Arc::new(file.file),
        );
        put.await.map_err(|error| self.failed(error))
    }

    /// One listing tells the sizes of many files, as those of an image follow each other, and those of the next image them.
    pub async fn sizes(&self, paths: &[String]) -> Result<Vec<Option<u64>>, BackupError> {
        let mut wanted: Vec<_> = paths.iter().map(|path| self.key(path)).collect();
        wanted.sort_unstable();
        let (Some(first), Some(last)) = (wanted.first(), wanted.last()) else {
            return Ok(Vec::new());
        };
        // Sorts before the first key, which begins with it.
        let mut after = first.get(..first.len() - 1).unwrap_or_default().to_owned();
        let mut found = HashMap::new();
        for _ in 0..PAGES {
            let page = self.store.list(&self.prefix, Some(&after)).await;
            let page = page.map_err(|error| self.failed(error))?;
            found.extend(page.items.into_iter().map(|it| (it.key, it.size_bytes)));
            let next = page.next.filter(|next| next < last);
            let is_last = next.is_none();
            after = next.unwrap_or_else(|| last.clone());
            if is_last {
                break;
            }
        }
        let mut sizes = Vec::with_capacity(paths.len());
        for path in paths {
            let key = self.key(path);
            let size = match found.get(&key) {
                Some(size) => Some(*size),
                None if key <= after => None,
                None => {
                    let found = self.store.head(&key).await;
                    let found = found.map_err(|error| self.failed(error))?;
                    found.map(|object| object.size_bytes)
                }
            };
            sizes.push(size);
        }
        Ok(sizes)
    }

    pub async fn read(&self, path: &str) -> Result<Option<Pieces>, BackupError> {
        let found = self.store.stream(&self.key(path), None).await;
        let found = found.map_err(|error| self.failed(error))?;
        let pieces = |object: ObjectStream| {
            let pieces = object.body.map(|piece| piece.map_err(BackupError::Bucket));
            pieces.boxed()
        };
        Ok(found.map(pieces))
    }

    pub async fn retain(&self, names: Names) -> Result<(), BackupError> {
        for part in PRUNED {
            let prefix = self.key(&format!("{part}/"));
            let mut after = None;
            loop {
                let page = self.store.list(&prefix, after.as_deref()).await;
                let page = page.map_err(|error| self.failed(error))?;
                for object in page.items {
                    let path = object.key.strip_prefix(&self.prefix);
                    if path.is_some_and(|path| is_of_backup(path) && !names.has(path)) {
                        let deleted = self.store.delete(&object.key).await;
                        deleted.map_err(|error| self.failed(error))?;
                    }
                }
                match page.next {
                    Some(next) => after = Some(next),
                    None => break,
                }
            }
        }
        Ok(())
    }
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}
