//! Requests that their senders may repeat.

use sea_orm::entity::prelude::*;

use super::{ImageIds, Sha256, UserId};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_keys")]
pub struct Model {
    /// A hash of the sender's key, and of who sent it and where.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub key: String,
    pub user_id: UserId,
    /// Of what was sent.
    #[sea_orm(column_type = "Text")]
    pub fingerprint: Sha256,
    /// Whether it was answered: from then on nothing of it is done again.
    pub answered: bool,
    /// The ids that its uploads have, or will have; once it was answered, those of the images that were there already.
    #[sea_orm(column_type = "Json")]
    pub uploads: ImageIds,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
