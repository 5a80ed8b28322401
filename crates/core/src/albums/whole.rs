//! All that is shown of an album, for whoever takes it away at once.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, DatabaseConnection, DbErr, EntityTrait, FromQueryResult, IntoSimpleExpr,
    QueryFilter, QueryResult, QuerySelect, QueryTrait, Select,
};

use super::opened::{find_open, is_open, shown};
use super::queries::Found;
use crate::db::album::{self, Model};
use crate::db::image;
use crate::db::{AlbumId, ImageId, MediaType, album_image};
use crate::images::selected;
use crate::keyset::{Cursor, Place};

/// How many images one statement reads.
const PAGE: u64 = 500;

selected! {
    /// An image of an album, as it is taken away.
    Item {
        id: ImageId = image::Column::Id,
        title: Option<String> = image::Column::Title,
        filename: String = image::Column::Filename,
        content_type: MediaType = image::Column::ContentType,
        /// Of the original.
        size_bytes: i64 = image::Column::SizeBytes,
        position: i64 = album_image::Column::Position,
    }
}

/// An open album with everything that its pages show, in its order.
pub struct Whole {
    pub album: Model,
    pub items: Vec<Item>,
}

impl Whole {
    /// `None`: there is no album with this name, it is private or has ended, or there is nothing to be seen in it.
    pub async fn find(
        db: &DatabaseConnection,
        slug: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<Self>, DbErr> {
        let Some(Found { album, .. }) = find_open(db, slug, now).await? else {
            return Ok(None);
        };
        let mut items: Vec<Item> = Vec::new();
        loop {
            let after = items.last().map(|last| Cursor {
                place: Place::Position(last.position),
                id: last.id.0,
            });
            let rows = Item::select(shown(album.id, after, now)).limit(PAGE);
            let page = rows.into_model().all(db).await?;
            let is_last = (page.len() as u64) < PAGE;
            items.extend(page);
            if is_last {
                break;
            }
        }
        Ok((!items.is_empty()).then_some(Self { album, items }))
    }
}

/// Where the original of an image is, if the album shows it at this moment.
pub async fn find_original(
    db: &DatabaseConnection,
    album: AlbumId,
    image: ImageId,
    now: DateTime<Utc>,
) -> Result<Option<String>, DbErr> {
    original(album, image, now).into_tuple().one(db).await
}

/// The row behind [`find_original`]: one query, by keys.
#[must_use]
pub fn original(album: AlbumId, image: ImageId, now: DateTime<Utc>) -> Select<image::Entity> {
    let open = album::Entity::find_by_id(album).filter(is_open(now));
    shown(album, None, now)
        .filter(image::Column::Id.eq(image))
        .filter(Expr::exists(open.into_query()))
        .select_only()
        .column(image::Column::OriginalKey)
}
