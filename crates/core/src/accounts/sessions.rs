//! Rows of sessions: where a person is logged in.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait, DatabaseConnection, DbErr, EntityTrait, ExprTrait, QueryFilter, QueryOrder,
    QuerySelect, Set,
};
use tintype_storage::failpoint;

use super::recent::USED;
use super::{By, SessionKey};
use crate::db::session::{ActiveModel, Column, Entity, Model};
use crate::db::{SessionId, UserId, user};
use crate::services::Services;

/// The most that are listed.
const LISTED: u64 = 100;
/// How much longer than its token a row stays: clocks differ.
const LEEWAY: TimeDelta = TimeDelta::minutes(1);

/// Keeps a session that has just begun on this device.
///
/// # Errors
/// When the database fails.
pub async fn open(
    services: &Services,
    session: SessionKey,
    device: &str,
    expires_at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let now = services.clock.now();
    Entity::insert(row(session, device, now, expires_at))
        .exec_without_returning(&services.db)
        .await?;
    failpoint("session.inserted");
    services.recent.uses.keep(session.by.id(), now);
    Ok(())
}

/// The row of a session that is used at this moment.
fn row(
    session: SessionKey,
    device: &str,
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> ActiveModel {
    ActiveModel {
        id: Set(session.by.id().into()),
        user_id: Set(session.user_id),
        version: Set(session.version),
        device: Set(device.into()),
        created_at: Set(now),
        last_used_at: Set(now),
        expires_at: Set(expires_at),
        ended_at: Set(None),
    }
}

/// Those of this account that work: the one that asks, then the one that was used last.
///
/// # Errors
/// When the database fails.
pub async fn list(
    db: &DatabaseConnection,
    account: &user::Model,
    asks: By,
    now: DateTime<Utc>,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::UserId.eq(account.id))
        .filter(Column::Version.eq(account.token_version))
        .filter(Column::EndedAt.is_null())
        .filter(Column::ExpiresAt.gt(now))
        .order_by_desc(Expr::col(Column::Id).eq(asks.id()))
        .order_by_desc(Column::LastUsedAt)
        .order_by_desc(Column::Id)
        .limit(LISTED)
        .all(db)
        .await
}

/// Logs one out. `false`: the account has none with this id that works.
///
/// # Errors
/// When the database fails.
pub async fn end(
    db: &DatabaseConnection,
    user_id: UserId,
    id: SessionId,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let rows = Entity::update_many()
        .col_expr(Column::EndedAt, Expr::value(Some(now)))
        .filter(Column::Id.eq(id))
        .filter(Column::UserId.eq(user_id))
        .filter(Column::EndedAt.is_null())
        .exec(db)
        .await?;
    failpoint("session.ended");
    Ok(rows.rows_affected == 1)
}

/// Logs out the session that asks. One from before there were rows gets one, which says that it has ended.
///
/// # Errors
/// When the database fails.
pub async fn end_own(
    services: &Services,
    session: SessionKey,
    lifetime: TimeDelta,
) -> Result<(), DbErr> {
    let now = services.clock.now();
    let ended = ActiveModel {
        ended_at: Set(Some(now)),
        ..row(session, "", now, now + lifetime)
    };
    let keep = OnConflict::column(Column::Id)
        .update_column(Column::EndedAt)
        .to_owned();
    Entity::insert(ended)
        .on_conflict(keep)
        .exec_without_returning(&services.db)
        .await?;
    failpoint("session.ended");
    Ok(())
}

pub async fn was_used(
    db: &DatabaseConnection,
    id: SessionId,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::LastUsedAt, Expr::value(now))
        .filter(Column::Id.eq(id))
        .filter(Column::LastUsedAt.lte(now - USED))
        .exec(db)
        .await
        .map(drop)
}

/// Deletes rows whose tokens have ended.
///
/// # Errors
/// When the database fails.
pub async fn forget(db: &DatabaseConnection, now: DateTime<Utc>) -> Result<(), DbErr> {
    Entity::delete_many()
        .filter(Expr::col(Column::ExpiresAt).lte(now - LEEWAY))
        .exec(db)
        .await
        .map(drop)
}
