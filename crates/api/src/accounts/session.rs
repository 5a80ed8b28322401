//! The user behind a request.

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use sea_orm::EntityTrait;
use tintype_dto::ProblemCode;

use crate::app::App;
use crate::problems::ApiError;
use tintype_core::db::user;

/// The user behind the request's session token. Without a token that works at this moment: 401.
pub struct CurrentUser(pub user::Model);

impl FromRequestParts<App> for CurrentUser {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let refusal = || {
            ApiError::new(
                ProblemCode::Unauthenticated,
                "Sign in again: the session is missing, expired or revoked.",
            )
        };
        let header = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|v| v.to_str().ok())
            .ok_or_else(refusal)?;
        let (scheme, token) = header.split_once(' ').ok_or_else(refusal)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(refusal());
        }
        let bearer = app
            .tokens
            .check(token, app.clock.now())
            .ok_or_else(refusal)?;
        // Read each time, so that a revoked token is refused on the next request, on every replica.
        let user = user::Entity::find_by_id(bearer.user_id)
            .one(&app.db)
            .await?
            .ok_or_else(refusal)?;
        if user.token_version == bearer.version && user.disabled_at.is_none() {
            Ok(Self(user))
        } else {
            Err(refusal())
        }
    }
}
