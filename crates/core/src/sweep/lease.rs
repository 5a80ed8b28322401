//! One sweep at a time across all replicas: the lease is in the installation's row.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, DbErr, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{Place, SweepError};
use crate::db::installation::{self, Column, Entity, ROW};

/// How long a lease lasts if it is not renewed.
const LEASE: TimeDelta = TimeDelta::minutes(10);
/// How often it is renewed.
const KEEP: Duration = Duration::from_mins(1);

/// The lease of a running sweep.
pub struct Lease(Uuid);

impl Lease {
    /// Takes the lease, or returns who has it.
    pub async fn take(place: &Place<'_>) -> Result<Self, SweepError> {
        if let Some(lease) = Self::take_where(place, Condition::all()).await? {
            return Ok(lease);
        }
        let until = installation::find(place.db)
            .await?
            .and_then(|row| row.sweep_lease_until);
        Err(until.map_or(SweepError::Schema, SweepError::Busy))
    }

    /// Takes the lease if a sweep is due.
    pub async fn take_due(place: &Place<'_>) -> Result<Option<Self>, DbErr> {
        Self::take_where(
            place,
            Condition::all().add(Column::SweepDueAt.lte(place.clock.now())),
        )
        .await
    }

    async fn take_where(place: &Place<'_>, condition: Condition) -> Result<Option<Self>, DbErr> {
        let (id, now) = (Uuid::now_v7(), place.clock.now());
        let is_free = Condition::any()
            .add(Column::SweepLeaseUntil.is_null())
            .add(Column::SweepLeaseUntil.lte(now));
        let update = Entity::update_many()
            .col_expr(Column::SweepLeaseId, Expr::value(Some(id)))
            .col_expr(Column::SweepLeaseUntil, Expr::value(Some(now + LEASE)))
            .filter(Column::Row.eq(ROW));
        let rows = update
            .filter(is_free)
            .filter(condition)
            .exec(place.db)
            .await?
            .rows_affected;
        Ok((rows == 1).then_some(Self(id)))
    }

    /// Runs the work and renews the lease meanwhile. The work is dropped if another process has taken the lease.
    pub async fn hold<T>(
        &mut self,
        place: &Place<'_>,
        mut work: impl Future<Output = Result<T, SweepError>> + Unpin,
    ) -> Result<T, SweepError> {
        loop {
            tokio::select! {
                result = &mut work => return result,
                () = tokio::time::sleep(KEEP) => self.keep(place).await?,
            }
        }
    }

    async fn keep(&self, place: &Place<'_>) -> Result<(), SweepError> {
        let until = place.clock.now() + LEASE;
        let update =
            Entity::update_many().col_expr(Column::SweepLeaseUntil, Expr::value(Some(until)));
        let rows = update
            .filter(Column::SweepLeaseId.eq(self.0))
            .exec(place.db)
            .await?
            .rows_affected;
        if rows == 1 {
            Ok(())
        } else {
            Err(SweepError::Lost)
        }
    }

    /// Releases the lease, with the time of the next sweep if that changes. `swept`: the sweep finished.
    pub async fn release(
        self,
        place: &Place<'_>,
        due_at: Option<DateTime<Utc>>,
        swept: bool,
    ) -> Result<(), DbErr> {
        let mut update = Entity::update_many()
            .col_expr(Column::SweepLeaseId, Expr::value(None::<Uuid>))
            .col_expr(Column::SweepLeaseUntil, Expr::value(None::<DateTime<Utc>>));
        if let Some(due_at) = due_at {
            update = update.col_expr(Column::SweepDueAt, Expr::value(due_at));
        }
        if swept {
            update = update.col_expr(Column::SweptAt, Expr::value(Some(place.clock.now())));
        }
        update
            .filter(Column::SweepLeaseId.eq(self.0))
            .exec(place.db)
            .await
            .map(drop)
    }
}
