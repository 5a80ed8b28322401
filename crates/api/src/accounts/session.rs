//! The session and the user behind a request.

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use tintype_core::accounts::{SessionError, SessionKey};
use tintype_core::db::user;

use crate::app::App;
use crate::problems::ApiError;

/// The session of a request's token, with a valid signature and time. The rule that gets it checks that it is not revoked, with its own
/// reads. Without such a token: 401.
pub struct Bearer(pub SessionKey);

impl FromRequestParts<App> for Bearer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let header = parts.headers.get(header::AUTHORIZATION);
        let token = header
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        token
            .and_then(|(_, token)| app.tokens.check(token, app.clock.now()))
            .map(Self)
            .ok_or_else(|| SessionError::Ended.into())
    }
}

/// The user of a valid session. Without one: 401.
pub struct CurrentUser(pub user::Model);

impl FromRequestParts<App> for CurrentUser {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let Bearer(session) = Bearer::from_request_parts(parts, app).await?;
        Ok(Self(session.account(&app.db).await?))
    }
}
