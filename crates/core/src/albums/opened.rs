//! Albums as whoever has their link sees them.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, Condition, DatabaseConnection, DbErr, EntityTrait, ExprTrait, FromQueryResult,
    IntoSimpleExpr, QueryFilter, QueryResult, QuerySelect, QueryTrait, Select,
};

use super::queries::{Found, in_order, ready, summed_up};
use crate::db::album::{self, Model};
use crate::db::image::{self, Visibility};
use crate::db::{AlbumId, ImageId, MediaType, Slug, album_image};
use crate::images::selected;
use crate::keyset::{Cursor, Place};

selected! {
    /// An image of an album, as others see it.
    Tile {
        id: ImageId = image::Column::Id,
        slug: Slug = image::Column::Slug,
        title: Option<String> = image::Column::Title,
        alt: Option<String> = image::Column::Alt,
        filename: String = image::Column::Filename,
        content_type: MediaType = image::Column::ContentType,
        animated: bool = image::Column::Animated,
        /// Of the original.
        size_bytes: i64 = image::Column::SizeBytes,
        width: i32 = image::Column::Width,
        height: i32 = image::Column::Height,
        /// Without one, the image serves as its own.
        preview_key: Option<String> = image::Column::PreviewKey,
        /// The same.
        has_thumb: bool = image::Column::ThumbKey.is_not_null(),
        expires_at: Option<DateTime<Utc>> = image::Column::ExpiresAt,
    }
}

/// One page of an album.
pub struct Opened {
    pub album: Model,
    /// Of the images that are shown, on all pages.
    pub count: i64,
    /// The image that was chosen, or else the first, of those that are shown.
    pub cover: Tile,
    pub tiles: Vec<Tile>,
    /// The name of the image behind which the next page begins, if there is one. A cursor would say how many are hidden, and when each was
    /// uploaded.
    pub next: Option<Slug>,
}

impl Opened {
    /// The page behind the image called `after`, of so many images at most. `None`: there is no album with this name, it is private or has
    /// ended, or there is nothing to be seen there.
    pub async fn find(
        db: &DatabaseConnection,
        slug: &str,
        after: Option<&str>,
        now: DateTime<Utc>,
        most: u64,
    ) -> Result<Option<Self>, DbErr> {
        let Some(Found {
            album,
            count,
            cover: Some(cover),
        }) = find_open(db, slug, now).await?
        else {
            return Ok(None);
        };
        let after = match after {
            None => None,
            Some(image) => match behind(db, album.id, image).await? {
                None => return Ok(None),
                after => after,
            },
        };
        // One row more than a page has tells whether there is another.
        let rows = tiles(album.id, after, now).limit(most + 1);
        let mut tiles: Vec<Tile> = rows.into_model().all(db).await?;
        let more = tiles.len() as u64 > most;
        tiles.truncate(usize::try_from(most).unwrap_or(usize::MAX));
        let cover = match tiles.iter().find(|tile| tile.id == cover) {
            Some(tile) => Some(tile.clone()),
            None => of(album.id, cover, now).into_model().one(db).await?,
        };
        let next = tiles.last().map(|tile| tile.slug.clone());
        let next = next.filter(|_| more);
        // Whoever makes the cover private at this moment leaves the next best.
        let cover = cover.or_else(|| tiles.first().cloned());
        Ok(cover.filter(|_| !tiles.is_empty()).map(|cover| Self {
            album,
            count,
            cover,
            tiles,
            next,
        }))
    }

    /// When the first of what is shown ends, or the album.
    #[must_use]
    pub fn until(&self) -> Option<DateTime<Utc>> {
        let tiles = self.tiles.iter().chain([&self.cover]);
        let ends = tiles.filter_map(|tile| tile.expires_at);
        ends.chain(self.album.expires_at).min()
    }
}

/// The place behind an image of an album, whether it is shown or not.
async fn behind(
    db: &DatabaseConnection,
    album: AlbumId,
    slug: &str,
) -> Result<Option<Cursor>, DbErr> {
    if !is_name(slug) {
        return Ok(None);
    }
    let image = image::Entity::find()
        .filter(image::Column::Slug.eq(slug))
        .select_only()
        .column(image::Column::Id);
    let entry = album_image::Entity::find()
        .filter(album_image::Column::AlbumId.eq(album))
        .filter(album_image::Column::ImageId.in_subquery(image.into_query()))
        .one(db)
        .await?;
    Ok(entry.map(|entry| Cursor {
        place: Place::Position(entry.position),
        id: entry.image_id.0,
    }))
}

/// Of letters and digits. PostgreSQL's text holds no NUL.
fn is_name(slug: &str) -> bool {
    slug.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// The album with this name, whatever is in it, unless it is private or has ended.
pub(super) async fn find_open(
    db: &DatabaseConnection,
    slug: &str,
    now: DateTime<Utc>,
) -> Result<Option<Found>, DbErr> {
    if !is_name(slug) {
        return Ok(None);
    }
    open(slug, now).into_model().one(db).await
}

/// The row behind an open page: one query.
#[must_use]
pub fn open(slug: &str, now: DateTime<Utc>) -> Select<album::Entity> {
    let albums = album::Entity::find()
        .filter(album::Column::Slug.eq(slug))
        .filter(is_open(now));
    let open = image::Column::Visibility.eq(Visibility::Unlisted);
    summed_up(albums, &ready(now).add(open))
}

/// Whether anyone with its link sees an album.
pub(super) fn is_open(now: DateTime<Utc>) -> Condition {
    let is_endless = album::Column::ExpiresAt.is_null();
    Condition::all()
        .add(album::Column::Visibility.eq(Visibility::Unlisted))
        .add(is_endless.or(album::Column::ExpiresAt.gt(now)))
}

/// The rows of a page.
#[must_use]
pub fn tiles(id: AlbumId, after: Option<Cursor>, now: DateTime<Utc>) -> Select<image::Entity> {
    Tile::select(shown(id, after, now))
}

/// The images of an album that its page shows, in their order, from behind the cursor on.
pub(super) fn shown(
    id: AlbumId,
    after: Option<Cursor>,
    now: DateTime<Utc>,
) -> Select<image::Entity> {
    in_order(id, after, now).filter(image::Column::Visibility.eq(Visibility::Unlisted))
}

fn of(id: AlbumId, image: ImageId, now: DateTime<Utc>) -> Select<image::Entity> {
    tiles(id, None, now).filter(image::Column::Id.eq(image))
}
