//! Rows of images.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, EntityTrait,
    IntoSimpleExpr, Order, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    Select,
};
use tintype_dto::SortOrder;
use tintype_storage::failpoint;

use super::change::Change;
use super::ends::lasts;
pub use super::filter::Filter;
pub use super::outdated::{count_outdated, outdated, replace, stays};
pub use super::published::{
    Deletable, Owner, Published, find_deletable, find_published, find_trashed, published,
};
use super::shown::Shown;
use super::sort;
pub use super::sort::behind;
use crate::accounts::{SessionError, SessionKey};
use crate::db::image::{Column, Entity, Model, State};
use crate::db::{ImageId, Sha256, UserId};
use crate::keyset::Cursor;

/// The state stands in the statement as indexes have it: a parameter would not do.
fn ready_of(user_id: UserId, now: DateTime<Utc>) -> Select<Entity> {
    Entity::find()
        .filter(Column::UserId.eq(user_id))
        .filter(Expr::cust("state = 'ready'"))
        .filter(lasts(now))
}

pub async fn find(
    db: &DatabaseConnection,
    user_id: UserId,
    id: ImageId,
    now: DateTime<Utc>,
) -> Result<Option<Model>, DbErr> {
    let image = ready_of(user_id, now).filter(Column::Id.eq(id));
    image.one(db).await
}

/// As [`find`], for a session that works.
pub async fn find_for(
    db: &DatabaseConnection,
    session: &mut SessionKey,
    id: ImageId,
    now: DateTime<Utc>,
) -> Result<Option<Shown>, SessionError> {
    let image = ready_of(session.user_id, now).filter(Column::Id.eq(id));
    Ok(session.read(db, Shown::select(image)).await?.pop())
}

/// The same, by the name in its links.
pub async fn find_by_slug(
    db: &DatabaseConnection,
    session: &mut SessionKey,
    slug: &str,
    now: DateTime<Utc>,
) -> Result<Option<Shown>, SessionError> {
    // PostgreSQL's text holds no NUL.
    if slug.contains('\0') {
        return Ok(None);
    }
    let image = ready_of(session.user_id, now).filter(Column::Slug.eq(slug));
    Ok(session.read(db, Shown::select(image)).await?.pop())
}

/// Those of these images that are ready.
pub async fn these(
    db: &DatabaseConnection,
    user_id: UserId,
    ids: Vec<ImageId>,
    now: DateTime<Utc>,
) -> Result<Vec<Shown>, DbErr> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let images = ready_of(user_id, now).filter(Column::Id.is_in(ids));
    Shown::select(images).into_model().all(db).await
}

/// The rows of [`page`], for a session that works.
pub async fn page_for(
    db: &DatabaseConnection,
    session: &mut SessionKey,
    filter: &Filter,
    order: SortOrder,
    after: Option<Cursor>,
    now: DateTime<Utc>,
    limit: u64,
) -> Result<Vec<Shown>, SessionError> {
    let images = page((session.user_id, now), filter, order, after, limit);
    session.read(db, Shown::select(images)).await
}

/// The rows of [`trash`] that can be restored at this time, for a session that works.
pub async fn trash_for(
    db: &DatabaseConnection,
    session: &mut SessionKey,
    filter: &Filter,
    after: Option<Cursor>,
    now: DateTime<Utc>,
    limit: u64,
) -> Result<Vec<Shown>, SessionError> {
    let images = trash(session.user_id, filter, after, limit);
    let mut rows: Vec<Shown> = session.read(db, Shown::select(images)).await?;
    // They come last. In the statement, this would lead PostgreSQL to the index of what is due, through everybody's images.
    rows.retain(|row| row.purge_at().is_some_and(|at| at > now));
    Ok(rows)
}

/// A ready image with these bytes, as it is published or else as they were received.
pub async fn find_by_hash(
    db: &DatabaseConnection,
    session: SessionKey,
    sha256: Sha256,
    now: DateTime<Utc>,
) -> Result<Option<Model>, DbErr> {
    let half = |column| {
        let images = by_hash((session.user_id, now), column, sha256);
        images.apply_if(session.by.sees_only(), |images, token| {
            images.filter(Column::TokenId.eq(token))
        })
    };
    // One after the other: with both in one condition SQLite reads all images of the user.
    match half(Column::Sha256).one(db).await? {
        Some(image) => Ok(Some(image)),
        None => half(Column::SourceSha256).one(db).await,
    }
}

/// The rows behind one half of [`find_by_hash`], the newest first.
#[must_use]
pub fn by_hash(
    (user_id, now): (UserId, DateTime<Utc>),
    column: Column,
    sha256: Sha256,
) -> Select<Entity> {
    ready_of(user_id, now)
        .filter(column.eq(sha256))
        .order_by_desc(Column::CreatedAt)
}

/// Those of the filter in this order, from behind the cursor on. Each order has an index; so has a filter by visibility or by type, for the
/// newest first. Words that many have, and what else
/// is asked for, are looked for on the way along it; PostgreSQL has an index of those that few have.
#[must_use]
pub fn page(
    (user_id, now): (UserId, DateTime<Utc>),
    filter: &Filter,
    order: SortOrder,
    after: Option<Cursor>,
    limit: u64,
) -> Select<Entity> {
    sort::sorted(filter.apply_to(ready_of(user_id, now)), order, after).limit(limit)
}

