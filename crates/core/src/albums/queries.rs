//! Rows of albums.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, Func, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, DatabaseConnection, DbErr, EntityTrait, ExprTrait, FromQueryResult,
    IntoSimpleExpr, JoinType, Order, QueryFilter, QueryOrder, QuerySelect, QueryTrait, RelationDef,
    Select,
};
use uuid::Uuid;

use crate::accounts::{SessionError, SessionKey};
use crate::db::album::{Column, Entity, Model};
use crate::db::{AlbumId, ImageId, UserId, album_image, image};
use crate::images::ends::lasts;
use crate::images::{Shown, queries};
use crate::keyset::{Cursor, Place};

/// An album as its owner sees it.
#[derive(Clone, Debug)]
pub struct Summary {
    pub album: Model,
    /// Of the images that are not in the trash.
    pub count: i64,
    /// The image that was chosen, or else the first.
    pub cover: Option<Shown>,
}

/// An album with what is counted and found in the same statement.
#[derive(FromQueryResult)]
pub(super) struct Found {
    #[sea_orm(nested)]
    pub album: Model,
    pub count: i64,
    pub cover: Option<ImageId>,
}

/// An image with its place in an album.
#[derive(FromQueryResult)]
pub struct Placed {
    #[sea_orm(nested)]
    pub image: Shown,
    pub position: i64,
}

impl Placed {
    /// The place behind it.
    #[must_use]
    pub fn behind(&self) -> Cursor {
        Cursor {
            place: Place::Position(self.position),
            id: self.image.id.0,
        }
    }
}

impl Summary {
    /// The place behind it in the list.
    #[must_use]
    pub fn behind(&self) -> Cursor {
        Cursor {
            place: Place::Time(self.album.created_at),
            id: self.album.id.0,
        }
    }
}

/// What its owner sees of an album at this time.
pub(super) fn ready(now: DateTime<Utc>) -> Condition {
    Condition::all()
        .add(Expr::cust("images.state = 'ready'"))
        .add(lasts(now))
}

/// Images with their places in albums.
fn entries() -> Select<image::Entity> {
    let entry: RelationDef = image::Entity::belongs_to(album_image::Entity)
        .from(image::Column::Id)
        .to(album_image::Column::ImageId)
        .into();
    image::Entity::find().join(JoinType::InnerJoin, entry)
}

/// Albums with the number of those of their images and the one of them that stands for each.
pub(super) fn summed_up(albums: Select<Entity>, those: &Condition) -> Select<Entity> {
    use album_image::Column::{AlbumId, ImageId, IsCover, Position};
    let images = || {
        let of_album = Expr::col((album_image::Entity, AlbumId)).equals((Entity, Column::Id));
        let images = entries().filter(of_album).filter(those.clone());
        images.select_only()
    };
    let ids = || images().column(image::Column::Id);
    let count = images().expr(Expr::cust("COUNT(*)"));
    let chosen = ids().filter(IsCover.into_simple_expr());
    let first = ids().order_by_asc(Position).order_by_asc(ImageId).limit(1);
    let cover = Func::coalesce([within(chosen.into_query()), within(first.into_query())]);
    albums
        .expr_as(within(count.into_query()), "count")
        .expr_as(cover, "cover")
}

fn within(rows: SelectStatement) -> Expr {
    Expr::SubQuery(None, Box::new(rows.into()))
}

/// The albums of an account, the newest first, from behind the cursor on. The index `albums_list_idx` is in this order.
#[must_use]
pub fn page(
    (user_id, now): (UserId, DateTime<Utc>),
    after: Option<Cursor>,
    limit: u64,
) -> Select<Entity> {
    let albums = Entity::find().filter(Column::UserId.eq(user_id));
    let key = [Column::CreatedAt, Column::Id].map(IntoSimpleExpr::into_simple_expr);
    let albums = Cursor::sort(after, albums, key, Order::Desc).limit(limit);
    summed_up(albums, &ready(now))
}

/// The rows of [`page`], for a session that works.
pub async fn page_for(
    db: &DatabaseConnection,
    session: &mut SessionKey,
    after: Option<Cursor>,
    now: DateTime<Utc>,
    limit: u64,
) -> Result<Vec<Summary>, SessionError> {
    let albums = page((session.user_id, now), after, limit);
    let found = session.read(db, albums).await?;
    Ok(with_covers(db, session.user_id, found, now).await?)
}

