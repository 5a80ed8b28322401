//! A new album.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel,
    PaginatorTrait, QueryFilter, TransactionTrait,
};
use tintype_dto::{
    CreateAlbum, FieldError, MAX_ALBUMS, check_description, check_new_album_images, check_title,
};
use tintype_storage::failpoint;

use super::contents::{Contents, ContentsError, Members};
use crate::Failure;
use crate::db::album::{Column, Entity, Model};
use crate::db::image::Visibility;
use crate::db::{AlbumId, ImageId, Slug, UserId, user};
use crate::fields;
use crate::images::visibility;
use crate::services::Services;

/// Why no album was made.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// Some fields break their rules.
    #[error("some fields break their rules")]
    Invalid(Vec<FieldError>),
    /// The account has as many as it may have, or is gone.
    #[error("the account has too many albums")]
    TooMany,
    /// Its images could not be put into it.
    #[error(transparent)]
    Contents(#[from] ContentsError),
    /// It could not be done.
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl From<DbErr> for CreateError {
    fn from(error: DbErr) -> Self {
        Self::Failure(error.into())
    }
}

/// Makes an album of this account, with those of the images in it that are the account's own, and says which those are.
///
/// # Errors
/// See [`CreateError`].
pub async fn create(
    services: &Services,
    user_id: UserId,
    request: &CreateAlbum,
) -> Result<(AlbumId, Members), CreateError> {
    let (id, created_at) = (AlbumId::generate(), services.clock.now());
    let members = create_as(services, (user_id, id), created_at, request).await?;
    Ok((id, members))
}

/// As [`create`], under this id and of this time.
///
/// # Errors
/// See [`CreateError`].
pub async fn create_as(
    services: &Services,
    (user_id, id): (UserId, AlbumId),
    created_at: DateTime<Utc>,
    request: &CreateAlbum,
) -> Result<Members, CreateError> {
    let now = services.clock.now();
    let said = check(request, now).map_err(CreateError::Invalid)?;
    let visibility = request.visibility.map(visibility::stored);
    let album = Model {
        id,
        user_id,
        slug: Slug::random(),
        title: said.title,
        description: said.description,
        visibility: visibility.unwrap_or(Visibility::Unlisted),
        version: 0,
        created_at: created_at.min(now),
        expires_at: said.expires_at,
    };
    let ids: Vec<_> = request.images.iter().copied().map(ImageId).collect();
    let transaction = services.db.begin().await?;
    if !insert(&transaction, album).await? {
        transaction.rollback().await?;
        return Err(CreateError::TooMany);
    }
    failpoint("album.inserted");
    let contents = Contents {
        user_id,
        id,
        ids: &ids,
    };
    let members = contents.put(&transaction).await?;
    transaction.commit().await?;
    Ok(members)
}

/// What is said of a new album, as it is kept.
struct Said {
    title: Option<String>,
    description: Option<String>,
    expires_at: Option<DateTime<Utc>>,
}

fn check(request: &CreateAlbum, now: DateTime<Utc>) -> Result<Said, Vec<FieldError>> {
    let mut errors = Vec::new();
    let (title, description) = (Some(&request.title), Some(&request.description));
    let title = fields::text(&mut errors, "title", title, check_title);
    let description = fields::text(&mut errors, "description", description, check_description);
    let expires_at = fields::end(&mut errors, Some(request.expires_at), now);
    if let Err(message) = check_new_album_images(request.images.len()) {
        errors.push(FieldError {
            field: "images".into(),
            message: message.into(),
        });
    }
    if errors.is_empty() {
        Ok(Said {
            title: title.flatten(),
            description: description.flatten(),
            expires_at: expires_at.flatten(),
        })
    } else {
        Err(errors)
    }
}

/// `false`: the account has as many as it may have, or is gone.
async fn insert(transaction: &DatabaseTransaction, album: Model) -> Result<bool, DbErr> {
    // The account's row first: two who make the last one wait for each other, and one that is being deleted is refused.
    let account = user::Entity::update_many()
        .col_expr(
            user::Column::TokenVersion,
            Expr::col(user::Column::TokenVersion),
        )
        .filter(user::Column::Id.eq(album.user_id))
        .filter(user::Column::DeletedAt.is_null())
        .exec(transaction)
        .await?;
    let count = Entity::find()
        .filter(Column::UserId.eq(album.user_id))
        .count(transaction)
        .await?;
    let has_room = account.rows_affected == 1 && count < MAX_ALBUMS;
    if has_room {
        Entity::insert(album.into_active_model().reset_all())
            .exec_without_returning(transaction)
            .await?;
    }
    Ok(has_room)
}