/// What is in the trash, the newest deletion first, from behind the cursor on; its time is that of the purge. The index `images_trash_idx`
/// is in this order.
#[must_use]
pub fn trash(
    user_id: UserId,
    filter: &Filter,
    after: Option<Cursor>,
    limit: u64,
) -> Select<Entity> {
    let trashed = Entity::find()
        .filter(Column::UserId.eq(user_id))
        .filter(Expr::cust("state = 'trashed'"));
    let key = [Column::DueAt, Column::Id].map(IntoSimpleExpr::into_simple_expr);
    Cursor::sort(after, filter.apply_to(trashed), key, Order::Desc).limit(limit)
}

/// How many images of each day (UTC), newest first.
pub async fn days(
    db: &DatabaseConnection,
    user_id: UserId,
    filter: &Filter,
    now: DateTime<Utc>,
) -> Result<Vec<(NaiveDate, i64)>, DbErr> {
    by_day(db.get_database_backend(), (user_id, now), filter)
        .into_tuple()
        .all(db)
        .await
}

/// The rows of [`days`].
#[must_use]
pub fn by_day(
    backend: DbBackend,
    (user_id, now): (UserId, DateTime<Utc>),
    filter: &Filter,
) -> Select<Entity> {
    // SQLite keeps times as text, in UTC.
    let day = Expr::cust(if backend == DbBackend::Postgres {
        "(created_at AT TIME ZONE 'UTC')::date"
    } else {
        "substr(created_at, 1, 10)"
    });
    filter
        .apply_to(ready_of(user_id, now))
        .select_only()
        .expr_as(day.clone(), "day")
        .expr_as(Column::Id.count(), "images")
        .group_by(day.clone())
        .order_by_desc(day)
}

/// `None`: there is no such ready image of this user.
pub async fn change(
    db: &DatabaseConnection,
    user_id: UserId,
    id: ImageId,
    change: &Change,
    now: DateTime<Utc>,
) -> Result<Option<Model>, DbErr> {
    if !change.is_empty() {
        let update = change
            .apply_to(Entity::update_many())
            .filter(Column::Id.eq(id));
        update
            .filter(Column::UserId.eq(user_id))
            .filter(Column::State.eq(State::Ready))
            .filter(lasts(now))
            .exec(db)
            .await?;
    }
    find(db, user_id, id, now).await
}

/// As [`change`], unless somebody else has changed it since it was read. `None`: somebody has, or it is gone.
pub async fn change_from(
    db: &DatabaseConnection,
    before: &Model,
    change: &Change,
    now: DateTime<Utc>,
) -> Result<Option<Model>, DbErr> {
    // It sets something always: a row that was found is told from one that was not by the count.
    let update = Entity::update_many().col_expr(Column::Id, Expr::value(before.id));
    let text = |column: Column, text: &Option<String>| match text {
        Some(text) => column.eq(text.as_str()),
        None => column.is_null(),
    };
    let same_end = match before.expires_at {
        Some(end) => Column::ExpiresAt.eq(end),
        None => Column::ExpiresAt.is_null(),
    };
    let changed = change
        .apply_to(update)
        .filter(Column::Id.eq(before.id))
        .filter(Column::State.eq(State::Ready))
        .filter(Column::Visibility.eq(before.visibility))
        .filter(text(Column::Title, &before.title))
        .filter(text(Column::Alt, &before.alt))
        .filter(same_end)
        .filter(lasts(now))
        .exec(db)
        .await?;
    if changed.rows_affected == 0 {
        return Ok(None);
    }
    find(db, before.user_id, before.id, now).await
}

/// Moves an image on, if it is in one of `from`. `false`: it is not.
pub async fn transition(db: &DatabaseConnection, image: Transition<'_>) -> Result<bool, DbErr> {
    failpoint("transition.begun");
    let result = Entity::update_many()
        .col_expr(Column::State, Expr::value(image.to))
        .col_expr(Column::DueAt, Expr::value(image.due_at))
        .filter(Column::Id.eq(image.id))
        .filter(Column::UserId.eq(image.user_id))
        .filter(Column::State.is_in(image.from.iter().copied()))
        .exec(db)
        .await?;
    failpoint("transition.made");
    Ok(result.rows_affected == 1)
}

/// One step in the life of an image.
pub struct Transition<'a> {
    pub user_id: UserId,
    pub id: ImageId,
    pub from: &'a [State],
    pub to: State,
    pub due_at: Option<DateTime<Utc>>,
}

/// Puts off an image whose objects could not be removed.
pub async fn put_off(
    db: &DatabaseConnection,
    id: ImageId,
    due_at: DateTime<Utc>,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::DueAt, Expr::value(Some(due_at)))
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq(State::Deleting))
        .exec(db)
        .await
        .map(drop)
}

pub async fn exists(db: &impl ConnectionTrait, id: ImageId) -> Result<bool, DbErr> {
    Ok(Entity::find_by_id(id).count(db).await? > 0)
}

/// The image, whatever its state and its owner.
pub async fn find_any(db: &DatabaseConnection, id: ImageId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(db).await
}
