//! The operator's commands, which change the database only; the worker removes the objects.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseConnection, DbErr, EntityTrait, ExprTrait, QueryFilter};

use tintype_dto::RuleError;

use crate::Failure;
use crate::accounts::{self, NewAccount, RegisterError};
use crate::db::{image, user};
use crate::passwords::Passwords;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// There is no such account.
    #[error("there is no account {0}")]
    NoAccount(String),
    /// There is no such image.
    #[error("there is no image with the slug {0}")]
    NoImage(String),
    /// A rule is against it, or a name is taken.
    #[error(transparent)]
    Register(#[from] RegisterError),
    /// The password breaks a rule.
    #[error("password: {0}")]
    Password(RuleError),
    /// It could not be hashed.
    #[error(transparent)]
    Failure(#[from] Failure),
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] DbErr),
}

/// Opens an account.
///
/// # Errors
/// A rule is broken, or the name or address is taken.
pub async fn add_user(
    db: &DatabaseConnection,
    passwords: &Passwords,
    account: NewAccount<'_>,
    now: DateTime<Utc>,
) -> Result<(), OperatorError> {
    account.open(db, passwords, now).await?;
    Ok(())
}

/// Sets a new password and ends every session.
///
/// # Errors
/// There is no such account, or the password breaks a rule.
pub async fn reset_password(
    db: &DatabaseConnection,
    passwords: &Passwords,
    name: &str,
    password: &str,
) -> Result<(), OperatorError> {
    tintype_dto::check_password(password).map_err(OperatorError::Password)?;
    let hash = passwords.hash(password).await?;
    let update = user::Entity::update_many()
        .col_expr(user::Column::PasswordHash, Expr::value(hash))
        .col_expr(
            user::Column::TokenVersion,
            Expr::col(user::Column::TokenVersion).add(1),
        );
    change(db, name, update).await
}

/// Ends every session of an account and lets nobody sign in to it; its images stay.
///
/// # Errors
/// There is no such account.
pub async fn disable_user(
    db: &DatabaseConnection,
    name: &str,
    now: DateTime<Utc>,
) -> Result<(), OperatorError> {
    let update = user::Entity::update_many()
        .col_expr(user::Column::DisabledAt, Expr::value(Some(now)))
        .col_expr(
            user::Column::TokenVersion,
            Expr::col(user::Column::TokenVersion).add(1),
        );
    change(db, name, update).await
}

/// Lets an account be used again.
///
/// # Errors
/// There is no such account.
pub async fn enable_user(db: &DatabaseConnection, name: &str) -> Result<(), OperatorError> {
    change(
        db,
        name,
        user::Entity::update_many()
            .col_expr(user::Column::DisabledAt, Expr::value(None::<DateTime<Utc>>)),
    )
    .await
}

async fn change(
    db: &DatabaseConnection,
    name: &str,
    update: sea_orm::UpdateMany<user::Entity>,
) -> Result<(), OperatorError> {
    let account = user::Column::Username
        .eq(name)
        .and(user::Column::DeletedAt.is_null());
    let rows = update.filter(account).exec(db).await?.rows_affected;
    if rows == 1 {
        Ok(())
    } else {
        Err(OperatorError::NoAccount(name.into()))
    }
}

/// Deletes an account: nobody can sign in, its links stop working at once and its name is free. Its objects go with the worker's next
/// rounds, its row last of all.
///
/// # Errors
/// There is no such account.
pub async fn delete_user(
    db: &DatabaseConnection,
    name: &str,
    now: DateTime<Utc>,
) -> Result<(), OperatorError> {
    let none = || OperatorError::NoAccount(name.into());
    let account = user::Entity::find()
        .filter(user::Column::Username.eq(name))
        .filter(user::Column::DeletedAt.is_null())
        .one(db)
        .await?;
    let id = account.ok_or_else(none)?.id;
    if accounts::delete(db, id, None, now).await? {
        Ok(())
    } else {
        Err(none())
    }
}

/// Deletes an image for good, whoever owns it.
///
/// # Errors
/// There is no such image.
pub async fn remove_image(
    db: &DatabaseConnection,
    slug: &str,
    now: DateTime<Utc>,
) -> Result<(), OperatorError> {
    let rows = image::Entity::update_many()
        .col_expr(image::Column::State, Expr::value(image::State::Deleting))
        .col_expr(image::Column::DueAt, Expr::value(Some(now)))
        .filter(image::Column::Slug.eq(slug))
        .exec(db)
        .await?
        .rows_affected;
    if rows == 1 {
        Ok(())
    } else {
        Err(OperatorError::NoImage(slug.into()))
    }
}
