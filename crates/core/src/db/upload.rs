//! Uploads.

use sea_orm::entity::prelude::*;

use super::image::Visibility;
use super::{ImageId, MediaType, Reason, RemovedByClient, Sha256, TokenId, UserId};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "uploads")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ImageId,
    pub user_id: UserId,
    pub state: State,
    #[sea_orm(column_type = "Text")]
    pub filename: String,
    #[sea_orm(column_type = "Text")]
    pub content_type: MediaType,
    pub size_bytes: i64,
    /// The estimated time of its check, counted against the account until it has ended.
    pub estimated_ms: i64,
    #[sea_orm(column_type = "Text", nullable)]
    pub sha256: Option<Sha256>,
    #[sea_orm(column_type = "Json")]
    pub removed_by_client: RemovedByClient,
    #[sea_orm(column_type = "Text")]
    pub staging_key: String,
    /// When the presigned URL stops working.
    pub put_expires_at: DateTimeUtc,
    /// When the upload expires, unless the file has landed.
    pub expires_at: DateTimeUtc,
    /// When the worker looks at it next.
    pub due_at: Option<DateTimeUtc>,
    /// The holder of the lease on the file, and its end.
    pub lease_id: Option<Uuid>,
    pub lease_until: Option<DateTimeUtc>,
    /// How many checks were started. Each attempt writes under its own keys, so that a late one can't touch published objects.
    pub attempts: i32,
    /// How many of their leases ran out.
    pub lapses: i32,
    #[sea_orm(column_type = "Text", nullable)]
    pub problem_code: Option<Reason>,
    #[sea_orm(column_type = "Text", nullable)]
    pub problem_detail: Option<String>,
    pub created_at: DateTimeUtc,
    /// What the image is to be called, from the moment on at which it is published.
    #[sea_orm(column_type = "Text", nullable)]
    pub title: Option<String>,
    /// The same: what it shows.
    #[sea_orm(column_type = "Text", nullable)]
    pub alt: Option<String>,
    /// The same: who can see it; anyone with the link, if nothing is said.
    pub visibility: Option<Visibility>,
    /// The same: its `created_at`; the moment of publishing, if nothing is said.
    pub image_created_at: Option<DateTimeUtc>,
    /// The same: its `expires_at`. It may have passed by the time at which there is an image, which ends at once then.
    pub image_expires_at: Option<DateTimeUtc>,
    /// The API token that announced it.
    pub token_id: Option<TokenId>,
}

/// How far an upload is; see `uploads::state_machine`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum State {
    Pending,
    Processing,
    Ready,
    Rejected,
    Expired,
    Aborted,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
