//! Images that end by themselves. One that has ended is there for nobody, whether the worker has been with it yet or not.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, DatabaseConnection, DbErr, EntityTrait, ExprTrait, QueryFilter, UpdateMany,
};

use tintype_storage::failpoint;

use crate::db::ImageId;
use crate::db::image::{Column, Entity, Model, State};

/// Of ready images: it has not ended at this time.
#[must_use]
pub fn lasts(now: DateTime<Utc>) -> Expr {
    let is_endless = Column::ExpiresAt.is_null();
    is_endless.or(Column::ExpiresAt.gt(now))
}

impl Model {
    /// Whether it has not ended at this time.
    #[must_use]
    pub fn lasts(&self, now: DateTime<Utc>) -> bool {
        self.expires_at.is_none_or(|end| end > now)
    }
}

/// Has ready images end at this time, and the worker come by then.
#[must_use]
pub fn end_at(update: UpdateMany<Entity>, expires_at: &Expr) -> UpdateMany<Entity> {
    update
        .col_expr(Column::ExpiresAt, expires_at.clone())
        .col_expr(Column::DueAt, expires_at.clone())
}

/// Moves an image that has ended to the trash, until `purge_at`. Whoever gave it more time was faster.
pub async fn end(
    db: &DatabaseConnection,
    id: ImageId,
    now: DateTime<Utc>,
    purge_at: DateTime<Utc>,
) -> Result<(), DbErr> {
    failpoint("image.due");
    Entity::update_many()
        .col_expr(Column::State, Expr::value(State::Trashed))
        .col_expr(Column::DueAt, Expr::value(Some(purge_at)))
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq(State::Ready))
        .filter(Column::ExpiresAt.lte(now))
        .exec(db)
        .await?;
    failpoint("image.ended");
    Ok(())
}