fn one(user_id: UserId, id: AlbumId, now: DateTime<Utc>) -> Select<Entity> {
    let album = Entity::find_by_id(id).filter(Column::UserId.eq(user_id));
    summed_up(album, &ready(now))
}

pub async fn find(
    db: &DatabaseConnection,
    user_id: UserId,
    id: AlbumId,
    now: DateTime<Utc>,
) -> Result<Option<Summary>, DbErr> {
    let found = one(user_id, id, now).into_model().all(db).await?;
    Ok(with_covers(db, user_id, found, now).await?.pop())
}

/// As [`find`], for a session that works.
pub async fn find_for(
    db: &DatabaseConnection,
    session: &mut SessionKey,
    id: AlbumId,
    now: DateTime<Utc>,
) -> Result<Option<Summary>, SessionError> {
    let album = one(session.user_id, id, now);
    let found = session.read(db, album).await?;
    Ok(with_covers(db, session.user_id, found, now).await?.pop())
}

/// The album of this account with this id, or with this name in its link.
pub async fn named(
    db: &DatabaseConnection,
    user_id: UserId,
    name: &str,
) -> Result<Option<AlbumId>, DbErr> {
    let is_named = match Uuid::parse_str(name) {
        Ok(id) => Column::Id.eq(id),
        // PostgreSQL's text holds no NUL.
        Err(_) if name.contains('\0') => return Ok(None),
        Err(_) => Column::Slug.eq(name),
    };
    Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::UserId.eq(user_id))
        .filter(is_named)
        .into_tuple()
        .one(db)
        .await
}

async fn with_covers(
    db: &DatabaseConnection,
    user_id: UserId,
    found: Vec<Found>,
    now: DateTime<Utc>,
) -> Result<Vec<Summary>, DbErr> {
    let covers: Vec<_> = found.iter().filter_map(|found| found.cover).collect();
    let images: HashMap<_, _> = queries::these(db, user_id, covers, now)
        .await?
        .into_iter()
        .map(|image| (image.id, image))
        .collect();
    // An image may stand for more than one album.
    let image = |id: ImageId| images.get(&id).cloned();
    let summary = |found: Found| Summary {
        album: found.album,
        count: found.count,
        cover: found.cover.and_then(image),
    };
    Ok(found.into_iter().map(summary).collect())
}

/// The images of an album that are not in the trash, in their order, from behind the cursor on. The index `album_images_list_idx` is in this
/// order.
pub(super) fn in_order(
    id: AlbumId,
    after: Option<Cursor>,
    now: DateTime<Utc>,
) -> Select<image::Entity> {
    let rows = entries()
        .filter(ready(now))
        .filter(album_image::Column::AlbumId.eq(id));
    let key = [album_image::Column::Position, album_image::Column::ImageId];
    let key = key.map(IntoSimpleExpr::into_simple_expr);
    Cursor::sort(after, rows, key, Order::Asc)
}

/// The same of an album of this account.
#[must_use]
pub fn images(
    (user_id, now): (UserId, DateTime<Utc>),
    id: AlbumId,
    after: Option<Cursor>,
    limit: u64,
) -> Select<image::Entity> {
    // As a row of its own: among the joined ones, SQLite looks for it with all albums of the account.
    let album = Entity::find_by_id(id).filter(Column::UserId.eq(user_id));
    let rows = in_order(id, after, now).filter(Expr::exists(album.into_query()));
    let rows = Shown::select(rows).column(album_image::Column::Position);
    rows.limit(limit)
}

/// The rows of [`images`], for a session that works. `None`: the account has no such album.
pub async fn images_for(
    db: &DatabaseConnection,
    session: &mut SessionKey,
    id: AlbumId,
    after: Option<Cursor>,
    now: DateTime<Utc>,
    limit: u64,
) -> Result<Option<Vec<Placed>>, SessionError> {
    let rows = images((session.user_id, now), id, after, limit);
    let found: Vec<Placed> = session.read(db, rows).await?;
    if !found.is_empty() {
        return Ok(Some(found));
    }
    let album = Entity::find_by_id(id).filter(Column::UserId.eq(session.user_id));
    Ok(album.one(db).await?.map(|_| found))
}

/// Ends an album; its images stay. `false`: the account has none with this id.
pub async fn delete(db: &DatabaseConnection, user_id: UserId, id: AlbumId) -> Result<bool, DbErr> {
    let rows = Entity::delete_many()
        .filter(Column::Id.eq(id))
        .filter(Column::UserId.eq(user_id))
        .exec(db)
        .await?;
    Ok(rows.rows_affected == 1)
}
