//! A change to an album's title, description, cover, visibility and end.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, DatabaseConnection, DatabaseTransaction, DbErr, EntityTrait, ExprTrait,
    QueryFilter, QueryTrait, TransactionTrait, UpdateMany,
};
use tintype_dto::{FieldError, UpdateAlbum, check_description, check_title};

use crate::Failure;
use crate::db::album::{Column, Entity};
use crate::db::image::Visibility;
use crate::db::{AlbumId, ImageId, UserId, album_image};
use crate::fields;
use crate::images::visibility;

/// A valid change to an album. `None` leaves a field as it is.
#[expect(
    clippy::option_option,
    reason = "left alone, taken away and set are three things"
)]
pub struct Change {
    title: Option<Option<String>>,
    description: Option<Option<String>>,
    cover: Option<Option<ImageId>>,
    visibility: Option<Visibility>,
    expires_at: Option<Option<DateTime<Utc>>>,
}

/// Why an album was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// The account has none with this id.
    #[error("there is no such album")]
    NotFound,
    /// Somebody has changed it since it was read.
    #[error("the album has been changed meanwhile")]
    Changed,
    /// The cover is no image of the album.
    #[error("the cover is no image of the album")]
    NotInIt,
    /// It could not be done.
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl From<DbErr> for ChangeError {
    fn from(error: DbErr) -> Self {
        Self::Failure(error.into())
    }
}

impl Change {
    /// Checks every field at this time.
    ///
    /// # Errors
    /// All broken rules at once.
    pub fn check(request: &UpdateAlbum, now: DateTime<Utc>) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        let (title, description) = (request.title.as_ref(), request.description.as_ref());
        let change = Self {
            title: fields::text(&mut errors, "title", title, check_title),
            description: fields::text(&mut errors, "description", description, check_description),
            cover: request.cover.map(|cover| cover.map(ImageId)),
            visibility: request.visibility.map(visibility::stored),
            expires_at: fields::end(&mut errors, request.expires_at, now),
        };
        if errors.is_empty() {
            Ok(change)
        } else {
            Err(errors)
        }
    }

    /// Changes an album of this account, if it has still this version (where one is given).
    ///
    /// # Errors
    /// See [`ChangeError`].
    pub async fn make(
        &self,
        db: &DatabaseConnection,
        (user_id, id): (UserId, AlbumId),
        version: Option<i64>,
    ) -> Result<(), ChangeError> {
        let transaction = db.begin().await?;
        let update = self.apply_to(next_version(user_id, id));
        let update = update.apply_if(version, |update, version| {
            update.filter(Column::Version.eq(version))
        });
        if update.exec(&transaction).await?.rows_affected == 0 {
            transaction.rollback().await?;
            return Err(match version {
                Some(_) => ChangeError::Changed,
                None => ChangeError::NotFound,
            });
        }
        if let Some(cover) = self.cover
            && !choose(&transaction, id, cover).await?
        {
            transaction.rollback().await?;
            return Err(ChangeError::NotInIt);
        }
        transaction.commit().await?;
        Ok(())
    }

    fn apply_to(&self, mut update: UpdateMany<Entity>) -> UpdateMany<Entity> {
        if let Some(title) = &self.title {
            update = update.col_expr(Column::Title, Expr::value(title.as_deref()));
        }
        if let Some(description) = &self.description {
            update = update.col_expr(Column::Description, Expr::value(description.as_deref()));
        }
        if let Some(visibility) = self.visibility {
            update = update.col_expr(Column::Visibility, Expr::value(visibility));
        }
        if let Some(expires_at) = self.expires_at {
            update = update.col_expr(Column::ExpiresAt, Expr::value(expires_at));
        }
        update
    }
}

/// What every change of an album begins with. Two of one album wait for each other here, before either has locked an image; on SQLite the
/// transaction writes first, so that it waits for its turn.
pub(super) fn next_version(user_id: UserId, id: AlbumId) -> UpdateMany<Entity> {
    Entity::update_many()
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(Column::Id.eq(id))
        .filter(Column::UserId.eq(user_id))
}

/// Has this image stand for the album, and no other. `false`: it is not in it.
async fn choose(
    transaction: &DatabaseTransaction,
    id: AlbumId,
    cover: Option<ImageId>,
) -> Result<bool, DbErr> {
    use album_image::Column;
    let marked = |is_cover: bool| {
        album_image::Entity::update_many()
            .col_expr(Column::IsCover, Expr::value(is_cover))
            .filter(Column::AlbumId.eq(id))
    };
    marked(false)
        .filter(Expr::cust("is_cover"))
        .exec(transaction)
        .await?;
    let Some(cover) = cover else {
        return Ok(true);
    };
    let chosen = marked(true).filter(Column::ImageId.eq(cover));
    Ok(chosen.exec(transaction).await?.rows_affected == 1)
}
