//! Objects that no row needs: no image names them, and the worker will not come back to remove them. This is the only definition of an
//! orphan, for audits and sweeps.

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

/// Up to this many objects are looked up one by one.
const FEW: usize = 16;

/// Finds orphans.
pub struct Orphans<'a> {
    pub db: &'a DatabaseConnection,
    pub store: &'a Objects,
    pub clock: &'a Clock,
    /// Younger objects are no orphans yet.
    pub grace: TimeDelta,
}

/// The result for some objects.
pub struct Found {
    pub orphans: Vec<ListedObject>,
    /// How many others no row needs, but are too young.
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

    /// The objects of this sorted list that exist now.
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
            // An unreadable object still exists.
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

    /// As [`Self::still_there`], for many: they come from one page of a listing, and listing it again costs less than one HEAD each.
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

/// The objects that no image names and the worker will not remove. Uploads are read before images: an upload published in between was still
/// the worker's when it was read.
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
    // Almost every object is named by the image with the id in its key, so those images are looked up by id.
    let images = rows::images_again(db, ids(&objects)).await?;
    objects.retain(|object| {
        let image = id_in(&object.key).and_then(|id| images.get(&id));
        !image.is_some_and(|image| {
            rows::parts(image).any(|(_, key)| key == object.key)
                || rows::will_be_replaced(image, &object.key)
        })
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

/// The ids in these objects' keys.
pub fn ids(objects: &[ListedObject]) -> HashSet<ImageId> {
    objects
        .iter()
        .filter_map(|object| id_in(&object.key))
        .collect()
}

/// Whether the worker will come back to this upload and remove this object unless an image names it.
fn will_be_swept(upload: &upload::Model, key: &str) -> bool {
    let is_of_attempt = |attempt| {
        let keys = FinalKeys::of(upload.id, attempt);
        [keys.original, keys.preview, keys.thumb, keys.manifest]
            .iter()
            .any(|own| own == key)
    };
    upload.due_at.is_some()
        && (upload.staging_key == key || (1..=upload.attempts).any(is_of_attempt))
}
