use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseConnection, DbErr, EntityTrait, ExprTrait, FromQueryResult, QueryFilter, QuerySelect, Set, SqlErr};
use tintype_dto::{ProblemCode, Usage};
use uuid::Uuid;

use crate::db::{image, user};
use crate::problems::ApiError;

pub async fn insert(db: &DatabaseConnection, user: &user::Model) -> Result<(), ApiError> {
    let row = user::ActiveModel {
        id: Set(user.id),
        username: Set(user.username.clone()),
        email: Set(user.email.clone()),
        password_hash: Set(user.password_hash.clone()),
        token_version: Set(user.token_version),
        created_at: Set(user.created_at),
    };
    user::Entity::insert(row).exec_without_returning(db).await.map(drop).map_err(|e| taken(&e).unwrap_or_else(|| e.into()))
}

/// Which unique value was taken: PostgreSQL names the index, SQLite the column.
fn taken(error: &DbErr) -> Option<ApiError> {
    let Some(SqlErr::UniqueConstraintViolation(text)) = error.sql_err() else { return None };
    if text.contains("username") {
        return Some(ApiError::new(ProblemCode::UsernameTaken, "Someone has this username. Choose another."));
    }
    let email = "There is an account with this e-mail address. Sign in instead.";
    text.contains("email").then(|| ApiError::new(ProblemCode::EmailTaken, email))
}

/// Finds an account by username or canonical e-mail address: the first has no `@`.
pub async fn find_by_login(db: &DatabaseConnection, login: &str) -> Result<Option<user::Model>, DbErr> {
    let column = if login.contains('@') { user::Column::Email } else { user::Column::Username };
    user::Entity::find().filter(column.eq(login)).one(db).await
}

#[derive(FromQueryResult)]
struct Sums {
    images: i64,
    bytes: Option<i64>,
}

pub async fn usage(db: &DatabaseConnection, user_id: Uuid) -> Result<Usage, DbErr> {
    let sums = image::Entity::find()
        .select_only()
        .column_as(image::Column::Id.count(), "images")
        .column_as(Expr::col(image::Column::SizeBytes).sum().cast_as("bigint"), "bytes")
        .filter(image::Column::UserId.eq(user_id))
        .filter(image::Column::State.eq(image::State::Ready))
        .into_model::<Sums>()
        .one(db)
        .await?;
    let (images, bytes) = sums.map_or((0, 0), |s| (s.images, s.bytes.unwrap_or(0)));
    Ok(Usage { images: images.cast_unsigned(), bytes: bytes.cast_unsigned(), quota_bytes: None })
}
