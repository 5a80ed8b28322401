//! Deleting an account.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, DatabaseConnection, DbErr, EntityTrait, ExprTrait, QueryFilter, QueryTrait,
    TransactionTrait,
};
use tintype_storage::failpoint;
use uuid::Uuid;

use crate::db::UserId;
use crate::db::{album, api_token, image, upload, user};

/// Deletes an account: nobody can sign in, its links stop working at once and its name is free. The worker deletes its objects, and its row
/// last. `false`: it was deleted before, or its token version is not `version` (if given).
pub async fn delete(
    db: &DatabaseConnection,
    id: UserId,
    version: Option<i32>,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let transaction = db.begin().await?;
    let gone = || Expr::value(format!("deleted {id}"));
    // Its row first: a file that is being announced waits for it, and is refused then.
    let rows = user::Entity::update_many()
        .col_expr(user::Column::DeletedAt, Expr::value(Some(now)))
        .col_expr(user::Column::Username, gone())
        .col_expr(user::Column::Email, gone())
        .col_expr(
            user::Column::TokenVersion,
            Expr::col(user::Column::TokenVersion).add(1),
        )
        .filter(user::Column::Id.eq(id))
        .filter(user::Column::DeletedAt.is_null())
        .apply_if(version, |update, version| {
            update.filter(user::Column::TokenVersion.eq(version))
        })
        .exec(&transaction)
        .await?
        .rows_affected;
    if rows == 0 {
        transaction.rollback().await?;
        return Ok(false);
    }
    failpoint("close.marked");
    api_token::Entity::delete_many()
        .filter(api_token::Column::UserId.eq(id))
        .exec(&transaction)
        .await?;
    failpoint("close.tokens-gone");
    album::Entity::delete_many()
        .filter(album::Column::UserId.eq(id))
        .exec(&transaction)
        .await?;
    failpoint("close.albums-gone");
    // This includes uploads that are being checked: the change of state takes the lease away, and their result is not published.
    upload::Entity::update_many()
        .col_expr(upload::Column::State, Expr::value(upload::State::Aborted))
        .col_expr(upload::Column::LeaseId, Expr::value(None::<Uuid>))
        .col_expr(
            upload::Column::LeaseUntil,
            Expr::value(None::<DateTime<Utc>>),
        )
        // The worker makes their URLs useless and drops what has landed.
        .col_expr(upload::Column::DueAt, Expr::value(Some(now)))
        .filter(upload::Column::UserId.eq(id))
        .filter(upload::Column::State.is_in([upload::State::Pending, upload::State::Processing]))
        .exec(&transaction)
        .await?;
    failpoint("close.uploads-ended");
    // After the uploads: one published while this waited for its row is an image now.
    image::Entity::update_many()
        .col_expr(image::Column::State, Expr::value(image::State::Deleting))
        .col_expr(image::Column::DueAt, Expr::value(Some(now)))
        .filter(image::Column::UserId.eq(id))
        .exec(&transaction)
        .await?;
    failpoint("close.images-marked");
    transaction.commit().await?;
    failpoint("close.committed");
    Ok(true)
}
