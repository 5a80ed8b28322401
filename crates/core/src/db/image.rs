//! Images.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use super::{ImageId, MediaType, Receipt, Sha256, Slug, TokenId, UserId};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "images")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ImageId,
    pub user_id: UserId,
    #[sea_orm(column_type = "Text")]
    pub slug: Slug,
    pub state: State,
    #[sea_orm(column_type = "Text", nullable)]
    pub title: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub alt: Option<String>,
    /// The title, the description and the file's name as `tintype_dto::folded` makes them: they are compared in that form.
    #[sea_orm(column_type = "Text", nullable)]
    pub search_title: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub search_alt: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub search_filename: String,
    #[sea_orm(column_type = "Text")]
    pub filename: String,
    #[sea_orm(column_type = "Text")]
    pub content_type: MediaType,
    pub size_bytes: i64,
    pub width: i32,
    pub height: i32,
    /// Of the published bytes, hex.
    #[sea_orm(column_type = "Text")]
    pub sha256: Sha256,
    /// Of the bytes received, hex.
    #[sea_orm(column_type = "Text")]
    pub source_sha256: Sha256,
    pub visibility: Visibility,
    #[sea_orm(column_type = "Json")]
    pub removed: Receipt,
    /// A `ThumbHash`, base64.
    #[sea_orm(column_type = "Text", nullable)]
    pub placeholder: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub original_key: String,
    /// Images that were published before there were previews have none.
    #[sea_orm(column_type = "Text", nullable)]
    pub preview_key: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub thumb_key: Option<String>,
    /// Whether it moves.
    pub animated: bool,
    /// Which cleaner made what is published. Below zero: the one with this number refused to make it again.
    pub cleaner: i32,
    pub created_at: DateTimeUtc,
    /// When it ends by itself. It is kept in the trash, too.
    pub expires_at: Option<DateTimeUtc>,
    /// When the worker has to look at it next: `expires_at` of a ready image, `purge_at` of a trashed one.
    pub due_at: Option<DateTimeUtc>,
    /// The API token that uploaded it.
    pub token_id: Option<TokenId>,
    /// Counts what is changed of what its manifest says. The database does it.
    pub revision: i32,
    /// Its manifest in the bucket. Images that an older program published have none until the worker comes by.
    #[sea_orm(column_type = "Text", nullable)]
    pub manifest_key: Option<String>,
    /// When the worker has to write its manifest anew. The database sets it with every change.
    pub manifest_due_at: Option<DateTimeUtc>,
}

/// `Ready` is published until its `expires_at`; `Trashed` can be restored until `due_at`; `Deleting` waits for its objects to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Deserialize, Serialize)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum State {
    Ready,
    Trashed,
    Deleting,
}

/// Who can see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Deserialize, Serialize)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    Unlisted,
    Private,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
