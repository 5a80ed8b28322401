//! Images of albums.

use sea_orm::entity::prelude::*;

use super::{AlbumId, ImageId};

/// It goes with its album and with its image.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "album_images")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub album_id: AlbumId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub image_id: ImageId,
    /// Images of an album follow each other by it: with gaps, so that one that is moved changes no other's.
    pub position: i64,
    /// Whether it was chosen to stand for the album: one at most is.
    pub is_cover: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
