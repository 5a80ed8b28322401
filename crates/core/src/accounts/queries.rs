//! Rows of accounts, and what accounts hold.

use sea_orm::sea_query::{Expr, Order, Query, SelectStatement, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, DbErr, EntityTrait, ExprTrait,
    PaginatorTrait, QueryFilter, QuerySelect, QueryTrait, Set, SqlErr, UpdateMany,
};
use tintype_dto::Usage;

use super::RegisterError;
use crate::Failure;
use crate::db::UserId;
use crate::db::{image, upload, user};
use crate::images::ends::lasts;
use crate::services::Services;
use crate::settings::ImageLimits;

pub async fn insert(db: &DatabaseConnection, user: &user::Model) -> Result<(), RegisterError> {
    let row = user::ActiveModel {
        id: Set(user.id),
        username: Set(user.username.clone()),
        email: Set(user.email.clone()),
        password_hash: Set(user.password_hash.clone()),
        token_version: Set(user.token_version),
        created_at: Set(user.created_at),
        used_bytes: Set(user.used_bytes),
        unfinished_uploads: Set(user.unfinished_uploads),
        unfinished_ms: Set(user.unfinished_ms),
        disabled_at: Set(user.disabled_at),
        deleted_at: Set(user.deleted_at),
    };
    user::Entity::insert(row)
        .exec_without_returning(db)
        .await
        .map(drop)
        .map_err(|e| taken(&e).unwrap_or_else(|| Failure::from(e).into()))
}

/// Which unique value was taken: PostgreSQL names the index, SQLite the column.
#[must_use]
pub fn taken(error: &DbErr) -> Option<RegisterError> {
    let Some(SqlErr::UniqueConstraintViolation(text)) = error.sql_err() else {
        return None;
    };
    if text.contains("username") {
        return Some(RegisterError::UsernameTaken);
    }
    text.contains("email").then_some(RegisterError::EmailTaken)
}

/// Finds an account by username or canonical e-mail address: the first has no `@`. What a deleted one is called is no name.
pub async fn find_by_login(
    db: &DatabaseConnection,
    login: &str,
) -> Result<Option<user::Model>, DbErr> {
    let column = if login.contains('@') {
        user::Column::Email
    } else {
        user::Column::Username
    };
    user::Entity::find()
        .filter(column.eq(login))
        .filter(user::Column::DeletedAt.is_null())
        .one(db)
        .await
}

/// What the account holds.
pub async fn usage(services: &Services, user: &user::Model) -> Result<Usage, DbErr> {
    let published = image::Entity::find()
        .filter(image::Column::UserId.eq(user.id))
        .filter(image::Column::State.eq(image::State::Ready))
        .filter(lasts(services.clock.now()));
    let (images, bytes) = (
        published.count(&services.db).await?,
        user.used_bytes.cast_unsigned(),
    );
    Ok(Usage {
        images,
        bytes,
        quota_bytes: services.settings.limits.quota_bytes,
    })
}

/// What an upload or an image takes of what its account may have.
#[derive(Clone, Copy, Debug, Default)]
pub struct Share {
    pub bytes: i64,
    /// Uploads that have not ended.
    pub unfinished: i64,
    /// What checking them is estimated to take.
    pub unfinished_ms: i64,
}

impl Share {
    /// Of an image.
    #[must_use]
    pub fn of_image(bytes: i64) -> Self {
        Self {
            bytes,
            ..Self::default()
        }
    }

    /// Of these uploads together.
    #[must_use]
    pub fn of_uploads(uploads: &[upload::Model]) -> Self {
        let add = |sum: Self, more: Self| Self {
            bytes: sum.bytes.saturating_add(more.bytes),
            unfinished: sum.unfinished + more.unfinished,
            unfinished_ms: sum.unfinished_ms.saturating_add(more.unfinished_ms),
        };
        uploads
            .iter()
            .map(Self::of_upload)
            .fold(Self::default(), add)
    }

