use axum::extract::State;
use axum::http::StatusCode;
use axum::{Json, http::header, response::AppendHeaders};
use tintype_dto::{
    FieldError, Limits, LogIn, ProblemCode, RegisterUser, Registration, Session, TokenType, Usage, User, check_password, check_username,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::tokens::Bearer;
use super::{CurrentUser, email, queries};
use crate::app::App;
use crate::db::user;
use crate::extract::JsonBody;
use crate::problems::ApiError;

/// The routes of this capability.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(register_user)).routes(routes!(log_in)).routes(routes!(get_me)).routes(routes!(get_limits))
}

type NoStore = AppendHeaders<[(header::HeaderName, &'static str); 1]>;
const NO_STORE: NoStore = AppendHeaders([(header::CACHE_CONTROL, "no-store")]);

/// Open an account
///
/// The new account is signed in at once.
#[utoipa::path(
    post, path = "/auth/register", tag = "accounts",
    request_body = RegisterUser,
    responses((status = 201, description = "The account is open and signed in.", body = Session)),
    extensions(("x-problem-codes" = json!(["registration_closed", "username_taken", "email_taken", "overloaded"]))),
)]
async fn register_user(
    State(app): State<App>,
    JsonBody(request): JsonBody<RegisterUser>,
) -> Result<(StatusCode, NoStore, Json<Session>), ApiError> {
    if app.config.auth.registration == Registration::Closed {
        return Err(ApiError::new(ProblemCode::RegistrationClosed, "New accounts can't be made here. Ask the operator for one."));
    }
    let (username, email) = check(&request)?;
    let password_hash = app.passwords.hash(&request.password).await?;
    let user = user::Model { id: Uuid::now_v7(), username, email, password_hash, token_version: 0, created_at: app.clock.now() };
    queries::insert(&app.db, &user).await?;
    let session = open_session(&app, user, Usage::default())?;
    Ok((StatusCode::CREATED, NO_STORE, Json(session)))
}

/// The checked username and e-mail address; all faults at once.
fn check(request: &RegisterUser) -> Result<(String, String), ApiError> {
    let username = check_username(&request.username);
    let email = email::canonical(&request.email);
    let password = check_password(&request.password);
    let mut errors = Vec::new();
    let mut note = |field: &str, fault: Option<&&str>| {
        errors.extend(fault.map(|message| FieldError { field: field.into(), message: (*message).into() }));
    };
    note("username", username.as_ref().err());
    note("email", email.as_ref().err());
    note("password", password.as_ref().err());
    match (username, email) {
        (Ok(username), Ok(email)) if errors.is_empty() => Ok((username, email)),
        _ => Err(ApiError::fields(errors)),
    }
}

/// Sign in
///
/// With the username or the e-mail address. An unknown name and a wrong password get the same answer, after the same time.
#[utoipa::path(
    post, path = "/auth/login", tag = "accounts",
    request_body = LogIn,
    responses((status = 200, description = "A fresh session.", body = Session)),
    extensions(("x-problem-codes" = json!(["invalid_credentials", "overloaded"]))),
)]
async fn log_in(State(app): State<App>, JsonBody(request): JsonBody<LogIn>) -> Result<(NoStore, Json<Session>), ApiError> {
    let refusal = || ApiError::new(ProblemCode::InvalidCredentials, "The name or the password is wrong.");
    let login = email::canonical(&request.username).unwrap_or_else(|_| request.username.to_ascii_lowercase());
    // PostgreSQL's text holds no NUL.
    let user = if login.contains('\0') { None } else { queries::find_by_login(&app.db, &login).await? };
    let kept = user.as_ref().map(|user| user.password_hash.as_str());
    if !app.passwords.fits(&request.password, kept).await? {
        return Err(refusal());
    }
    let user = user.ok_or_else(refusal)?;
    let usage = queries::usage(&app.db, user.id).await?;
    Ok((NO_STORE, Json(open_session(&app, user, usage)?)))
}

/// Who am I
#[utoipa::path(
    get, path = "/me", tag = "accounts",
    responses((status = 200, description = "The account behind the session token.", body = User)),
    security(("session" = [])),
)]
async fn get_me(State(app): State<App>, CurrentUser(user): CurrentUser) -> Result<Json<User>, ApiError> {
    let usage = queries::usage(&app.db, user.id).await?;
    Ok(Json(present(user, usage)))
}

/// What an upload may be
#[utoipa::path(
    get, path = "/limits", tag = "uploads",
    responses((status = 200, description = "Accepted types, sizes and times.", body = Limits)),
)]
async fn get_limits(State(app): State<App>) -> Json<Limits> {
    Json(app.config.public_limits())
}

fn open_session(app: &App, user: user::Model, usage: Usage) -> Result<Session, ApiError> {
    let bearer = Bearer { user_id: user.id, version: user.token_version };
    let (token, expires_at) = app.tokens.issue(bearer, app.clock.now()).map_err(ApiError::internal)?;
    Ok(Session { token, token_type: TokenType::Bearer, expires_at, user: present(user, usage) })
}

fn present(user: user::Model, usage: Usage) -> User {
    User { id: user.id, username: user.username, email: user.email, created_at: user.created_at, usage }
}
