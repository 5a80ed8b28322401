//! How often one may try, counted in the database, so that all replicas count together.

use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::sea_query::{Expr, OnConflict, SimpleExpr};
use sea_orm::{ColumnTrait, DatabaseConnection, DbErr, EntityTrait, ExprTrait, QueryFilter, Set};
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::connections::Peer;
use crate::db::rate_count::{ActiveModel, Column, Entity, Model};
use crate::problems::ApiError;

/// The longest period of any rule: what began longer ago counts no more.
const LONGEST: TimeDelta = TimeDelta::hours(1);

/// What is counted.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// Failed logins to one account from one address: an attacker elsewhere never locks the owner out.
    FailedLoginsPerAccount,
    /// Failed logins from one address.
    FailedLoginsPerAddress,
    /// Registrations from one address.
    RegistrationsPerAddress,
}

impl Rule {
    fn name(self) -> &'static str {
        match self {
            Self::FailedLoginsPerAccount => "failed_logins_per_account",
            Self::FailedLoginsPerAddress => "failed_logins_per_address",
            Self::RegistrationsPerAddress => "registrations_per_address",
        }
    }

    fn most(self, app: &App) -> u32 {
        let rates = &app.config.rates;
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

/// One try that was counted.
#[must_use]
pub struct Try {
    key: String,
    started_at: DateTime<Utc>,
}

/// Counts a try before it is made, so that tries at the same time count too. Too many: 429, and it does not count.
pub async fn count(app: &App, rule: Rule, whose: &str) -> Result<Try, ApiError> {
    let (key, now, most) = (key(rule, whose), app.clock.now(), i64::from(rule.most(app)));
    let is_over: SimpleExpr = Expr::col((Entity, Column::StartedAt)).lte(now - rule.period());
    let fresh = |then: SimpleExpr, otherwise: SimpleExpr| Expr::case(is_over.clone(), then).finally(otherwise);
    let counted = Entity::insert(ActiveModel { key: Set(key.clone()), count: Set(1), started_at: Set(now) })
        .on_conflict(
            OnConflict::column(Column::Key)
                .value(Column::Count, fresh(Expr::value(1_i64), Expr::col((Entity, Column::Count)).add(1)))
                .value(Column::StartedAt, fresh(Expr::value(now), Expr::col((Entity, Column::StartedAt))))
                .action_and_where(is_over.clone().or(Expr::col((Entity, Column::Count)).lt(most)))
                .to_owned(),
        )
        .exec_with_returning(&app.db)
        .await;
    match counted {
        Ok(row) if row.count <= most => Ok(Try { key: row.key, started_at: row.started_at }),
        Ok(row) => Err(refusal(app, rule, row.started_at)),
        // It is there, and was not raised.
        Err(DbErr::RecordNotFound(_) | DbErr::RecordNotInserted) => {
            let full = Entity::find_by_id(key).one(&app.db).await?;
            Err(refusal(app, rule, full.map_or(now, |row| row.started_at)))
        }
        Err(error) => Err(error.into()),
    }
}

/// Refuses what [`count`] would refuse, and counts nothing.
pub async fn look(app: &App, rule: Rule, whose: &str) -> Result<(), ApiError> {
    let is_full = |row: &Model| row.count >= i64::from(rule.most(app)) && row.started_at > app.clock.now() - rule.period();
    let row = Entity::find_by_id(key(rule, whose)).one(&app.db).await?;
    row.filter(is_full).map_or(Ok(()), |row| Err(refusal(app, rule, row.started_at)))
}

/// What a row is called, for whoever counts by it.
pub(crate) fn key(rule: Rule, whose: &str) -> String {
    hex::encode(Sha256::digest(format!("{}\0{whose}", rule.name())))
}

fn refusal(app: &App, rule: Rule, started_at: DateTime<Utc>) -> ApiError {
    app.metrics.rate_limited(rule.name());
    let wait = Ord::max((started_at + rule.period() - app.clock.now()).num_seconds(), 1);
    ApiError::rate_limited(u32::try_from(wait).unwrap_or(u32::MAX))
}

/// A try that is not to count after all.
pub async fn give_back(db: &DatabaseConnection, tried: Try) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Count, Expr::col(Column::Count).sub(1))
        .filter(Column::Key.eq(tried.key))
        .filter(Column::StartedAt.eq(tried.started_at))
        .exec(db)
        .await
        .map(drop)
}

/// As [`give_back`], for who knows only what was counted.
pub(crate) async fn give_back_of(db: &DatabaseConnection, rule: Rule, whose: &str) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Count, Expr::col(Column::Count).sub(1))
        .filter(Column::Key.eq(key(rule, whose)))
        .filter(Column::Count.gt(0))
        .exec(db)
        .await
        .map(drop)
}

/// Forgets what counts no more.
pub async fn forget(db: &DatabaseConnection, now: DateTime<Utc>) -> Result<(), DbErr> {
    Entity::delete_many().filter(Column::StartedAt.lte(now - LONGEST)).exec(db).await.map(drop)
}

/// Whose requests are counted together: an IPv4 address, or the /64 network of an IPv6 address.
pub struct Caller(pub String);

impl FromRequestParts<App> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let Peer(peer) = parts.extensions.get().copied().ok_or_else(|| ApiError::internal("a request without a peer"))?;
        let proxies = &app.config.server.trusted_proxies;
        let mut address = peer.ip().to_canonical();
        let forwarded = parts.headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
        let hops: Vec<&str> = forwarded.flat_map(|value| value.split(',')).map(str::trim).collect();
        // From the nearest hop outward, as far as those who say so are believed.
        for hop in hops.iter().rev() {
            match hop.parse::<IpAddr>() {
                Ok(before) if proxies.contain(address) => address = before.to_canonical(),
                _ => break,
            }
        }
        Ok(Self(network(address)))
    }
}

/// An IPv4 address, or the /64 network of an IPv6 address.
#[must_use]
pub fn network(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}
