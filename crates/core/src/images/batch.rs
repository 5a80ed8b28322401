//! Many images of one account.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, LockType, SelectStatement};
use sea_orm::{
    ColumnTrait, DatabaseConnection, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, TransactionTrait, UpdateMany,
};
use tintype_storage::failpoint;

use super::change::Change;
use super::ends::lasts;
use crate::db::image::{Column, Entity, Model, State};
use crate::db::{ImageId, UserId};

/// Images of one user by their ids. Every query checks the owner.
#[derive(Clone, Copy)]
pub struct Batch<'a> {
    pub user_id: UserId,
    pub ids: &'a [ImageId],
    /// The time at which this is done.
    pub now: DateTime<Utc>,
}

impl Batch<'_> {
    /// Changes the ready ones, and reads them.
    pub async fn change(
        self,
        db: &DatabaseConnection,
        change: &Change,
    ) -> Result<Vec<Model>, DbErr> {
        let update = change.apply_to(Entity::update_many().filter(lasts(self.now)));
        self.step(db, update, &[State::Ready], State::Ready).await
    }

    /// Moves images from one of `from` to `to`, and reads all that are in `to` now.
    pub async fn transition(
        self,
        db: &DatabaseConnection,
        from: &[State],
        to: State,
        due_at: DateTime<Utc>,
    ) -> Result<Vec<Model>, DbErr> {
        self.step(db, moved(to, Expr::value(Some(due_at))), from, to)
            .await
    }

    /// One transaction that writes first: the read sees what the write left, and on SQLite the write waits for its turn.
    pub(super) async fn step(
        self,
        db: &DatabaseConnection,
        update: UpdateMany<Entity>,
        from: &[State],
        to: State,
    ) -> Result<Vec<Model>, DbErr> {
        let transaction = db.begin().await?;
        let update = update
            .filter(Column::UserId.eq(self.user_id))
            .filter(Column::State.is_in(from.iter().copied()));
        update
            .filter(Column::Id.in_subquery(self.locked()))
            .exec(&transaction)
            .await?;
        failpoint("many.marked");
        let here = Entity::find()
            .filter(Column::UserId.eq(self.user_id))
            .filter(Column::Id.is_in(self.ids.iter().copied()));
        let rows = here
            .filter(Column::State.eq(to))
            .apply_if((to == State::Ready).then_some(self.now), |rows, now| {
                rows.filter(lasts(now))
            })
            .all(&transaction)
            .await?;
        transaction.commit().await?;
        failpoint("many.committed");
        Ok(rows)
    }

    /// Locks rows in the order of their ids, so that calls which share images wait for each other instead of deadlocking.
    fn locked(self) -> SelectStatement {
        Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::UserId.eq(self.user_id))
            .filter(Column::Id.is_in(self.ids.iter().copied()))
            .order_by_asc(Column::Id)
            .lock(LockType::Update)
            .into_query()
    }
}

fn moved(to: State, due_at: Expr) -> UpdateMany<Entity> {
    Entity::update_many()
        .col_expr(Column::State, Expr::value(to))
        .col_expr(Column::DueAt, due_at)
}