    /// Of an upload that has not ended.
    #[must_use]
    pub fn of_upload(upload: &upload::Model) -> Self {
        Self {
            bytes: upload.size_bytes,
            unfinished: 1,
            unfinished_ms: upload.estimated_ms,
        }
    }
}

/// Whether an account has room for an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// There is, and it is set aside.
    Reserved,
    /// Its bytes don't fit into the quota, of which so many are in use.
    OverQuota {
        /// By the account, when it was looked at again.
        used_bytes: i64,
    },
    /// Too many others have to end first.
    TooManyUnfinished,
    /// The account is deleted.
    AccountGone,
}

/// How many uploads came to nothing in this way, and have URLs that have not expired. One state at a time: with both in one condition
/// PostgreSQL reads all uploads of the account, as long as it knows nothing of the table.
fn given_up(upload: &upload::Model, state: upload::State) -> SimpleExpr {
    let uploads = upload::Entity::find()
        .filter(upload::Column::UserId.eq(upload.user_id))
        .filter(upload::Column::State.eq(state))
        .filter(upload::Column::ExpiresAt.gt(upload.created_at));
    let count = uploads.select_only().expr(Expr::cust("COUNT(*)"));
    Expr::from(count.into_query())
}

/// Sets aside what a file that was announced takes, in one statement: announced together, files never go over a limit. It changes no row when
/// there is no [`Room`]. Uploads that came to nothing are as many again at most, until their URLs have expired: whoever announces and gives up
/// without end leaves rows and keys.
#[must_use]
pub fn reservation(
    upload: &upload::Model,
    share: Share,
    limits: &ImageLimits,
) -> UpdateMany<user::Entity> {
    let [bytes, uploads, ms] = counted(share);
    let (most_uploads, most_ms) = most_unfinished(limits);
    let count_given_up =
        given_up(upload, upload::State::Aborted).add(given_up(upload, upload::State::Rejected));
    let quota = limits
        .quota_bytes
        .map(|quota| i64::try_from(quota).unwrap_or(i64::MAX));
    user::Entity::update_many()
        .col_expr(user::Column::UsedBytes, bytes.clone())
        .col_expr(user::Column::UnfinishedUploads, uploads.clone())
        .col_expr(user::Column::UnfinishedMs, ms.clone())
        .filter(user::Column::Id.eq(upload.user_id))
        .filter(user::Column::DeletedAt.is_null())
        .filter(uploads.lte(most_uploads))
        .filter(ms.lte(most_ms))
        .filter(count_given_up.lt(most_uploads))
        .apply_if(quota, |update, quota| update.filter(bytes.lte(quota)))
}

/// Why a [`reservation`] has changed no row. What was in the way may have ended since: then it is not the quota, and worth another try.
pub async fn why_no_room(
    db: &impl ConnectionTrait,
    upload: &upload::Model,
    limits: &ImageLimits,
) -> Result<Room, DbErr> {
    let account = user::Entity::find_by_id(upload.user_id).one(db).await?;
    let Some(account) = account.filter(|account| account.deleted_at.is_none()) else {
        return Ok(Room::AccountGone);
    };
    let used_bytes = account.used_bytes;
    let needed = u64::try_from(used_bytes + upload.size_bytes).unwrap_or_default();
    Ok(match limits.quota_bytes {
        Some(quota) if needed > quota => Room::OverQuota { used_bytes },
        _ => Room::TooManyUnfinished,
    })
}

fn most_unfinished(limits: &ImageLimits) -> (i64, i64) {
    (
        limits.unfinished_uploads.into(),
        i64::from(limits.unfinished_seconds) * 1000,
    )
}

/// What the account's row counts, with this share.
fn counted(share: Share) -> [SimpleExpr; 3] {
    let with = |column: user::Column, more: i64| Expr::col(column).add(more);
    [
        with(user::Column::UsedBytes, share.bytes),
        with(user::Column::UnfinishedUploads, share.unfinished),
        with(user::Column::UnfinishedMs, share.unfinished_ms),
    ]
}

