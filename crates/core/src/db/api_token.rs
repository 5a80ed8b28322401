//! API tokens.

use sea_orm::entity::prelude::*;

use super::{Scopes, Sha256, TokenId, UserId};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_tokens")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TokenId,
    pub user_id: UserId,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// Of the secret, which is kept nowhere.
    #[sea_orm(column_type = "Text")]
    pub sha256: Sha256,
    #[sea_orm(column_type = "Text")]
    pub scopes: Scopes,
    pub created_at: DateTimeUtc,
    /// When it stops working.
    pub expires_at: Option<DateTimeUtc>,
    /// To a day.
    pub last_used_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
