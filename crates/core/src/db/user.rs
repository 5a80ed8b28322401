//! Accounts.

use sea_orm::entity::prelude::*;

use super::UserId;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: UserId,
    #[sea_orm(column_type = "Text")]
    pub username: String,
    #[sea_orm(column_type = "Text")]
    pub email: String,
    #[sea_orm(column_type = "Text")]
    pub password_hash: String,
    pub token_version: i32,
    pub created_at: DateTimeUtc,
    /// Bytes of its images, including deleted ones that can be restored, and bytes reserved for open uploads.
    pub used_bytes: i64,
    /// How many of its uploads have not ended.
    pub unfinished_uploads: i64,
    /// The estimated time of their checks, in total.
    pub unfinished_ms: i64,
    /// When it was disabled: nobody may sign in.
    pub disabled_at: Option<DateTimeUtc>,
    /// When it was deleted: it stays until its objects are gone.
    pub deleted_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
