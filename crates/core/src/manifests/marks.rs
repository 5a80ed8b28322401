//! Marks: what is about to be shown to fewer people. Each is an object of its own, made before the change is committed.
//!
//! A request that has taken long makes its mark anew before it is answered, so that a mark younger than [`KEPT`] may belong to a change that
//! is still to come, and an older one does not.

use std::collections::HashSet;
use std::time::Duration;

use bytes::Bytes;
use chrono::TimeDelta;
use sea_orm::{
    ColumnTrait, Condition, DatabaseConnection, DbErr, EntityTrait, PaginatorTrait, QueryFilter,
};
use serde::{Deserialize, Serialize};
use tintype_storage::{StoreError, failpoint};
use tokio::time::Instant;

use crate::Failure;
use crate::clock::Clock;
use crate::db::image::{Column, Entity, State};
use crate::db::{ImageId, UserId};
use crate::keys;
use crate::objects::Objects;
use crate::services::Services;
use crate::sweep;

/// How long a mark stays at least: longer than it holds for its change, by what clocks may differ.
pub const KEPT: TimeDelta = TimeDelta::minutes(10);
/// How long a mark holds for the change that it was made for.
const FRESH: Duration = Duration::from_mins(1);
/// A larger object is no mark, bytes. Those of 500 images have 20,000.
pub const MOST: u64 = 65_536;

/// Images of one account.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Mark {
    /// Whose.
    pub user: UserId,
    /// Which. `None`: all of them.
    pub images: Option<Vec<ImageId>>,
    /// Whether they go for good. That makes room, so a store without any is no reason to refuse it; and the worker takes their manifests away
    /// all the same.
    #[serde(skip)]
    pub for_good: bool,
}

/// What all marks name.
#[derive(Debug, Default)]
pub struct Marked {
    users: HashSet<UserId>,
    images: HashSet<(UserId, ImageId)>,
    /// How many can't be read: any of them may name any image.
    pub unreadable: u64,
}

impl Mark {
    /// Of these images. An id of another account's image changes nothing.
    #[must_use]
    pub fn of(user: UserId, images: &[ImageId]) -> Self {
        Self {
            user,
            images: Some(images.to_vec()),
            for_good: false,
        }
    }

    /// Of everything in an account that is deleted.
    #[must_use]
    pub fn of_all(user: UserId) -> Self {
        Self {
            user,
            images: None,
            for_good: true,
        }
    }

    /// Makes this mark, then the change. If the store does not answer, nothing is changed.
    ///
    /// # Errors
    /// Of the store, or of the change.
    pub async fn before<T, E: From<Failure>>(
        &self,
        store: &Objects,
        clock: &Clock,
        change: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        match self.put(store, clock).await {
            Err(Failure::Storage(StoreError::Full)) if self.for_good => {}
            made => made?,
        }
        failpoint("mark.made");
        let begun = Instant::now();
        let changed = change.await?;
        if begun.elapsed() > FRESH {
            self.put(store, clock).await?;
        }
        Ok(changed)
    }

    /// As [`Self::before`] for a change that shows them to fewer people. Any other needs no mark.
    ///
    /// # Errors
    /// Of the store, or of the change.
    pub async fn before_if<T, E: From<Failure>>(
        &self,
        narrows: bool,
        store: &Objects,
        clock: &Clock,
        change: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        if narrows {
            self.before(store, clock, change).await
        } else {
            change.await
        }
    }

    async fn put(&self, store: &Objects, clock: &Clock) -> Result<(), Failure> {
        let bytes = serde_json::to_vec(self).map_err(Failure::unexpected)?;
        let key = keys::mark(clock.now());
        let put = store.put(&key, "application/json", Bytes::from(bytes));
        Ok(put.await?)
    }

    /// Whether every image that it names has a current manifest, or is gone with all of them.
    async fn is_settled(&self, db: &DatabaseConnection) -> Result<bool, DbErr> {
        let is_due = Condition::any()
            .add(Column::ManifestDueAt.is_not_null())
            .add(Column::State.eq(State::Deleting));
        let due = Entity::find()
            .filter(Column::UserId.eq(self.user))
            .filter(is_due);
        let due = match &self.images {
            Some(ids) => due.filter(Column::Id.is_in(ids.iter().copied())),
            None => due,
        };
        Ok(due.count(db).await? == 0)
    }
}

impl Marked {
    /// Reads every mark in this bucket.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn read(store: &Objects) -> Result<Self, Failure> {
        let mut marked = Self::default();
        let mut after = None;
        loop {
            let page = store.list(keys::MARKS, after.as_deref()).await?;
            for object in page.items {
                match read(store, &object.key).await {
                    Ok(mark) => marked.add(mark),
                    Err(error) => {
                        // The mark's fault, if the store still answers.
                        store.list(&object.key, None).await?;
                        tracing::error!(%error, key = object.key, "a mark can't be read");
                        marked.unreadable += 1;
                    }
                }
            }
            after = page.next;
            if after.is_none() {
                return Ok(marked);
            }
        }
    }

    fn add(&mut self, mark: Option<Mark>) {
        let Some(Mark { user, images, .. }) = mark else {
            return;
        };
        match images {
            Some(ids) => self.images.extend(ids.into_iter().map(|id| (user, id))),
            None => drop(self.users.insert(user)),
        }
    }

    /// Whether a mark names this image of this account, or may do so.
    #[must_use]
    pub fn has(&self, user: UserId, image: ImageId) -> bool {
        self.unreadable > 0 || self.users.contains(&user) || self.images.contains(&(user, image))
    }
}

/// `None`: another process was faster.
async fn read(store: &Objects, key: &str) -> Result<Option<Mark>, Failure> {
    let Some(bytes) = store.get(key, MOST).await? else {
        return Ok(None);
    };
    let broken = |error| Failure::unexpected(format!("{key} is no mark: {error}"));
    serde_json::from_slice(&bytes).map(Some).map_err(broken)
}

/// Removes the marks of changes that the manifests have by now. While a database is being made again from this bucket, all of them stay, and
/// for good those of changes that another installation has made, whose bucket it is or was: this database knows nothing of them.
///
/// # Errors
/// The store or the database does not answer.
pub async fn clear(services: &Services) -> Result<(), Failure> {
    let store = &services.store;
    let mut after = None;
    let Some(since) = sweep::owned_since(store, &services.db).await? else {
        return Ok(());
    };
    loop {
        let page = store.list(keys::MARKS, after.as_deref()).await?;
        let made = |key: &str| keys::marked_at(key).unwrap_or_default();
        let before = services.clock.now() - KEPT;
        let old: Vec<_> = page
            .items
            .into_iter()
            .map(|object| object.key)
            .filter(|key| (since..before).contains(&made(key)))
            .collect();
        if !old.is_empty() && store.head(keys::REBUILDING).await?.is_some() {
            return Ok(());
        }
        for key in old {
            clear_one(services, &key).await?;
        }
        after = page.next;
        if after.is_none() {
            return Ok(());
        }
    }
}

async fn clear_one(services: &Services, key: &str) -> Result<(), Failure> {
    let mark = read(&services.store, key).await?;
    let is_settled = match mark {
        Some(mark) => mark.is_settled(&services.db).await?,
        None => false,
    };
    if is_settled {
        services.store.delete(key).await?;
    }
    Ok(())
}
