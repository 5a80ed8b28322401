//! Puts the objects of a backup into a bucket.

use std::sync::Arc;

use futures::TryStreamExt;
use sha2::{Digest, Sha256};
use tintype_storage::failpoint;
use tokio::fs::File;
use tokio::io::AsyncWriteExt;

use super::BackupError;
use super::archive::{Archive, path_of};
use super::index::{Entry, entries};
use super::manifest::Manifest;
use super::progress::{Progress, Step};
use crate::objects::Objects;

/// How many objects are put at once.
const AT_ONCE: usize = 8;

/// See the module.
pub struct PuttingBack<'a> {
    pub store: &'a Objects,
    pub archive: &'a Archive,
    pub progress: &'a dyn Progress,
    /// Whether some are there already.
    pub is_continued: bool,
}

impl PuttingBack<'_> {
    /// Every object of this backup.
    pub async fn all(&self, manifest: &Manifest) -> Result<(), BackupError> {
        self.progress.begin(Step::PutBack, manifest.objects.bytes);
        let entries = entries(self.archive, manifest).await?;
        entries
            .try_for_each_concurrent(AT_ONCE, async |entry| {
                if !(self.is_continued && self.is_there(&entry).await?) {
                    self.put(&entry).await?;
                    failpoint("restore.object-put");
                }
                self.progress.advance(entry.size_bytes);
                Ok(())
            })
            .await
    }

    /// Whatever is there was compared before it was put there, and is whole.
    async fn is_there(&self, entry: &Entry) -> Result<bool, BackupError> {
        let found = self.store.head(&entry.key).await?;
        Ok(found.is_some_and(|object| object.size_bytes == entry.size_bytes))
    }

    /// By a file without a name: what is damaged since it was compared shows before the bucket has it.
    async fn put(&self, entry: &Entry) -> Result<(), BackupError> {
        let path = path_of(&entry.key);
        let changed = || BackupError::Damaged(format!("{path} has changed while it was read"));
        let mut pieces = self.archive.read(&path).await?.ok_or_else(changed)?;
        let unwritable =
            |error| BackupError::file(std::env::temp_dir().display().to_string())(error);
        let file = tempfile::tempfile().map_err(unwritable)?;
        let (mut file, mut hash) = (File::from_std(file), Sha256::new());
        while let Some(piece) = pieces.try_next().await? {
            hash.update(&piece);
            file.write_all(&piece).await.map_err(unwritable)?;
        }
        file.flush().await.map_err(unwritable)?;
        let sha256: [u8; 32] = hash.finalize().into();
        if sha256 != entry.sha256.0 {
            return Err(changed());
        }
        let file = Arc::new(file.into_std().await);
        let put = self
            .store
            .put_file(&entry.key, &entry.content_type, sha256, file);
        Ok(put.await?)
    }
}
