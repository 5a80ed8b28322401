//! Moves an object to another key. Its bytes pass through this process, as not every store can copy; memory is bounded.

use bytes::BytesMut;
use futures::TryStreamExt;
use tintype_storage::{StoreError, failpoint};
use tokio::sync::Semaphore;

use crate::objects::Objects;

/// How many objects are moved concurrently.
pub const AT_ONCE: usize = 4;
/// How much of them is in memory at once, KiB. A larger object is moved alone.
const ROOM: u32 = 16 * 1024;
/// S3's longest key, bytes.
const LONGEST_KEY: usize = 1024;

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moved {
    /// It is at the new key only.
    Done,
    /// There was nothing to move.
    Gone,
    /// The new key is taken: nothing was changed.
    Taken,
    /// It could not be moved and is at its old key.
    Left,
}

pub struct Mover<'a> {
    store: &'a Objects,
    room: Semaphore,
}

impl<'a> Mover<'a> {
    pub fn new(store: &'a Objects) -> Self {
        Self {
            store,
            room: Semaphore::new(ROOM as usize),
        }
    }

    /// Moves an object, with its type, and never over another.
    ///
    /// # Errors
    /// The store does not work. What is wrong with the object alone is [`Moved::Left`].
    pub async fn move_to(
        &self,
        from: &str,
        to: &str,
        size_bytes: u64,
    ) -> Result<Moved, StoreError> {
        if to.len() > LONGEST_KEY {
            tracing::warn!(
                key = from,
                "an object is left where it is: its key would become too long"
            );
            return Ok(Moved::Left);
        }
        let room = u32::try_from(size_bytes / 1024 + 1)
            .unwrap_or(ROOM)
            .min(ROOM);
        // It is never closed.
        let _place = self.room.acquire_many(room).await.ok();
        match self.carry(from, to).await {
            Ok(moved) => Ok(moved),
            Err(StoreError::Full) => Err(StoreError::Full),
            Err(error) => {
                // The object's fault, if the store still answers.
                self.store.list(from, None).await?;
                tracing::warn!(%error, key = from, "an object is left where it is");
                Ok(Moved::Left)
            }
        }
    }

    async fn carry(&self, from: &str, to: &str) -> Result<Moved, StoreError> {
        if self.store.head(to).await?.is_some() {
            return Ok(Moved::Taken);
        }
        let Some(mut object) = self.store.stream(from, None).await? else {
            return Ok(Moved::Gone);
        };
        let size_bytes = object.size_bytes;
        let mut bytes =
            BytesMut::with_capacity(usize::try_from(size_bytes).map_err(|_| StoreError::TooLarge)?);
        while let Some(piece) = object.body.try_next().await? {
            bytes.extend_from_slice(&piece);
        }
        let content_type = object
            .content_type
            .as_deref()
            .unwrap_or("application/octet-stream");
        self.store.put(to, content_type, bytes.freeze()).await?;
        failpoint("sweep.copied");
        // The request's signature covered the bytes; this checks that they are stored.
        if self.store.head(to).await?.map(|copy| copy.size_bytes) != Some(size_bytes) {
            tracing::warn!(
                key = from,
                "an object is left where it is: its copy is not whole"
            );
            return Ok(Moved::Left);
        }
        self.store.delete(from).await?;
        failpoint("sweep.moved");
        Ok(Moved::Done)
    }
}
