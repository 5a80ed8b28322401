//! Images that an older cleaner made.

use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, DbErr, EntityTrait, ExprTrait,
    PaginatorTrait, QueryFilter, QuerySelect, QueryTrait,
};
use tintype_imaging::CLEANER;

use crate::db::image::{Column, Entity, Model, State};
use crate::db::upload;

/// Images that an older cleaner made and this one has not refused, some of them. Those that are being made again are left out, and those where
/// that failed until what it has left is swept.
pub async fn outdated(db: &DatabaseConnection, most: u64) -> Result<Vec<Model>, DbErr> {
    let at_rest = upload::Entity::find()
        .filter(Expr::col((upload::Entity, upload::Column::Id)).equals((Entity, Column::Id)))
        .filter(upload::Column::DueAt.is_null());
    Entity::find()
        .filter(Expr::exists(at_rest.into_query()))
        .filter(Column::Cleaner.gt(-CLEANER))
        .filter(Column::Cleaner.lt(CLEANER))
        .filter(Column::State.ne(State::Deleting))
        .limit(most)
        .all(db)
        .await
}

/// How many there are, with those that this cleaner has refused.
pub async fn count_outdated(db: &DatabaseConnection) -> Result<u64, DbErr> {
    Entity::find()
        .filter(Column::Cleaner.lt(CLEANER))
        .filter(Column::State.ne(State::Deleting))
        .count(db)
        .await
}

/// This cleaner does not make it again.
pub async fn stays(db: &DatabaseConnection, image: &Model) -> Result<(), DbErr> {
    let update = Entity::update_many().col_expr(Column::Cleaner, Expr::value(-CLEANER));
    update
        .filter(Column::Id.eq(image.id))
        .filter(Column::Cleaner.eq(image.cleaner))
        .exec(db)
        .await
        .map(drop)
}

/// Has an image show what was made of it anew. `false`: it is about to go, or somebody was quicker.
pub async fn replace(
    db: &impl ConnectionTrait,
    before: &Model,
    renewed: Model,
) -> Result<bool, DbErr> {
    let result = Entity::update_many()
        .col_expr(Column::SizeBytes, Expr::value(renewed.size_bytes))
        .col_expr(Column::Width, Expr::value(renewed.width))
        .col_expr(Column::Height, Expr::value(renewed.height))
        .col_expr(Column::Sha256, Expr::value(renewed.sha256))
        .col_expr(Column::Removed, Expr::value(renewed.removed))
        .col_expr(Column::Placeholder, Expr::value(renewed.placeholder))
        .col_expr(Column::OriginalKey, Expr::value(renewed.original_key))
        .col_expr(Column::PreviewKey, Expr::value(renewed.preview_key))
        .col_expr(Column::ThumbKey, Expr::value(renewed.thumb_key))
        .col_expr(Column::Animated, Expr::value(renewed.animated))
        .col_expr(Column::Cleaner, Expr::value(renewed.cleaner))
        .filter(Column::Id.eq(before.id))
        .filter(Column::OriginalKey.eq(&*before.original_key))
        .filter(Column::State.ne(State::Deleting))
        .exec(db)
        .await?;
    Ok(result.rows_affected == 1)
}
