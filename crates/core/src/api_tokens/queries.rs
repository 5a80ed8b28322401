//! Rows of API tokens.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseConnection, DbErr, EntityTrait, ExprTrait,
    FromQueryResult, IntoActiveModel, JoinType, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, RelationDef, Select, TransactionTrait,
};
use tintype_dto::MAX_API_TOKENS;
use tintype_storage::failpoint;

use crate::accounts::USED;
use crate::db::api_token::{Column, Entity, Model};
use crate::db::{Scopes, Sha256, TokenId, UserId, user};

/// Keeps a new token. `false`: the account has as many as it may have, or is gone.
pub async fn insert(db: &DatabaseConnection, token: Model) -> Result<bool, DbErr> {
    let transaction = db.begin().await?;
    // The account's row first: two who make the last one wait for each other, and one that is being deleted is refused.
    let account = user::Entity::update_many()
        .col_expr(
            user::Column::TokenVersion,
            Expr::col(user::Column::TokenVersion),
        )
        .filter(user::Column::Id.eq(token.user_id))
        .filter(user::Column::DeletedAt.is_null())
        .exec(&transaction)
        .await?;
    let count = Entity::find()
        .filter(Column::UserId.eq(token.user_id))
        .count(&transaction)
        .await?;
    let has_room = account.rows_affected == 1 && count < MAX_API_TOKENS;
    if has_room {
        Entity::insert(token.into_active_model().reset_all())
            .exec_without_returning(&transaction)
            .await?;
    }
    failpoint("token.inserted");
    transaction.commit().await?;
    Ok(has_room)
}

/// The account's tokens, the newest first: those that have ended too, so that their owner sees why a program stopped.
pub async fn list(db: &DatabaseConnection, user_id: UserId) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::UserId.eq(user_id))
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .all(db)
        .await
}

/// Ends a token. `false`: the account has none with this id.
pub async fn revoke(db: &DatabaseConnection, user_id: UserId, id: TokenId) -> Result<bool, DbErr> {
    let rows = Entity::delete_many()
        .filter(Column::Id.eq(id))
        .filter(Column::UserId.eq(user_id))
        .exec(db)
        .await?;
    Ok(rows.rows_affected == 1)
}

/// A token with what its account decides.
#[derive(Clone, Debug, FromQueryResult)]
pub struct KeyHolder {
    pub id: TokenId,
    pub user_id: UserId,
    pub token_version: i32,
    pub scopes: Scopes,
    pub expires_at: Option<DateTime<Utc>>,
}

/// The token whose secret has this hash, unless its account is disabled or gone.
pub async fn find(db: &DatabaseConnection, sha256: Sha256) -> Result<Option<KeyHolder>, DbErr> {
    with_hash(sha256).into_model().one(db).await
}

/// The row behind a look-up: one query, by the index on hashes.
#[must_use]
pub fn with_hash(sha256: Sha256) -> Select<Entity> {
    let account: RelationDef = Entity::belongs_to(user::Entity)
        .from(Column::UserId)
        .to(user::Column::Id)
        .into();
    Entity::find()
        .select_only()
        .columns([
            Column::Id,
            Column::UserId,
            Column::Scopes,
            Column::ExpiresAt,
        ])
        .join(JoinType::InnerJoin, account)
        .column(user::Column::TokenVersion)
        .filter(Column::Sha256.eq(sha256))
        .filter(user::Column::DisabledAt.is_null())
        .filter(user::Column::DeletedAt.is_null())
}

/// Keeps when it was last used, to a day.
///
/// # Errors
/// When the database fails.
pub async fn was_used(
    db: &DatabaseConnection,
    id: TokenId,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let long_ago = Column::LastUsedAt.lte(now - USED);
    Entity::update_many()
        .col_expr(Column::LastUsedAt, Expr::value(Some(now)))
        .filter(Column::Id.eq(id))
        .filter(Column::LastUsedAt.is_null().or(long_ago))
        .exec(db)
        .await
        .map(drop)
}
