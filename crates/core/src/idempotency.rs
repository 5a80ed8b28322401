//! Requests that may be repeated: what makes uploads is planned under the sender's key before anything else, so that a repeated request finds the
//! uploads of the first, and goes on where that was cut off.
//!
//! No answer is kept: it holds secrets, and is told again from what has become of the uploads.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, DatabaseConnection, DbErr, EntityTrait, ExprTrait, QueryFilter, Set};
use sha2::{Digest, Sha256 as Hasher};
use tintype_storage::failpoint;

use crate::accounts::{By, SessionKey};
use crate::db::idempotency_key::{ActiveModel, Column, Entity};
use crate::db::{ImageId, ImageIds, Sha256};
use crate::services::Services;

/// How long a key is remembered.
const KEPT: TimeDelta = TimeDelta::hours(24);
/// The longest key, characters.
const LONGEST: usize = 255;

/// Why nothing is planned.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The key stood at another request.
    #[error("the idempotency key stood at another request")]
    Reused,
    /// The database fails.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// The uploads of a request.
pub struct Planned {
    /// Their ids, in the order of the files.
    pub ids: Vec<ImageId>,
    /// Whether the same request was answered before: then each id is that of an upload, or of an image that was there already.
    pub answered: bool,
}

/// The key of a request: its sender's own, at this operation.
#[derive(Clone, Debug)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// What the sender calls it: 1 to 255 visible characters of ASCII.
    #[must_use]
    pub fn new(session: SessionKey, operation: &str, key: &str) -> Option<Self> {
        let is_fit =
            (1..=LONGEST).contains(&key.len()) && key.bytes().all(|c| c.is_ascii_graphic());
        // Of a person's sessions any may repeat it; a program shares nothing.
        let whose = match session.by {
            By::Session { .. } => session.user_id.to_string(),
            By::Token { id, .. } => id.to_string(),
        };
        is_fit.then(|| {
            Self(hex::encode(Hasher::digest(format!(
                "{whose}\0{operation}\0{key}"
            ))))
        })
    }

    /// The ids of so many uploads: new ones, or those of the same request before.
    ///
    /// # Errors
    /// See [`PlanError`].
    pub async fn plan(
        &self,
        services: &Services,
        session: SessionKey,
        fingerprint: Sha256,
        uploads: usize,
    ) -> Result<Planned, PlanError> {
        let now = services.clock.now();
        let new: Vec<_> = (0..uploads).map(|_| ImageId::generate()).collect();
        let row = ActiveModel {
            key: Set(self.0.clone()),
            user_id: Set(session.user_id),
            fingerprint: Set(fingerprint),
            uploads: Set(ImageIds(new.clone())),
            answered: Set(false),
            created_at: Set(now),
        };
        let if_old = OnConflict::column(Column::Key)
            .update_columns([
                Column::Fingerprint,
                Column::Uploads,
                Column::Answered,
                Column::CreatedAt,
            ])
            .action_and_where(Expr::col((Entity, Column::CreatedAt)).lte(now - KEPT))
            .to_owned();
        let inserted = Entity::insert(row)
            .on_conflict(if_old)
            .exec_without_returning(&services.db)
            .await;
        failpoint("idempotency.planned");
        let planned = |ids, answered| Planned { ids, answered };
        match inserted {
            Ok(1) => return Ok(planned(new, false)),
            Ok(_) | Err(DbErr::RecordNotInserted) => {}
            Err(error) => return Err(error.into()),
        }
        let row = Entity::find_by_id(&*self.0).one(&services.db).await?;
        match row {
            Some(row) if row.fingerprint == fingerprint => Ok(planned(row.uploads.0, row.answered)),
            Some(_) => Err(PlanError::Reused),
            // Forgotten at this very moment.
            None => Ok(planned(new, false)),
        }
    }

    /// Keeps that it was answered, with these uploads and images.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn answered(&self, db: &DatabaseConnection, ids: Vec<ImageId>) -> Result<(), DbErr> {
        let update = Entity::update_many()
            .col_expr(Column::Uploads, Expr::value(ImageIds(ids)))
            .col_expr(Column::Answered, Expr::value(true));
        let result = update.filter(Column::Key.eq(&*self.0)).exec(db).await;
        failpoint("idempotency.answered");
        result.map(drop)
    }

    /// Forgets it: nothing came of the request, and the next one begins anew.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn release(&self, db: &DatabaseConnection) -> Result<(), DbErr> {
        Entity::delete_by_id(&*self.0).exec(db).await.map(drop)
    }
}

/// Forgets what is old.
///
/// # Errors
/// When the database fails.
pub async fn forget(db: &DatabaseConnection, now: DateTime<Utc>) -> Result<(), DbErr> {
    Entity::delete_many()
        .filter(Column::CreatedAt.lte(now - KEPT))
        .exec(db)
        .await
        .map(drop)
}