/// Gives back what is not held any more.
pub async fn give_back(
    db: &impl ConnectionTrait,
    user_id: UserId,
    share: Share,
) -> Result<(), DbErr> {
    let less = Share {
        bytes: -share.bytes,
        unfinished: -share.unfinished,
        unfinished_ms: -share.unfinished_ms,
    };
    let [bytes, uploads, ms] = counted(less);
    user::Entity::update_many()
        .col_expr(user::Column::UsedBytes, bytes)
        .col_expr(user::Column::UnfinishedUploads, uploads)
        .col_expr(user::Column::UnfinishedMs, ms)
        .filter(user::Column::Id.eq(user_id))
        .exec(db)
        .await
        .map(drop)
}

/// Ends every session that is open at this moment, with a new password when there is one. `None`: the user that was read is not the
/// present one any more, because its sessions have ended meanwhile.
pub async fn end_sessions(
    db: &DatabaseConnection,
    user: user::Model,
    new_hash: Option<String>,
) -> Result<Option<user::Model>, DbErr> {
    let next = user::Model {
        token_version: user.token_version + 1,
        ..user
    };
    let rows = user::Entity::update_many()
        .col_expr(user::Column::TokenVersion, Expr::value(next.token_version))
        .apply_if(new_hash, |update, hash| {
            update.col_expr(user::Column::PasswordHash, Expr::value(hash))
        })
        .filter(user::Column::Id.eq(next.id))
        .filter(user::Column::TokenVersion.eq(user.token_version))
        .exec(db)
        .await?
        .rows_affected;
    Ok((rows == 1).then_some(next))
}

/// The cost of the dearest password that is kept, read from an index. `None`: there is no account, or none whose scheme has a cost.
pub async fn dearest_cost(db: &DatabaseConnection) -> Result<Option<u32>, DbErr> {
    let row = db.query_one(&costs_from_the_dearest()).await?;
    Ok(row
        .map(|row| row.try_get_by_index::<String>(0))
        .transpose()?
        .and_then(|digits| digits.parse().ok()))
}

/// The index is on this expression.
#[must_use]
pub fn costs_from_the_dearest() -> SelectStatement {
    let cost = || Expr::cust("substr(password_hash, 7, 2)");
    Query::select()
        .expr(cost())
        .from(user::Entity)
        .order_by_expr(cost(), Order::Desc)
        .limit(1)
        .take()
}

/// Puts a hash of the same password in the place of the one that was read. It ends no session. `false`: another password is kept by now,
/// and stays.
pub async fn renew_hash(
    db: &DatabaseConnection,
    user: &user::Model,
    hash: &str,
) -> Result<bool, DbErr> {
    let rows = user::Entity::update_many()
        .col_expr(user::Column::PasswordHash, Expr::value(hash))
        .filter(user::Column::Id.eq(user.id))
        .filter(user::Column::PasswordHash.eq(&*user.password_hash))
        .exec(db)
        .await?
        .rows_affected;
    Ok(rows == 1)
}

/// Removes accounts that were deleted and hold nothing any more.
pub async fn forget_deleted(db: &DatabaseConnection) -> Result<(), DbErr> {
    let no_image = Expr::exists(
        image::Entity::find()
            .filter(
                Expr::col((image::Entity, image::Column::UserId))
                    .equals((user::Entity, user::Column::Id)),
            )
            .into_query(),
    )
    .not();
    let no_upload = Expr::exists(
        upload::Entity::find()
            .filter(
                Expr::col((upload::Entity, upload::Column::UserId))
                    .equals((user::Entity, user::Column::Id)),
            )
            .into_query(),
    )
    .not();
    user::Entity::delete_many()
        .filter(user::Column::DeletedAt.is_not_null())
        .filter(no_image)
        .filter(no_upload)
        .exec(db)
        .await
        .map(drop)
}
