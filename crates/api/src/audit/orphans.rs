//! Objects that no row needs: no image names them, and the worker does not come by any more to remove them.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use futures::{StreamExt, TryStreamExt, stream};
use tintype_storage::ListedObject;
use uuid::Uuid;

use super::listing::Listing;
use super::report::Fault;
use super::{AT_ONCE, Audit, AuditError, rows};
use crate::db::upload;
use crate::uploads::FinalKeys;

impl Audit<'_> {
    /// Every object under `staging/`.
    pub(super) async fn staging(&mut self) -> Result<(), AuditError> {
        let mut listing = Listing::new(self.store, "staging/");
        loop {
            let objects = listing.next(None).await?;
            if objects.is_empty() {
                return Ok(());
            }
            self.report.checked.objects += objects.len() as u64;
            self.unnamed(objects).await?;
        }
    }

    /// Reports those of these objects (at most 1,000) that are orphans. A row is there before its objects, and after them.
    pub(super) async fn unnamed(&mut self, objects: Vec<ListedObject>) -> Result<(), AuditError> {
        let unclaimed = self.unclaimed(objects).await?;
        let now = self.clock.now();
        let (old, new): (Vec<_>, Vec<_>) =
            unclaimed.into_iter().partition(|object| now - DateTime::<Utc>::from(object.modified) >= self.options.grace);
        self.report.checked.new_objects += new.len() as u64;
        let looks = stream::iter(old).map(|object| self.still_there(object)).buffered(AT_ONCE);
        let there: Vec<_> = looks.try_filter_map(async |object| Ok(object)).try_collect().await?;
        for ListedObject { key, size_bytes, .. } in self.unclaimed(there).await? {
            self.report.add(Fault::Orphan { key, size_bytes });
        }
        Ok(())
    }

    async fn still_there(&self, object: ListedObject) -> Result<Option<ListedObject>, AuditError> {
        let is_there = match self.store.head(&object.key).await {
            Ok(found) => found.is_some(),
            // One that can't be read is an object all the same.
            Err(_) => self.store.list(&object.key, None).await?.items.iter().any(|listed| listed.key == object.key),
        };
        Ok(is_there.then_some(object))
    }

    /// Those that no image names and no sweep will come by.
    async fn unclaimed(&self, mut objects: Vec<ListedObject>) -> Result<Vec<ListedObject>, AuditError> {
        if objects.is_empty() {
            return Ok(objects);
        }
        let uploads = rows::uploads_of(self.db, objects.iter().filter_map(|object| id_in(&object.key)).collect()).await?;
        objects.retain(|object| {
            let upload = id_in(&object.key).and_then(|id| uploads.get(&id));
            !upload.is_some_and(|upload| will_be_swept(upload, &object.key))
        });
        if objects.is_empty() {
            return Ok(objects);
        }
        let keys = objects.iter().map(|object| object.key.as_str()).collect();
        let (images, uploads) = (rows::images_naming(self.db, &keys).await?, rows::uploads_naming(self.db, &keys).await?);
        let swept = uploads.iter().filter(|upload| upload.due_at.is_some()).map(|upload| upload.staging_key.as_str());
        let needed: HashSet<_> = images.iter().flat_map(rows::parts).map(|(_, key)| key).chain(swept).collect();
        objects.retain(|object| !needed.contains(object.key.as_str()));
        Ok(objects)
    }
}

/// The id in `images/{id}/...` or `staging/{id}`.
fn id_in(key: &str) -> Option<Uuid> {
    key.split('/').nth(1)?.parse().ok()
}

/// Whether the worker still comes by this upload, and removes this object then unless an image names it.
fn will_be_swept(upload: &upload::Model, key: &str) -> bool {
    let is_of_attempt = |attempt| {
        let keys = FinalKeys::of(upload, attempt);
        [keys.original, keys.preview, keys.thumb].iter().any(|own| own == key)
    };
    upload.due_at.is_some() && (upload.staging_key == key || (1..=upload.attempts).any(is_of_attempt))
}
