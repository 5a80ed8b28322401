//! Objects that no row needs: no image names them, and the worker does not come by any more to remove them. What the audit calls an orphan
//! and what a sweep takes is decided here, and nowhere else.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use futures::{StreamExt, TryStreamExt, stream};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr};
use tintype_storage::{ListedObject, StoreError};

use super::{AT_ONCE, InventoryError, rows};
use crate::clock::Clock;
use crate::db::ImageId;
use crate::db::upload;
use crate::keys::{FinalKeys, id_in};
use crate::objects::Objects;

/// Up to so many objects are looked at one by one.
const FEW: usize = 16;

/// Tells orphans from others.
pub struct Orphans<'a> {
    pub db: &'a DatabaseConnection,
    pub store: &'a Objects,
    pub clock: &'a Clock,
    /// What is younger is none yet.
    pub grace: TimeDelta,
}

/// What is among some objects.
pub struct Found {
    pub orphans: Vec<ListedObject>,
    /// How many no row needs either, but they are too young.
    pub new: u64,
}

impl Orphans<'_> {
    /// The orphans among these objects (at most 1,000 of one folder, in the order of their keys): looked at twice, because a row is there before its objects, and after them.
    pub async fn among(&self, objects: Vec<ListedObject>) -> Result<Found, InventoryError> {
        let unclaimed = unclaimed(self.db, objects).await?;
        let now = self.clock.now();
        let (old, new): (Vec<_>, Vec<_>) = unclaimed
            .into_iter()
            .partition(|object| now - DateTime::<Utc>::from(object.modified) >= self.grace);
        let there = self.still_there(old).await?;
        let orphans = self::unclaimed(self.db, there).await?;
        Ok(Found {
            orphans,
            new: new.len() as u64,
        })
    }

    /// Those of these objects, which stand in the order of their keys, that are there at this moment.
    async fn still_there(
        &self,
        objects: Vec<ListedObject>,
    ) -> Result<Vec<ListedObject>, StoreError> {
        if objects.len() > FEW {
            return self.still_listed(objects).await;
        }
        let looks = stream::iter(objects)
            .map(|object| self.look_at(object))
            .buffered(AT_ONCE);
        let there: Vec<_> = looks.try_collect().await?;
        Ok(there.into_iter().flatten().collect())
    }

    async fn look_at(&self, object: ListedObject) -> Result<Option<ListedObject>, StoreError> {
        let is_there = match self.store.head(&object.key).await {
            Ok(found) => found.is_some(),
            // One that can't be read is an object all the same.
            Err(_) => self
                .store
                .list(&object.key, None)
                .await?
                .items
                .iter()
                .any(|listed| listed.key == object.key),
        };
        Ok(is_there.then_some(object))
    }

    /// As [`Self::still_there`], for many: they come from one page of a listing, and another one costs less than a look at each.
    async fn still_listed(
        &self,
        mut objects: Vec<ListedObject>,
    ) -> Result<Vec<ListedObject>, StoreError> {
        let (Some(first), Some(last)) = (objects.first(), objects.last()) else {
            return Ok(objects);
        };
        let folder = first.key.split_inclusive('/').next().unwrap_or_default();
        let mut listed: HashSet<_> = self
            .store
            .list(&first.key, None)
            .await?
            .items
            .into_iter()
            .map(|object| object.key)
            .collect();
        let mut after = first.key.clone();
        loop {
            let page = self.store.list(folder, Some(&after)).await?;
            listed.extend(page.items.into_iter().map(|object| object.key));
            match page.next {
                Some(next) if next < last.key => after = next,
                _ => break,
            }
        }
        objects.retain(|object| listed.contains(&object.key));
        Ok(objects)
    }
}

/// Those that no image names and that the worker will not come by to remove. Uploads are read before images: one that is published in
/// between was still the worker's when it was read.
pub async fn unclaimed(
    db: &impl ConnectionTrait,
    mut objects: Vec<ListedObject>,
) -> Result<Vec<ListedObject>, DbErr> {
    if objects.is_empty() {
        return Ok(objects);
    }
    let uploads = rows::uploads_of(db, ids(&objects)).await?;
    objects.retain(|object| {
        let upload = id_in(&object.key).and_then(|id| uploads.get(&id));
        !upload.is_some_and(|upload| will_be_swept(upload, &object.key))
    });
    if objects.is_empty() {
        return Ok(objects);
    }
    // Almost every object is named by the image whose id it has, and those are found by their ids.
    let images = rows::images_again(db, ids(&objects)).await?;
    objects.retain(|object| {
        let image = id_in(&object.key).and_then(|id| images.get(&id));
        !image.is_some_and(|image| rows::parts(image).any(|(_, key)| key == object.key))
    });
    if objects.is_empty() {
        return Ok(objects);
    }
    let keys = objects.iter().map(|object| object.key.as_str()).collect();
    let (images, uploads) = (
        rows::images_naming(db, &keys).await?,
        rows::uploads_naming(db, &keys).await?,
    );
    let swept = uploads
        .iter()
        .filter(|upload| upload.due_at.is_some())
        .map(|upload| upload.staging_key.as_str());
    let needed: HashSet<_> = images
        .iter()
        .flat_map(rows::parts)
        .map(|(_, key)| key)
        .chain(swept)
        .collect();
    objects.retain(|object| !needed.contains(object.key.as_str()));
    Ok(objects)
}

/// The ids that these objects' keys have in them.
pub fn ids(objects: &[ListedObject]) -> HashSet<ImageId> {
    objects
        .iter()
        .filter_map(|object| id_in(&object.key))
        .collect()
}

/// Whether the worker still comes by this upload, and removes this object then unless an image names it.
fn will_be_swept(upload: &upload::Model, key: &str) -> bool {
    let is_of_attempt = |attempt| {
        let keys = FinalKeys::of(upload.id, attempt);
        [keys.original, keys.preview, keys.thumb]
            .iter()
            .any(|own| own == key)
    };
    upload.due_at.is_some()
        && (upload.staging_key == key || (1..=upload.attempts).any(is_of_attempt))
}
