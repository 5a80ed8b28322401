//! Who a request is from, and what it may do: a person's session may do everything, an API token what its scopes say.

use std::convert::Infallible;
use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use tintype_core::accounts::{SessionError, SessionKey, was_used};
use tintype_core::api_tokens::{Known, by_secret};
use tintype_core::db::user;
use tintype_dto::{ProblemCode, Scope, TOKEN_PREFIX};

use crate::app::App;
use crate::problems::ApiError;
use crate::request_limits::Standings;

/// Which API tokens an operation takes.
#[derive(Clone, Copy)]
pub enum Takes {
    /// Any that works.
    Any,
    /// Those with this scope.
    With(Scope),
    /// None: it takes a person.
    NoToken,
}

/// What an operation asks of whoever asks.
pub trait Right: Send {
    /// Of an API token.
    const TAKES: Takes;
}

macro_rules! rights {
    ($($(#[$docs:meta])* $name:ident: $takes:expr,)+) => {
        $($(#[$docs])* pub struct $name;

        impl Right for $name {
            const TAKES: Takes = $takes;
        })+
    };
}

rights! {
    /// It uploads.
    ToUpload: Takes::With(Scope::Upload),
    /// It reads.
    ToRead: Takes::With(Scope::Read),
    /// It changes.
    ToWrite: Takes::With(Scope::Write),
    /// It deletes.
    ToDelete: Takes::With(Scope::Delete),
    /// It touches the account itself.
    InPerson: Takes::NoToken,
    /// It ends itself.
    ToLeave: Takes::Any,
}

/// The session of a request: of a token with a valid signature and time, or of an API token that works and has the right. The rule that gets
/// it checks that a session is not revoked, with its own reads. Without a credential: 401; without the right: 403.
pub struct Bearer<R>(pub SessionKey, pub PhantomData<R>);

impl<R: Right> FromRequestParts<App> for Bearer<R> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let ended = || ApiError::from(SessionError::Ended);
        let token = sent(&parts.headers).ok_or_else(ended)?;
        let standings = parts.extensions.get().cloned().unwrap_or_default();
        if !token.starts_with(TOKEN_PREFIX) {
            let session = app.tokens.check(token, app.clock.now());
            let session = session.ok_or_else(ended)?;
            admit(app, session, &standings).await?;
            return Ok(Self(session, PhantomData));
        }
        let token = by_secret(app, token)
            .await?
            .ok_or(SessionError::TokenEnded)?;
        admit(app, token.session, &standings).await?;
        let reason = match R::TAKES {
            Takes::Any => return Ok(Self(token.session, PhantomData)),
            Takes::With(scope) if token.scopes.0.contains(&scope) => {
                return Ok(Self(token.session, PhantomData));
            }
            Takes::With(scope) => insufficient(&format!(
                "This API token may not do that. Make one with the scope `{}`.",
                scope.name()
            )),
            Takes::NoToken => {
                insufficient("An API token can't do that. Sign in and do it yourself.")
            }
        };
        Err(refuse(app, token, reason).await)
    }
}

/// Counts a request of this credential, and keeps that it was used.
async fn admit(app: &App, session: SessionKey, standings: &Standings) -> Result<(), ApiError> {
    let now = app.clock.now();
    let counted = app.request_limits.count(session, now, standings);
    counted.inspect_err(|exceeded| app.metrics.rate_limited(exceeded.rule))?;
    was_used(app, session.by).await;
    Ok(())
}

/// Why a token is refused that may not do something: this, or that it has ended.
async fn refuse(app: &App, token: Known, reason: ApiError) -> ApiError {
    let works = token.session.account(&app.db).await;
    works.map_or_else(ApiError::from, |_| reason)
}

/// What stands in `Authorization`: `Bearer` and a token, or an API token alone, as some programs send it.
fn sent(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (first, more) = (values.next()?.to_str().ok()?, values.next());
    let token = match first.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token,
        None if first.starts_with(TOKEN_PREFIX) => first,
        _ => return None,
    };
    more.is_none().then_some(token)
}

/// The secret of the API token that a request was sent with; nothing for a session.
pub struct SentToken(pub Option<String>);

impl<S: Sync> FromRequestParts<S> for SentToken {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let token = sent(&parts.headers).filter(|token| token.starts_with(TOKEN_PREFIX));
        Ok(Self(token.map(str::to_owned)))
    }
}

/// The session of an API token that stands in the address, for programs that can send no header.
///
/// # Errors
/// It does not work, may do more than upload, or has sent too many requests.
pub async fn in_address(
    app: &App,
    key: &str,
    standings: &Standings,
) -> Result<SessionKey, ApiError> {
    let session = for_address(app, key).await?;
    admit(app, session, standings).await?;
    Ok(session.checked(&app.db).await?)
}

/// An API token that may stand in an address: it may upload, and nothing else, because addresses are written down in many places.
///
/// # Errors
/// There is none with this secret, or it may do more.
pub async fn for_address(app: &App, key: &str) -> Result<SessionKey, ApiError> {
    let token = by_secret(app, key).await?.ok_or(SessionError::TokenEnded)?;
    if token.scopes.0 != [Scope::Upload] {
        let detail = "In an address only a token is taken that may upload and nothing else. Make one with the scope `upload` alone.";
        return Err(refuse(app, token, insufficient(detail)).await);
    }
    Ok(token.session)
}

fn insufficient(detail: &str) -> ApiError {
    ApiError::new(ProblemCode::InsufficientScope, detail)
}

/// As [`Bearer`], and the session or token works.
pub struct Checked<R>(pub SessionKey, pub PhantomData<R>);

impl<R: Right> FromRequestParts<App> for Checked<R> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let Bearer(session, right) = Bearer::<R>::from_request_parts(parts, app).await?;
        Ok(Self(session.checked(&app.db).await?, right))
    }
}

/// As [`Checked`], with the account's row.
pub struct CurrentUser<R = InPerson> {
    /// The row.
    pub user: user::Model,
    /// What stands for the account.
    pub session: SessionKey,
    /// What was asked for.
    pub right: PhantomData<R>,
}

impl<R: Right> FromRequestParts<App> for CurrentUser<R> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let Bearer(session, right) = Bearer::<R>::from_request_parts(parts, app).await?;
        Ok(Self {
            user: session.account(&app.db).await?,
            session,
            right,
        })
    }
}
