//! The operator's commands, which change the database; the worker removes the objects.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseConnection, DbErr, EntityTrait, ExprTrait, QueryFilter};

use tintype_dto::RuleError;

use crate::Failure;
use crate::accounts::{self, NewAccount, RegisterError, queries};
use crate::clock::Clock;
use crate::db::{image, user};
use crate::manifests::marks::Mark;
use crate::objects::Objects;
use crate::passwords::Passwords;
use crate::rebuild;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// There is no such account.
    #[error("there is no account {0}")]
    NoAccount(String),
    /// There is none that a rebuild brought back.
    #[error(
        "there is no account {0} that waits for an address: `tintype user reset-password` is for the others"
    )]
    NotRebuilt(String),
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

/// Opens an account that a rebuild brought back: its address and its password are in no bucket.
///
/// # Errors
/// There is no such account, it has an address, or a rule is broken.
pub async fn reopen_user(
    db: &DatabaseConnection,
    passwords: &Passwords,
    account: NewAccount<'_>,
) -> Result<(), OperatorError> {
    let (username, email) = account.check()?;
    let hash = passwords.hash(account.password).await?;
    let update = user::Entity::update_many()
        .col_expr(user::Column::Email, Expr::value(email))
        .col_expr(user::Column::PasswordHash, Expr::value(hash))
        .col_expr(user::Column::DisabledAt, Expr::value(None::<DateTime<Utc>>))
        .col_expr(
            user::Column::TokenVersion,
            Expr::col(user::Column::TokenVersion).add(1),
        )
        .filter(user::Column::Username.eq(&username))
        .filter(user::Column::Email.ends_with(rebuild::NO_ADDRESS));
    let changed = update.exec(db).await;
    let changed = changed.map_err(|error| match queries::taken(&error) {
        Some(taken) => taken.into(),
        None => OperatorError::Database(error),
    });
    if changed?.rows_affected == 1 {
        Ok(())
    } else {
        Err(OperatorError::NotRebuilt(username))
    }
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

/// Where what goes for good is marked first, so that a bucket alone does not bring it back.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// The database.
    pub db: &'a DatabaseConnection,
    /// The bucket.
    pub store: &'a Objects,
    /// The time.
    pub clock: &'a Clock,
}

/// Deletes an account: nobody can sign in, its links stop working at once and its name is free. Its objects go with the worker's next
/// rounds, its row last of all.
///
/// # Errors
/// There is no such account, or the store does not answer.
pub async fn delete_user(place: Place<'_>, name: &str) -> Result<(), OperatorError> {
    let Place { db, store, clock } = place;
    let none = || OperatorError::NoAccount(name.into());
    let account = user::Entity::find()
        .filter(user::Column::Username.eq(name))
        .filter(user::Column::DeletedAt.is_null())
        .one(db)
        .await?;
    let id = account.ok_or_else(none)?.id;
    let deleted =
        async { Ok::<_, OperatorError>(accounts::delete(db, id, None, clock.now()).await?) };
    if Mark::of_all(id).before(store, clock, deleted).await? {
        Ok(())
    } else {
        Err(none())
    }
}

/// Deletes an image for good, whoever owns it.
///
/// # Errors
/// There is no such image, or the store does not answer.
pub async fn remove_image(place: Place<'_>, slug: &str) -> Result<(), OperatorError> {
    let Place { db, store, clock } = place;
    let found = image::Entity::find().filter(image::Column::Slug.eq(slug));
    let none = || OperatorError::NoImage(slug.into());
    let image = found.one(db).await?.ok_or_else(none)?;
    let removed = async {
        let update = image::Entity::update_many()
            .col_expr(image::Column::State, Expr::value(image::State::Deleting))
            .col_expr(image::Column::DueAt, Expr::value(Some(clock.now())))
            .filter(image::Column::Id.eq(image.id));
        Ok::<_, OperatorError>(update.exec(db).await?.rows_affected == 1)
    };
    let mark = Mark {
        for_good: true,
        ..Mark::of(image.user_id, &[image.id])
    };
    if mark.before(store, clock, removed).await? {
        Ok(())
    } else {
        Err(none())
    }
}
