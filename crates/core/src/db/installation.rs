//! The row of the installation itself.

use chrono::{DateTime, SubsecRound, Utc};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{
    Condition, ConnectionTrait, DatabaseConnection, IntoActiveModel, PaginatorTrait, QuerySelect,
};

/// The key of the only row.
pub const ROW: i32 = 1;

/// The installation's id and the state of its sweeps. There is one row.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "installation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub row: i32,
    /// The id that the bucket's marker must contain.
    pub id: Uuid,
    /// When the next sweep is due.
    pub sweep_due_at: DateTimeUtc,
    /// The holder of the sweep's lease, and its end.
    pub sweep_lease_id: Option<Uuid>,
    pub sweep_lease_until: Option<DateTimeUtc>,
    /// When a sweep last finished.
    pub swept_at: Option<DateTimeUtc>,
    /// Until when no object is deleted that a row has named: a backup is copying it.
    pub kept_until: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

pub async fn find(db: &DatabaseConnection) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(ROW).one(db).await
}

/// The id alone, which every schema has.
pub async fn id(db: &DatabaseConnection) -> Result<Option<Uuid>, DbErr> {
    Entity::find_by_id(ROW)
        .select_only()
        .column(Column::Id)
        .into_tuple()
        .one(db)
        .await
}

/// Gives the installation its id, unless it has one.
pub async fn make(db: &DatabaseConnection) -> Result<(), DbErr> {
    let row = Model {
        row: ROW,
        id: Uuid::now_v7(),
        sweep_due_at: Utc::now().trunc_subsecs(6),
        sweep_lease_id: None,
        sweep_lease_until: None,
        swept_at: None,
        kept_until: None,
    };
    let insert = Entity::insert(row.into_active_model().reset_all())
        .on_conflict_do_nothing_on([Column::Row]);
    insert.exec_without_returning(db).await.map(drop)
}

/// Gives the installation this id.
pub async fn name(db: &DatabaseConnection, id: Uuid) -> Result<(), DbErr> {
    make(db).await?;
    let update = Entity::update_many().col_expr(Column::Id, Expr::value(id));
    update.filter(Column::Row.eq(ROW)).exec(db).await.map(drop)
}

/// Whose the installation is until a restore of this backup ends: its sweeps are nobody else's.
pub async fn hold(db: &impl ConnectionTrait, backup: Option<Uuid>) -> Result<(), DbErr> {
    let update = Entity::update_many().col_expr(Column::SweepLeaseId, Expr::value(backup));
    update.filter(Column::Row.eq(ROW)).exec(db).await.map(drop)
}

/// Whether its rows are those of a restore of this backup that has not ended.
pub async fn is_held_by(db: &DatabaseConnection, backup: Uuid) -> Result<bool, DbErr> {
    let row = Entity::find_by_id(ROW).filter(Column::SweepLeaseId.eq(backup));
    Ok(row.count(db).await? > 0)
}

/// Takes the id away.
pub async fn forget(db: &DatabaseConnection) -> Result<(), DbErr> {
    Entity::delete_by_id(ROW).exec(db).await.map(drop)
}

/// Keeps every object that a row names from now on, until then or longer.
pub async fn keep_until(db: &DatabaseConnection, until: DateTime<Utc>) -> Result<(), DbErr> {
    let is_sooner = Condition::any()
        .add(Column::KeptUntil.is_null())
        .add(Column::KeptUntil.lt(until));
    Entity::update_many()
        .col_expr(Column::KeptUntil, Expr::value(Some(until)))
        .filter(is_sooner)
        .exec(db)
        .await
        .map(drop)
}

/// Until when objects are kept that a row has named, if they are. Whoever deletes one asks after the row has ceased to name it: then a
/// backup either reads the row after that, or is seen here.
pub async fn kept_until(
    db: &DatabaseConnection,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, DbErr> {
    let kept_until = find(db).await?.and_then(|row| row.kept_until);
    Ok(kept_until.filter(|until| *until > now))
}
