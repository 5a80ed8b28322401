//! Puts the objects of a backup into a bucket.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures::TryStreamExt;
use tintype_storage::{StoreError, failpoint};

use super::BackupError;
use super::archive::{Archive, path_of};
use super::index::{Entry, entries};
use super::manifest::Manifest;
use super::progress::{Progress, Step};
use crate::objects::Objects;

/// How many objects are put at once.
const AT_ONCE: usize = 16;

/// See the module.
pub struct PuttingBack<'a> {
    pub store: &'a Objects,
    pub archive: &'a Archive,
    pub progress: &'a dyn Progress,
    /// Whether some are there already.
    pub is_continued: bool,
    /// What becomes of damaged ones.
    pub damaged: Damaged,
}

/// What becomes of objects of a backup that are damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damaged {
    /// Nothing is restored.
    Refused,
    /// Everything but them is restored.
    LeftOut,
}

impl PuttingBack<'_> {
    /// Every object of this backup. How many were left out.
    pub async fn all(&self, manifest: &Manifest) -> Result<u64, BackupError> {
        let left_out = AtomicU64::new(0);
        self.progress.begin(Step::PutBack, manifest.objects.bytes);
        let entries = entries(self.archive, manifest).await?;
        entries
            .try_for_each_concurrent(AT_ONCE, async |entry| {
                if !(self.is_continued && self.is_there(&entry).await?) {
                    match self.put(&entry).await {
                        Err(BackupError::DamagedObjects(_)) if self.damaged == Damaged::LeftOut => {
                            left_out.fetch_add(1, Ordering::Relaxed);
                        }
                        put => put?,
                    }
                    failpoint("restore.object-put");
                }
                self.progress.advance(entry.size_bytes);
                Ok(())
            })
            .await?;
        Ok(left_out.into_inner())
    }

    /// Whatever is there was compared before it was put there, and is whole.
    async fn is_there(&self, entry: &Entry) -> Result<bool, BackupError> {
        let found = self.store.head(&entry.key).await?;
        Ok(found.is_some_and(|object| object.size_bytes == entry.size_bytes))
    }

    /// What is damaged since it was compared shows before the bucket has it: the store refuses other bytes.
    async fn put(&self, entry: &Entry) -> Result<(), BackupError> {
        let path = path_of(&entry.key);
        let changed =
            || BackupError::DamagedObjects(format!("{path} has changed while it was read"));
        let file = self.archive.file(&path).await;
        let file = file.map_err(of_object)?.ok_or_else(changed)?;
        let put = self.store.put_file(
            &entry.key,
            &entry.content_type,
            entry.sha256.0,
            Arc::new(file),
        );
        match put.await {
            Err(StoreError::Refused(_)) if !self.is_whole(entry, &path).await? => Err(changed()),
            put => Ok(put?),
        }
    }

    async fn is_whole(&self, entry: &Entry, path: &str) -> Result<bool, BackupError> {
        let found = self.archive.hash(path, |_| ()).await;
        Ok(found.map_err(of_object)? == Some((entry.size_bytes, entry.sha256)))
    }
}

/// Whatever is wrong with the file of an object, it is that of an object alone.
fn of_object(error: BackupError) -> BackupError {
    match error {
        BackupError::Damaged(why) => BackupError::DamagedObjects(why),
        error => error,
    }
}
