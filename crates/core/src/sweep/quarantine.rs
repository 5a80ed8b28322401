//! The quarantine of orphans: `quarantine/{time}/{key}`, ordered by time.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use futures::{StreamExt, TryStreamExt, stream};
use sea_orm::TransactionTrait;
use tintype_storage::{ListedObject, StoreError, failpoint};

use super::moving::{AT_ONCE, Moved, Mover};
use super::{Place, Restored, SweepError, marker};
use crate::inventory::{self, Listing, rows};
use crate::keys::QUARANTINE;
use crate::metrics::SweepAction;
use crate::objects::Objects;

/// The prefix of keys in quarantine.
const TIME: &str = "%Y-%m-%dT%H-%M-%S%.3fZ";

/// The quarantine of one sweep.
pub struct Quarantine<'a> {
    place: Place<'a>,
    mover: Mover<'a>,
    folder: String,
}

/// How moving some orphans went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// How many were moved.
    pub moved: u64,
    /// Their bytes.
    pub bytes: u64,
    /// How many could not be moved.
    pub left: u64,
}

impl<'a> Quarantine<'a> {
    /// For a sweep that begins now.
    #[must_use]
    pub fn new(place: Place<'a>) -> Self {
        let folder = format!("{QUARANTINE}{}/", place.clock.now().format(TIME));
        Self {
            place,
            mover: Mover::new(place.store),
            folder,
        }
    }

    /// Moves the objects that are still orphans while their uploads' rows are locked: by then, a publish or a deletion of such a row has
    /// finished. The lock is not held during the move, because an orphan stays one (see [`super`]).
    ///
    /// # Errors
    /// The database or the store does not work.
    pub async fn take(&self, suspects: Vec<ListedObject>) -> Result<Taken, SweepError> {
        let transaction = self.place.db.begin().await?;
        rows::lock_uploads(&transaction, inventory::ids(&suspects)).await?;
        let sure = inventory::unclaimed(&transaction, suspects).await?;
        transaction.commit().await?;
        let moves = stream::iter(sure).map(|object| self.take_one(object));
        let mut taken = Taken::default();
        let mut moves = moves.buffer_unordered(AT_ONCE);
        while let Some((size_bytes, moved)) = moves.try_next().await? {
            match moved {
                Moved::Done => {
                    self.place.metrics.sweep_object(SweepAction::Quarantined);
                    taken.moved += 1;
                    taken.bytes += size_bytes;
                }
                Moved::Gone => {}
                Moved::Taken | Moved::Left => taken.left += 1,
            }
        }
        Ok(taken)
    }

    async fn take_one(&self, object: ListedObject) -> Result<(u64, Moved), StoreError> {
        let to = format!("{}{}", self.folder, object.key);
        Ok((
            object.size_bytes,
            self.mover
                .move_to(&object.key, &to, object.size_bytes)
                .await?,
        ))
    }
}

/// When an object was moved to quarantine, and its key before. `None`: it is not ours.
fn parse(key: &str) -> Option<(DateTime<Utc>, &str)> {
    let (time, key) = key.strip_prefix(QUARANTINE)?.split_once('/')?;
    Some((
        NaiveDateTime::parse_from_str(time, TIME).ok()?.and_utc(),
        key,
    ))
}

fn since(key: &str) -> Option<DateTime<Utc>> {
    parse(key).map(|(since, _)| since)
}

fn place_of(key: &str) -> Option<&str> {
    parse(key).map(|(_, key)| key)
}

/// Deletes objects that were in quarantine long enough, unless a row names them by now. Returns how many were deleted and how many kept.
pub async fn purge(place: &Place<'_>) -> Result<(u64, u64), SweepError> {
    let over = place.clock.now() - TimeDelta::seconds(place.rules.quarantine.into());
    let (mut deleted, mut kept) = (0, 0);
    let mut listing = Listing::new(place.store, QUARANTINE);
    while let Some(objects) = listing.page().await? {
        // The oldest come first.
        let is_last = objects
            .iter()
            .any(|object| since(&object.key).is_some_and(|since| since > over));
        let due: Vec<_> = objects
            .into_iter()
            .filter(|object| since(&object.key).is_some_and(|since| since <= over))
            .collect();
        let places = due.iter().filter_map(|object| {
            Some(ListedObject {
                key: place_of(&object.key)?.to_owned(),
                ..object.clone()
            })
        });
        let unneeded = inventory::unclaimed(place.db, places.collect()).await?;
        let unneeded: HashSet<_> = unneeded.iter().map(|object| object.key.as_str()).collect();
        let is_unneeded =
            |object: &ListedObject| place_of(&object.key).is_some_and(|key| unneeded.contains(key));
        let (gone, needed): (Vec<_>, Vec<_>) = due.into_iter().partition(is_unneeded);
        kept += needed.len() as u64;
        deleted += gone.len() as u64;
        let mut deletions = stream::iter(gone)
            .map(|object| delete(place.store, object.key))
            .buffer_unordered(AT_ONCE);
        while deletions.try_next().await?.is_some() {
            place.metrics.sweep_object(SweepAction::Deleted);
        }
        if is_last {
            break;
        }
    }
    Ok((deleted, kept))
}

async fn delete(store: &Objects, key: String) -> Result<(), StoreError> {
    store.delete(&key).await?;
    failpoint("sweep.deleted");
    Ok(())
}

/// Restores every object whose key begins with `prefix`, but never over another.
pub async fn restore(place: &Place<'_>, prefix: &str) -> Result<Restored, SweepError> {
    let mut report = Restored {
        refused: marker::refusal(place, false).await?,
        ..Restored::default()
    };
    if report.refused.is_some() {
        return Ok(report);
    }
    let mover = Mover::new(place.store);
    let mut listing = Listing::new(place.store, QUARANTINE);
    while let Some(objects) = listing.page().await? {
        // One by one: if a key is there twice, the first is restored.
        for object in objects {
            let Some(key) = place_of(&object.key).filter(|key| key.starts_with(prefix)) else {
                continue;
            };
            match mover.move_to(&object.key, key, object.size_bytes).await? {
                Moved::Done => {
                    report.restored += 1;
                    report.restored_bytes += object.size_bytes;
                }
                Moved::Gone => {}
                Moved::Taken => report.taken += 1,
                Moved::Left => report.left += 1,
            }
        }
    }
    Ok(report)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_in_quarantine_says_since_when_and_where_it_was_before() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::milliseconds(1_790_000_000_007);
        let key = format!("{QUARANTINE}{}/images/a/1/original", now.format(TIME));
        assert_eq!(
            key,
            "quarantine/2026-09-21T14-13-20.007Z/images/a/1/original"
        );
        assert_eq!(parse(&key), Some((now, "images/a/1/original")));
    }

    #[test]
    fn what_somebody_else_has_put_there_is_not_ours() {
        for key in [
            "quarantine/",
            "quarantine/a",
            "quarantine/2026-09-21/a",
            "images/a/1/original",
            "quarantine//a",
        ] {
            assert_eq!(parse(key), None, "{key}");
        }
    }
}
