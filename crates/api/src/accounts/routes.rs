//! Registration, login and the current user.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::AppendHeaders;
use tintype_core::accounts::{self, NewAccount, SessionKey, queries, register};
use tintype_core::db::user;
use tintype_dto::{
    Limits, LogIn, ProblemCode, RegisterUser, Registration, Session, TokenType, Usage, User, paths,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::device::Device;
use super::{CurrentUser, ToRead, me, sessions, tokens};
use crate::app::App;
use crate::caller::Caller;
use crate::extract::ApiJson;
use crate::problems::ApiError;

/// The routes of this capability.
pub fn router() -> OpenApiRouter<App> {
    let entrance = OpenApiRouter::new()
        .routes(routes!(register_user))
        .routes(routes!(log_in));
    entrance
        .routes(routes!(get_me))
        .routes(routes!(get_limits))
        .merge(me::router())
        .merge(sessions::router())
        .merge(tokens::router())
}

pub type NoStore = AppendHeaders<[(header::HeaderName, &'static str); 1]>;
pub const NO_STORE: NoStore = AppendHeaders([(header::CACHE_CONTROL, "no-store")]);

/// Open an account
///
/// The new account is signed in at once.
#[utoipa::path(
    post, path = paths::REGISTER, tag = "accounts",
    request_body = RegisterUser,
    responses((status = 201, description = "The account is open and signed in.", body = Session)),
    extensions(("x-problem-codes" = json!(["registration_closed", "username_taken", "email_taken", "rate_limited"]))),
)]
async fn register_user(
    State(app): State<App>,
    Caller(caller): Caller,
    Device(device): Device,
    ApiJson(request): ApiJson<RegisterUser>,
) -> Result<(StatusCode, NoStore, Json<Session>), ApiError> {
    if app.config.registration() == Registration::Closed {
        return Err(ApiError::new(
            ProblemCode::RegistrationClosed,
            "New accounts can't be made here. Ask the operator for one.",
        ));
    }
    let account = NewAccount {
        username: &request.username,
        email: &request.email,
        password: &request.password,
    };
    let user = register(&app, &caller, account).await?;
    let usage = Usage {
        quota_bytes: app.config.limits.quota_bytes,
        ..Usage::default()
    };
    let session = open_session(&app, user, &device, usage).await?;
    Ok((StatusCode::CREATED, NO_STORE, Json(session)))
}

/// Sign in
///
/// With the username or the e-mail address. An unknown name and a wrong password get the same answer, after the same time.
#[utoipa::path(
    post, path = paths::LOG_IN, tag = "accounts",
    request_body = LogIn,
    responses((status = 200, description = "A fresh session.", body = Session)),
    extensions(("x-problem-codes" = json!(["invalid_credentials", "account_disabled", "rate_limited"]))),
)]
async fn log_in(
    State(app): State<App>,
    Caller(caller): Caller,
    Device(device): Device,
    ApiJson(request): ApiJson<LogIn>,
) -> Result<(NoStore, Json<Session>), ApiError> {
    let user = accounts::log_in(&app, &caller, &request.username, &request.password).await?;
    let usage = queries::usage(&app, &user).await?;
    let session = open_session(&app, user, &device, usage).await?;
    Ok((NO_STORE, Json(session)))
}

/// Who am I
///
/// Also says what the account holds.
#[utoipa::path(
    get, path = paths::ME, tag = "accounts",
    responses((status = 200, description = "The account behind the session or the API token.", body = User)),
    security(("session" = []), ("token" = ["read"])),
)]
async fn get_me(
    State(app): State<App>,
    CurrentUser { user, .. }: CurrentUser<ToRead>,
) -> Result<Json<User>, ApiError> {
    let usage = queries::usage(&app, &user).await?;
    Ok(Json(present(user, usage)))
}

/// What an upload may be
///
/// As the operator of this server has set it. Needs no credentials.
#[utoipa::path(
    get, path = paths::LIMITS, tag = "uploads",
    responses((status = 200, description = "Accepted types, sizes and times.", body = Limits)),
)]
async fn get_limits(State(app): State<App>) -> Json<Limits> {
    Json(app.config.public_limits())
}

/// A new session of this user, begun on this device.
pub async fn open_session(
    app: &App,
    user: user::Model,
    device: &str,
    usage: Usage,
) -> Result<Session, ApiError> {
    let session = SessionKey::of(&user);
    let issued = app.tokens.issue(session, app.clock.now());
    let (token, expires_at) = issued.map_err(ApiError::internal)?;
    accounts::sessions::open(app, session, device, expires_at).await?;
    Ok(Session {
        token,
        token_type: TokenType::Bearer,
        expires_at,
        user: present(user, usage),
    })
}

fn present(user: user::Model, usage: Usage) -> User {
    User {
        id: user.id.0,
        username: user.username,
        email: user.email,
        created_at: user.created_at,
        usage,
    }
}
