//! Everything of an account's own, as it is taken away.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, DatabaseConnection, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};
use tintype_dto::SortOrder;

use crate::db::{AlbumId, ImageId, UserId, album, album_image, user};
use crate::images::Shown;
use crate::images::queries::{self, Filter};
use crate::keyset::{Cursor, Place};

/// How many images a page has.
pub const EXPORT_PAGE: u64 = 500;

/// An album with its images in their order.
pub struct OwnAlbum {
    pub album: album::Model,
    pub images: Vec<ImageId>,
    /// The one that was chosen to stand for it.
    pub cover: Option<ImageId>,
}

/// What an account has that is not in the trash, the newest first, in pages: from behind the last one of the page before. The last page is empty or
/// shorter than the others.
pub async fn images(
    db: &DatabaseConnection,
    user_id: UserId,
    after: Option<&Shown>,
    now: DateTime<Utc>,
) -> Result<Vec<Shown>, DbErr> {
    let after = after.map(|last| Cursor {
        place: Place::Time(last.created_at),
        id: last.id.0,
    });
    let (all, order) = (Filter::default(), SortOrder::Newest);
    let rows = queries::page((user_id, now), &all, order, after, EXPORT_PAGE);
    Shown::select(rows).into_model().all(db).await
}

/// The albums of an account, the newest first, with those of their images of which this is true.
pub async fn albums(
    db: &DatabaseConnection,
    user_id: UserId,
    is_wanted: impl Fn(ImageId) -> bool,
) -> Result<Vec<OwnAlbum>, DbErr> {
    let mut entries = entries(db, user_id, is_wanted).await?;
    let albums = album::Entity::find()
        .filter(album::Column::UserId.eq(user_id))
        .order_by_desc(album::Column::CreatedAt)
        .order_by_desc(album::Column::Id)
        .all(db)
        .await?;
    let albums = albums.into_iter().map(|album| {
        let entries = entries.remove(&album.id).unwrap_or_default();
        let cover = entries.iter().find(|entry| entry.is_cover);
        OwnAlbum {
            cover: cover.map(|entry| entry.image_id),
            images: entries.iter().map(|entry| entry.image_id).collect(),
            album,
        }
    });
    Ok(albums.collect())
}

/// What each album of an account has of the images of which this is true, in its order.
async fn entries(
    db: &DatabaseConnection,
    user_id: UserId,
    is_wanted: impl Fn(ImageId) -> bool,
) -> Result<HashMap<AlbumId, Vec<album_image::Model>>, DbErr> {
    let albums = album::Entity::find()
        .filter(album::Column::UserId.eq(user_id))
        .select_only()
        .column(album::Column::Id);
    let found = album_image::Entity::find()
        .filter(album_image::Column::AlbumId.in_subquery(albums.into_query()))
        .order_by_asc(album_image::Column::Position)
        .order_by_asc(album_image::Column::ImageId)
        .all(db)
        .await?;
    let mut entries = HashMap::<_, Vec<_>>::new();
    for entry in found {
        if is_wanted(entry.image_id) {
            entries.entry(entry.album_id).or_default().push(entry);
        }
    }
    Ok(entries)
}

/// Whose it is, and the version of the sessions that work at this moment. `None`: nobody, or nobody who may sign in.
pub async fn find_owner(
    db: &DatabaseConnection,
    user_id: UserId,
) -> Result<Option<(String, i32)>, DbErr> {
    user::Entity::find_by_id(user_id)
        .filter(user::Column::DisabledAt.is_null())
        .filter(user::Column::DeletedAt.is_null())
        .select_only()
        .columns([user::Column::Username, user::Column::TokenVersion])
        .into_tuple()
        .one(db)
        .await
}
