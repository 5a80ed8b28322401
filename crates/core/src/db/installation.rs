//! The row of the installation itself.

use chrono::{SubsecRound, Utc};
use sea_orm::entity::prelude::*;
use sea_orm::{DatabaseConnection, IntoActiveModel};

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
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

pub async fn find(db: &DatabaseConnection) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(ROW).one(db).await
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
    };
    let insert = Entity::insert(row.into_active_model().reset_all())
        .on_conflict_do_nothing_on([Column::Row]);
    insert.exec_without_returning(db).await.map(drop)
}
