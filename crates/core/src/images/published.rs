//! Images as whoever has a link sees them, with what of their owner decides about that.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, DatabaseConnection, DbErr, EntityTrait, ExprTrait, FromQueryResult, JoinType,
    QueryFilter, QuerySelect, RelationDef, Select,
};

use super::ends::lasts;
use crate::db::image::{Column, Entity, Model, State};
use crate::db::{api_token, user};

/// A ready image with what its links depend on.
#[derive(FromQueryResult)]
pub struct Published {
    #[sea_orm(nested)]
    pub image: Model,
    #[sea_orm(nested)]
    pub owner: Owner,
}

/// Whether its owner is signed in somewhere.
#[derive(FromQueryResult)]
pub struct Owner {
    token_version: i32,
    disabled_at: Option<DateTime<Utc>>,
}

impl Owner {
    /// The version of the sessions that work at this moment. `None`: the account is disabled, and none does.
    #[must_use]
    pub fn session_version(&self) -> Option<i32> {
        self.disabled_at.is_none().then_some(self.token_version)
    }
}

pub async fn find_published(
    db: &DatabaseConnection,
    slug: &str,
    now: DateTime<Utc>,
) -> Result<Option<Published>, DbErr> {
    published(slug, now).into_model().one(db).await
}

/// An image that can be restored at this time.
pub async fn find_trashed(
    db: &DatabaseConnection,
    slug: &str,
    now: DateTime<Utc>,
) -> Result<Option<Published>, DbErr> {
    let trashed = with_owner(slug, State::Trashed).filter(Column::DueAt.gt(now));
    trashed.into_model().one(db).await
}

/// The row behind [`find_published`]: one query, with its owner by the key.
#[must_use]
pub fn published(slug: &str, now: DateTime<Utc>) -> Select<Entity> {
    with_owner(slug, State::Ready).filter(lasts(now))
}

fn with_owner(slug: &str, state: State) -> Select<Entity> {
    let owner: RelationDef = Entity::belongs_to(user::Entity)
        .from(Column::UserId)
        .to(user::Column::Id)
        .into();
    let found = Entity::find()
        .filter(Column::Slug.eq(slug))
        .filter(Column::State.eq(state));
    found
        .join(JoinType::InnerJoin, owner)
        .column(user::Column::TokenVersion)
        .column(user::Column::DisabledAt)
}

/// A ready image that was uploaded by an API token that works.
#[derive(FromQueryResult)]
pub struct Deletable {
    #[sea_orm(nested)]
    pub image: Model,
    /// Of its owner.
    pub token_version: i32,
}

pub async fn find_deletable(
    db: &DatabaseConnection,
    slug: &str,
    now: DateTime<Utc>,
) -> Result<Option<Deletable>, DbErr> {
    let token: RelationDef = Entity::belongs_to(api_token::Entity)
        .from(Column::TokenId)
        .to(api_token::Column::Id)
        .into();
    let works = api_token::Column::ExpiresAt
        .is_null()
        .or(api_token::Column::ExpiresAt.gt(now));
    published(slug, now)
        .join(JoinType::InnerJoin, token)
        .filter(works)
        .filter(user::Column::DisabledAt.is_null())
        .into_model()
        .one(db)
        .await
}
