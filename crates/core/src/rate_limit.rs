//! Rate limits, counted in the database so that all replicas share them.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::sea_query::{Expr, OnConflict, SimpleExpr};
use sea_orm::{ColumnTrait, DatabaseConnection, DbErr, EntityTrait, ExprTrait, QueryFilter, Set};
use sha2::{Digest, Sha256};

use crate::db::rate_count::{ActiveModel, Column, Entity, Model};
use crate::services::Services;

/// The longest period of any rule: older counts are void.
const LONGEST: TimeDelta = TimeDelta::hours(1);

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    /// Failed logins to one account from one address: an attacker elsewhere never locks the owner out.
    FailedLoginsPerAccount,
    /// Failed logins from one address.
    FailedLoginsPerAddress,
    /// Registrations from one address.
    RegistrationsPerAddress,
}

impl Rule {
    /// As it is called in metrics and in the key of a count.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::FailedLoginsPerAccount => "failed_logins_per_account",
            Self::FailedLoginsPerAddress => "failed_logins_per_address",
            Self::RegistrationsPerAddress => "registrations_per_address",
        }
    }

    fn most(self, services: &Services) -> u32 {
        let rates = &services.settings.rates;
        match self {
            Self::FailedLoginsPerAccount => rates.failed_logins_per_account,
            Self::FailedLoginsPerAddress => rates.failed_logins_per_address,
            Self::RegistrationsPerAddress => rates.registrations_per_address,
        }
    }

    fn period(self) -> TimeDelta {
        match self {
            Self::FailedLoginsPerAccount | Self::FailedLoginsPerAddress => TimeDelta::minutes(15),
            Self::RegistrationsPerAddress => LONGEST,
        }
    }
}

/// Why a try is refused.
#[derive(Debug, thiserror::Error)]
pub enum LimitError {
    /// There were too many.
    #[error("there were too many tries: {seconds} s are left")]
    Limited {
        /// When to try again.
        seconds: u32,
    },
    /// They could not be counted.
    #[error("tries can't be counted")]
    Database(#[from] DbErr),
}

/// One try that was counted.
#[must_use]
pub struct Try {
    key: String,
    started_at: DateTime<Utc>,
}

/// Counts a try before it is made, so that concurrent tries count too. A refused try does not count.
pub async fn count(services: &Services, rule: Rule, whose: &str) -> Result<Try, LimitError> {
    let (key, now, most) = (
        key(rule, whose),
        services.clock.now(),
        i64::from(rule.most(services)),
    );
    let is_over: SimpleExpr = Expr::col((Entity, Column::StartedAt)).lte(now - rule.period());
    let fresh = |then: SimpleExpr, otherwise: SimpleExpr| {
        Expr::case(is_over.clone(), then).finally(otherwise)
    };
    let counted = Entity::insert(ActiveModel {
        key: Set(key.clone()),
        count: Set(1),
        started_at: Set(now),
    })
    .on_conflict(
        OnConflict::column(Column::Key)
            .value(
                Column::Count,
                fresh(
                    Expr::value(1_i64),
                    Expr::col((Entity, Column::Count)).add(1),
                ),
            )
            .value(
                Column::StartedAt,
                fresh(Expr::value(now), Expr::col((Entity, Column::StartedAt))),
            )
            .action_and_where(
                is_over
                    .clone()
                    .or(Expr::col((Entity, Column::Count)).lt(most)),
            )
            .to_owned(),
    )
    .exec_with_returning(&services.db)
    .await;
    match counted {
        Ok(row) if row.count <= most => Ok(Try {
            key: row.key,
            started_at: row.started_at,
        }),
        Ok(row) => Err(refusal(services, rule, row.started_at)),
        // The row exists and was not incremented.
        Err(DbErr::RecordNotFound(_) | DbErr::RecordNotInserted) => {
            let full = Entity::find_by_id(key).one(&services.db).await?;
            Err(refusal(
                services,
                rule,
                full.map_or(now, |row| row.started_at),
            ))
        }
        Err(error) => Err(error.into()),
    }
}

/// Refuses what [`count`] would refuse, and counts nothing.
pub async fn look(services: &Services, rule: Rule, whose: &str) -> Result<(), LimitError> {
    let is_full = |row: &Model| {
        row.count >= i64::from(rule.most(services))
            && row.started_at > services.clock.now() - rule.period()
    };
    let row = Entity::find_by_id(key(rule, whose))
        .one(&services.db)
        .await?;
    row.filter(is_full)
        .map_or(Ok(()), |row| Err(refusal(services, rule, row.started_at)))
}

/// The key of a row.
#[must_use]
pub fn key(rule: Rule, whose: &str) -> String {
    hex::encode(Sha256::digest(format!("{}\0{whose}", rule.name())))
}

fn refusal(services: &Services, rule: Rule, started_at: DateTime<Utc>) -> LimitError {
    services.metrics.rate_limited(rule.name());
    let wait = Ord::max(
        (started_at + rule.period() - services.clock.now()).num_seconds(),
        1,
    );
    LimitError::Limited {
        seconds: u32::try_from(wait).unwrap_or(u32::MAX),
    }
}

/// Uncounts a try.
pub async fn give_back(db: &DatabaseConnection, tried: Try) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Count, Expr::col(Column::Count).sub(1))
        .filter(Column::Key.eq(tried.key))
        .filter(Column::StartedAt.eq(tried.started_at))
        .exec(db)
        .await
        .map(drop)
}

/// As [`give_back`], by what was counted.
pub async fn give_back_of(db: &DatabaseConnection, rule: Rule, whose: &str) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Count, Expr::col(Column::Count).sub(1))
        .filter(Column::Key.eq(key(rule, whose)))
        .filter(Column::Count.gt(0))
        .exec(db)
        .await
        .map(drop)
}

/// Deletes counts that are void.
pub async fn forget(db: &DatabaseConnection, now: DateTime<Utc>) -> Result<(), DbErr> {
    Entity::delete_many()
        .filter(Column::StartedAt.lte(now - LONGEST))
        .exec(db)
        .await
        .map(drop)
}
