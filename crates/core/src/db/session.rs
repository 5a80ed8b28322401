//! Sessions.

use sea_orm::entity::prelude::*;

use super::{SessionId, UserId};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SessionId,
    pub user_id: UserId,
    /// The account's `token_version` when it began.
    pub version: i32,
    /// What it was begun with, as a person would call it.
    #[sea_orm(column_type = "Text")]
    pub device: String,
    pub created_at: DateTimeUtc,
    /// To a day.
    pub last_used_at: DateTimeUtc,
    /// When its token ends.
    pub expires_at: DateTimeUtc,
    /// When it was logged out. The row stays until its token has ended: a session without a row works.
    pub ended_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
