//! Albums.

use sea_orm::entity::prelude::*;

use super::image::Visibility;
use super::{AlbumId, Slug, UserId};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "albums")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AlbumId,
    pub user_id: UserId,
    #[sea_orm(column_type = "Text")]
    pub slug: Slug,
    #[sea_orm(column_type = "Text", nullable)]
    pub title: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub description: Option<String>,
    pub visibility: Visibility,
    /// How often it and its images' places have been changed.
    pub version: i64,
    pub created_at: DateTimeUtc,
    /// From then on its owner alone sees it.
    pub expires_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
