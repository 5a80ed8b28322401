//! The session behind a request.

use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, DatabaseConnection, DbErr, EntityTrait, ExprTrait, FromQueryResult, QueryFilter,
    QueryTrait, Select,
};
use uuid::Uuid;

use crate::Failure;
use crate::db::{SessionId, TokenId, UserId, api_token, session, user};

/// What a credential says. It is asked of the database with each request, so that what has ended is refused on the next one, on every
/// replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionKey {
    /// Whose it is.
    pub user_id: UserId,
    /// The account's own when this was made or read: a session works while it still is.
    pub version: i32,
    /// What stands for the account.
    pub by: By,
}

/// What stands for an account in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// A session of its own.
    Session {
        /// Which.
        id: SessionId,
    },
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
    /// Of the session or the token.
    #[must_use]
    pub fn id(self) -> Uuid {
        match self {
            Self::Session { id } => id.0,
            Self::Token { id, .. } => id.0,
        }
    }

    /// The token.
    #[must_use]
    pub fn token(self) -> Option<TokenId> {
        match self {
            Self::Session { .. } => None,
            Self::Token { id, .. } => Some(id),
        }
    }

    /// Whether it may change what this token, or a session, has uploaded.
    #[must_use]
    pub fn may_change(self, uploader: Option<TokenId>) -> bool {
        match self {
            Self::Session { .. } | Self::Token { writes: true, .. } => true,
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
            Self::Session { .. } | Self::Token { .. } => None,
        }
    }
}

/// Why nothing was read.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The session has ended, or the account is disabled or gone.
    #[error("the session has ended")]
    Ended,
    /// The same of an API token.
    #[error("the API token does not work")]
    TokenEnded,
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
            by: By::Session {
                id: SessionId::generate(),
            },
        }
    }

    /// The account's row, while the credential works and the account has this version.
    fn works(self) -> Select<user::Entity> {
        self.stands()
            .filter(user::Column::TokenVersion.eq(self.version))
    }

    /// The account's row, while nobody has ended this very session or token.
    fn stands(self) -> Select<user::Entity> {
        let account =
            user::Entity::find_by_id(self.user_id).filter(user::Column::DisabledAt.is_null());
        match self.by {
            By::Session { id } => {
                let ended =
                    session::Entity::find_by_id(id).filter(session::Column::EndedAt.is_not_null());
                account.filter(Expr::exists(ended.into_query()).not())
            }
            By::Token { id, .. } => {
                let token = api_token::Entity::find_by_id(id);
                account.filter(Expr::exists(token.into_query()))
            }
        }
    }

    /// Its account.
    ///
    /// # Errors
    /// It does not work, or the database fails.
    pub async fn account(self, db: &DatabaseConnection) -> Result<user::Model, SessionError> {
        let (account, ended) = match self.by {
            By::Session { .. } => (self.works(), SessionError::Ended),
            // It outlives the sessions.
            By::Token { .. } => (self.stands(), SessionError::TokenEnded),
        };
        account.one(db).await?.ok_or(ended)
    }

    /// The same, with the version that its account has now.
    ///
    /// # Errors
    /// It does not work, or the database fails.
    pub async fn checked(self, db: &DatabaseConnection) -> Result<Self, SessionError> {
        let version = self.account(db).await?.token_version;
        Ok(Self { version, ..self })
    }

    /// These rows, if it works: one statement tells both. Only when there are none, another asks which of the two it is. Then it is as
    /// [`Self::checked`] says.
    ///
    /// # Errors
    /// It does not work, or the database fails.
    pub async fn read<E: EntityTrait, R: FromQueryResult + Send + Sync>(
        &mut self,
        db: &DatabaseConnection,
        rows: Select<E>,
    ) -> Result<Vec<R>, SessionError> {
        let found = self.guard(rows.clone()).into_model().all(db).await?;
        if !found.is_empty() {
            return Ok(found);
        }
        let now = self.checked(db).await?;
        if now == *self {
            return Ok(found);
        }
        *self = now;
        Ok(now.guard(rows).into_model().all(db).await?)
    }

    /// The same rows, and none of them when the credential does not work.
    #[must_use]
    pub fn guard<E: EntityTrait>(self, rows: Select<E>) -> Select<E> {
        rows.filter(Expr::exists(self.works().into_query()))
    }
}
