//! Back from the trash.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, DatabaseConnection, DbErr, EntityTrait, QueryFilter, QuerySelect,
    UpdateMany,
};
use tintype_dto::FieldError;
use tintype_storage::failpoint;

use super::Batch;
use super::ends::{end_at, lasts};
use super::queries::find;
use crate::Failure;
use crate::db::image::{Column, Entity, Model, State};
use crate::db::{ImageId, UserId};
use crate::fields;

/// How images come back at a time.
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::option_option,
    reason = "left alone, taken away and set are three things"
)]
pub struct Restore {
    expires_at: Option<Option<DateTime<Utc>>>,
    now: DateTime<Utc>,
}

/// Why an image was not restored.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The account has none with this id, or its time in the trash is over.
    #[error("there is no such image")]
    NotFound,
    /// Its end has passed, and no other was named.
    #[error("the image has ended")]
    Ended,
    /// It could not be done.
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl From<DbErr> for RestoreError {
    fn from(error: DbErr) -> Self {
        Self::Failure(error.into())
    }
}

impl Restore {
    /// With this end; as it was to end, where none is given.
    ///
    /// # Errors
    /// The end breaks its rule.
    pub fn check(
        expires_at: Option<Option<DateTime<Utc>>>,
        now: DateTime<Utc>,
    ) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        let expires_at = fields::end(&mut errors, expires_at, now);
        if errors.is_empty() {
            Ok(Self { expires_at, now })
        } else {
            Err(errors)
        }
    }

    /// Restores an image of this account. One that is ready stays as it is.
    ///
    /// # Errors
    /// See [`RestoreError`].
    pub async fn one(
        self,
        db: &DatabaseConnection,
        user_id: UserId,
        id: ImageId,
    ) -> Result<Model, RestoreError> {
        let back = self.update().filter(Column::Id.eq(id));
        back.filter(Column::UserId.eq(user_id)).exec(db).await?;
        failpoint("restore.made");
        if let Some(image) = find(db, user_id, id, self.now).await? {
            return Ok(image);
        }
        let left = self.left(db, user_id, &[id]).await?;
        Err(if left.is_empty() {
            RestoreError::NotFound
        } else {
            RestoreError::Ended
        })
    }

    /// Restores many. Returns those that are ready now, and those that have ended and stay where they are.
    pub async fn many(
        self,
        db: &DatabaseConnection,
        batch: Batch<'_>,
    ) -> Result<(Vec<Model>, HashSet<ImageId>), DbErr> {
        let ready = batch
            .step(
                db,
                self.update(),
                &[State::Ready, State::Trashed],
                State::Ready,
            )
            .await?;
        if ready.len() == batch.ids.len() {
            return Ok((ready, HashSet::new()));
        }
        let left = self.left(db, batch.user_id, batch.ids).await?;
        Ok((ready, left))
    }

    fn update(self) -> UpdateMany<Entity> {
        let back = Entity::update_many()
            .col_expr(Column::State, Expr::value(State::Ready))
            .filter(self.can_come_back());
        match self.expires_at {
            Some(end) => end_at(back, &Expr::value(end)),
            None => back
                .col_expr(Column::DueAt, Expr::col(Column::ExpiresAt))
                .filter(lasts(self.now)),
        }
    }

    /// In the trash; or ended, before the worker has come by.
    fn can_come_back(self) -> Condition {
        let is_trashed = Condition::all()
            .add(Column::State.eq(State::Trashed))
            .add(Column::DueAt.gt(self.now));
        let has_ended = Condition::all()
            .add(Column::State.eq(State::Ready))
            .add(Column::ExpiresAt.lte(self.now));
        Condition::any().add(is_trashed).add(has_ended)
    }

    /// Which of these could come back, and have not.
    async fn left(
        self,
        db: &DatabaseConnection,
        user_id: UserId,
        ids: &[ImageId],
    ) -> Result<HashSet<ImageId>, DbErr> {
        let left: Vec<ImageId> = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::UserId.eq(user_id))
            .filter(Column::Id.is_in(ids.iter().copied()))
            .filter(self.can_come_back())
            .into_tuple()
            .all(db)
            .await?;
        Ok(left.into_iter().collect())
    }
}
