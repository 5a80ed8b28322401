//! API tokens: listed, made and revoked by their owner in person.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use tintype_core::api_tokens;
use tintype_core::db::{TokenId, api_token};
use tintype_dto::{ApiToken, ApiTokens, CreateApiToken, CreatedApiToken, paths};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::CurrentUser;
use super::routes::{NO_STORE, NoStore};
use crate::app::App;
use crate::extract::{ApiJson, PathId};
use crate::problems::ApiError;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_api_tokens, create_api_token))
        .routes(routes!(revoke_api_token))
}

/// List my API tokens
///
/// The newest first, those that have expired too.
#[utoipa::path(
    get, path = paths::API_TOKENS, tag = "accounts",
    responses((status = 200, description = "The tokens, without their secrets.", body = ApiTokens)),
    security(("session" = [])),
)]
async fn list_api_tokens(
    State(app): State<App>,
    CurrentUser { user, .. }: CurrentUser,
) -> Result<Json<ApiTokens>, ApiError> {
    let tokens = api_tokens::list(&app.db, user.id).await?;
    let items = tokens.into_iter().map(present).collect();
    Ok(Json(ApiTokens { items }))
}

/// Make an API token
///
/// For a program: send its secret as `Authorization: Bearer`. The secret is shown this once. It stays when you sign out everywhere; revoke it
/// to end it. An account has at most 50.
#[utoipa::path(
    post, path = paths::API_TOKENS, tag = "accounts",
    request_body = CreateApiToken,
    responses((status = 201, description = "The token with its secret.", body = CreatedApiToken)),
    security(("session" = [])),
    extensions(("x-problem-codes" = json!(["too_many_tokens"]))),
)]
async fn create_api_token(
    State(app): State<App>,
    CurrentUser { user, .. }: CurrentUser,
    ApiJson(request): ApiJson<CreateApiToken>,
) -> Result<(StatusCode, NoStore, Json<CreatedApiToken>), ApiError> {
    let (secret, token) = api_tokens::create(&app, user.id, &request).await?;
    let token = present(token);
    Ok((
        StatusCode::CREATED,
        NO_STORE,
        Json(CreatedApiToken { secret, token }),
    ))
}

/// Revoke an API token
///
/// It is refused from the next request on.
#[utoipa::path(
    delete, path = paths::API_TOKEN, tag = "accounts",
    params(("id" = Uuid, Path, description = "The token's id")),
    responses((status = 204, description = "It is revoked.")),
    security(("session" = [])),
    extensions(("x-problem-codes" = json!(["not_found"]))),
)]
async fn revoke_api_token(
    State(app): State<App>,
    CurrentUser { user, .. }: CurrentUser,
    PathId(id): PathId<TokenId>,
) -> Result<StatusCode, ApiError> {
    if api_tokens::revoke(&app.db, user.id, id).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::not_found())
    }
}

fn present(token: api_token::Model) -> ApiToken {
    ApiToken {
        id: token.id.0,
        name: token.name,
        scopes: token.scopes.0,
        created_at: token.created_at,
        expires_at: token.expires_at,
        last_used_at: token.last_used_at,
    }
}
