//! The session behind a request.

use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, DatabaseConnection, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryTrait,
    Select,
};

use crate::Failure;
use crate::db::{TokenId, UserId, user};

/// What a session's token says: which session it is. It is asked of the database with each request, so that a session that has ended is refused on the next one,
/// on every replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionKey {
    /// Whose it is.
    pub user_id: UserId,
    /// It works while this is the account's own.
    pub version: i32,
    /// What stands for the account.
    pub by: By,
}

/// What stands for an account in a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    /// A session of its own.
    #[default]
    Session,
    /// An API token, which a program has.
    Token {
        /// Which.
        id: TokenId,
        /// Whether it sees all that the account has, or what it uploaded itself alone.
        sees_all: bool,
        /// Whether it may change what others uploaded.
        writes: bool,
    },
}

impl By {
    /// The token.
    #[must_use]
    pub fn token(self) -> Option<TokenId> {
        match self {
            Self::Session => None,
            Self::Token { id, .. } => Some(id),
        }
    }

    /// Whether it may change what this token, or a session, has uploaded.
    #[must_use]
    pub fn may_change(self, uploader: Option<TokenId>) -> bool {
        match self {
            Self::Session | Self::Token { writes: true, .. } => true,
            Self::Token { id, .. } => uploader == Some(id),
        }
    }

    /// The token that sees nothing but what it uploaded itself.
    #[must_use]
    pub fn sees_only(self) -> Option<TokenId> {
        match self {
            Self::Token {
                id,
                sees_all: false,
                ..
            } => Some(id),
            Self::Session | Self::Token { .. } => None,
        }
    }
}

/// Why nothing was read.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The session has ended, or the account is disabled or gone.
    #[error("the session has ended")]
    Ended,
    /// It could not be done.
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl From<DbErr> for SessionError {
    fn from(error: DbErr) -> Self {
        Self::Failure(error.into())
    }
}

impl SessionKey {
    /// The one that an account's next token is made for.
    #[must_use]
    pub fn of(user: &user::Model) -> Self {
        Self {
            user_id: user.id,
            version: user.token_version,
            by: By::Session,
        }
    }

    /// The account's row, while the session works.
    fn works(self) -> Select<user::Entity> {
        user::Entity::find_by_id(self.user_id)
            .filter(user::Column::TokenVersion.eq(self.version))
            .filter(user::Column::DisabledAt.is_null())
    }

    /// Its account.
    ///
    /// # Errors
    /// It does not work, or the database fails.
    pub async fn account(self, db: &DatabaseConnection) -> Result<user::Model, SessionError> {
        let account = self.works().one(db).await?;
        account.ok_or(SessionError::Ended)
    }

    /// These rows, if the session works: one statement tells both. Only when there are none, another asks which of the two it is.
    ///
    /// # Errors
    /// It does not work, or the database fails.
    pub async fn read<E: EntityTrait, R: FromQueryResult + Send + Sync>(
        self,
        db: &DatabaseConnection,
        rows: Select<E>,
    ) -> Result<Vec<R>, SessionError> {
        let rows = self.guard(rows).into_model().all(db).await?;
        if rows.is_empty() {
            self.account(db).await?;
        }
        Ok(rows)
    }

    /// The same rows, and none of them when the session does not work.
    #[must_use]
    pub fn guard<E: EntityTrait>(self, rows: Select<E>) -> Select<E> {
        rows.filter(Expr::exists(self.works().into_query()))
    }
}
