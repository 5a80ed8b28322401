//! Sessions: listed and ended by the person whose they are.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use tintype_core::accounts::{By, SessionKey, sessions};
use tintype_core::api_tokens;
use tintype_core::db::{SessionId, session};
use tintype_dto::{OpenSession, OpenSessions, paths};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::credentials::{InPerson, ToLeave};
use super::{Checked, CurrentUser};
use crate::app::App;
use crate::extract::PathId;
use crate::problems::ApiError;
use crate::tokens;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(log_out))
        .routes(routes!(list_sessions))
        .routes(routes!(end_session))
}

/// Sign out
///
/// The session that asks ends, on every server at once. A program that asks has its API token revoked, whatever that may do.
#[utoipa::path(
    post, path = paths::LOG_OUT, tag = "accounts",
    responses((status = 204, description = "Its token does not work any more.")),
    security(("session" = []), ("token" = [])),
)]
async fn log_out(
    State(app): State<App>,
    Checked(session, ..): Checked<ToLeave>,
) -> Result<StatusCode, ApiError> {
    match session.by {
        By::Session { .. } => sessions::end_own(&app, session, tokens::LIFETIME).await?,
        By::Token { id, .. } => {
            // `false`: somebody has revoked it at this very moment, which is as good.
            api_tokens::revoke(&app.db, session.user_id, id).await?;
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Where am I signed in
///
/// The session that asks comes first, then the one that was used last. One from before this server kept sessions is not listed; it works until it expires.
#[utoipa::path(
    get, path = paths::SESSIONS, tag = "accounts",
    responses((status = 200, description = "The sessions that work.", body = OpenSessions)),
    security(("session" = [])),
)]
async fn list_sessions(
    State(app): State<App>,
    CurrentUser { user, session, .. }: CurrentUser,
) -> Result<Json<OpenSessions>, ApiError> {
    let rows = sessions::list(&app.db, &user, session.by, app.clock.now()).await?;
    let items = rows.into_iter().map(|row| present(row, session)).collect();
    Ok(Json(OpenSessions { items }))
}

/// Sign one session out
///
/// It is refused from the next request on.
#[utoipa::path(
    delete, path = paths::SESSION, tag = "accounts",
    params(("id" = Uuid, Path, description = "The session's id")),
    responses((status = 204, description = "It has ended.")),
    security(("session" = [])),
    extensions(("x-problem-codes" = json!(["not_found"]))),
)]
async fn end_session(
    State(app): State<App>,
    Checked(session, ..): Checked<InPerson>,
    PathId(id): PathId<SessionId>,
) -> Result<StatusCode, ApiError> {
    if sessions::end(&app.db, session.user_id, id, app.clock.now()).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::not_found())
    }
}

fn present(row: session::Model, asks: SessionKey) -> OpenSession {
    OpenSession {
        current: row.id.0 == asks.by.id(),
        id: row.id.0,
        device: row.device,
        created_at: row.created_at,
        last_used_at: row.last_used_at,
        expires_at: row.expires_at,
    }
}
