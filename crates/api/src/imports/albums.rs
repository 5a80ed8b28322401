//! The albums of an import. Each is known again by where it comes from, so that an import that is run again fills it and makes no other.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use tintype_core::albums::{Change, Contents, create_as, queries};
use tintype_core::db::{AlbumId, ImageId, Sha256, UserId};
use tintype_dto::{CreateAlbum, MAX_NEW_ALBUM_IMAGES, UpdateAlbum};
use uuid::Builder;

use super::target::Target;
use crate::problems::ApiError;

/// An album as it is to be.
pub struct Wanted {
    /// Where it comes from: the same the next time, and no other's. Nothing of it is kept but a hash.
    pub from: Vec<u8>,
    /// What is said of it, without images.
    pub album: CreateAlbum,
    /// The moment of the import, when left out.
    pub created_at: Option<DateTime<Utc>>,
    /// The image that was chosen to stand for it.
    pub cover: Option<ImageId>,
    /// In their order.
    pub images: Vec<ImageId>,
}

impl Target {
    /// Makes an album, unless an import has made it before, and puts behind what is in it what it lacks. Whether it is new.
    ///
    /// # Errors
    /// What a client would be told.
    pub async fn fill(&self, wanted: &Wanted) -> Result<bool, ApiError> {
        let (db, now) = (&self.services.db, self.services.clock.now());
        let user_id = self.session.user_id;
        let id = id_of(user_id, &wanted.from);
        let is_new = queries::find(db, user_id, id, now).await?.is_none();
        if is_new {
            let created_at = wanted.created_at.unwrap_or(now);
            create_as(&self.services, (user_id, id), created_at, &wanted.album).await?;
        }
        let contents = |ids| Contents { user_id, id, ids };
        let there = contents(&[]).all(db).await?;
        let known: HashSet<_> = there.iter().map(|(image, _)| *image).collect();
        let missing = wanted.images.iter().copied();
        let missing: Vec<_> = missing.filter(|image| !known.contains(image)).collect();
        for some in missing.chunks(MAX_NEW_ALBUM_IMAGES) {
            contents(some).add(db).await?;
        }
        if let Some(cover) = wanted
            .cover
            .filter(|_| !there.iter().any(|(_, chosen)| *chosen))
        {
            let chosen = UpdateAlbum {
                cover: Some(Some(cover.0)),
                ..UpdateAlbum::default()
            };
            let change = Change::check(&chosen, now).map_err(ApiError::fields)?;
            change.make(db, (user_id, id), None).await?;
        }
        Ok(is_new)
    }

    /// Puts what is wanted of an album that is there into its order, behind what else is in it.
    ///
    /// # Errors
    /// What a client would be told.
    pub async fn arrange(&self, wanted: &Wanted) -> Result<(), ApiError> {
        let (db, user_id) = (&self.services.db, self.session.user_id);
        let id = id_of(user_id, &wanted.from);
        let contents = |ids| Contents { user_id, id, ids };
        let mut there: Vec<_> = contents(&[]).all(db).await?;
        let ours: HashSet<_> = wanted.images.iter().collect();
        there.retain(|(image, _)| ours.contains(image));
        if there.iter().map(|(image, _)| image).eq(&wanted.images) {
            return Ok(());
        }
        for some in wanted.images.chunks(MAX_NEW_ALBUM_IMAGES) {
            contents(some).move_before(db, None).await?;
        }
        Ok(())
    }
}

/// The id of the album that comes from there. Whoever may see the album sees its id: the account's own id, which no stranger is told and nobody
/// guesses, goes into the hash, so that no guess at a path can be tried.
fn id_of(user_id: UserId, from: &[u8]) -> AlbumId {
    let account = format!("{user_id}\0");
    let Sha256(hash) = Sha256::of(&[account.as_bytes(), from].concat());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    AlbumId(Builder::from_custom_bytes(bytes).into_uuid())
}
