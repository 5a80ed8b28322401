use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::AppendHeaders;
use tintype_core::Failure;
use tintype_dto::{
    Limits, LogIn, ProblemCode, RegisterUser, Registration, Session, TokenType, Usage, User,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{CurrentUser, me};
use crate::app::App;
use crate::caller::Caller;
use crate::extract::JsonBody;
use crate::problems::ApiError;
use crate::tokens::Bearer;
use tintype_core::accounts::{LoginAttempt, NewAccount, RegisterError, account, email, queries};
use tintype_core::db::{UserId, user};
use tintype_core::rate_limit::{self, Rule};

/// The routes of this capability.
pub fn router() -> OpenApiRouter<App> {
    let entrance = OpenApiRouter::new()
        .routes(routes!(register_user))
        .routes(routes!(log_in));
    entrance
        .routes(routes!(get_me))
        .routes(routes!(get_limits))
        .merge(me::router())
}

pub type NoStore = AppendHeaders<[(header::HeaderName, &'static str); 1]>;
pub const NO_STORE: NoStore = AppendHeaders([(header::CACHE_CONTROL, "no-store")]);

/// Open an account
///
/// The new account is signed in at once.
#[utoipa::path(
    post, path = "/auth/register", tag = "accounts",
    request_body = RegisterUser,
    responses((status = 201, description = "The account is open and signed in.", body = Session)),
    extensions(("x-problem-codes" = json!(["registration_closed", "username_taken", "email_taken", "rate_limited", "overloaded"]))),
)]
async fn register_user(
    State(app): State<App>,
    Caller(caller): Caller,
    JsonBody(request): JsonBody<RegisterUser>,
) -> Result<(StatusCode, NoStore, Json<Session>), ApiError> {
    if app.config.registration() == Registration::Closed {
        return Err(ApiError::new(
            ProblemCode::RegistrationClosed,
            "New accounts can't be made here. Ask the operator for one.",
        ));
    }
    let tried = rate_limit::count(&app, Rule::RegistrationsPerAddress, &caller).await?;
    let account = NewAccount {
        username: &request.username,
        email: &request.email,
        password: &request.password,
    };
    let user = match account.open(&app.db, &app.passwords, app.clock.now()).await {
        // A slip of the pen is no registration. That a name is taken is told to nobody without limit.
        Err(error @ RegisterError::Invalid(_)) => {
            rate_limit::give_back(&app.db, tried).await?;
            return Err(error.into());
        }
        result => result?,
    };
    remember(&app, user.id, &caller).await;
    let session = open_session(
        &app,
        user,
        Usage {
            quota_bytes: app.config.limits.quota_bytes,
            ..Usage::default()
        },
    )?;
    Ok((StatusCode::CREATED, NO_STORE, Json(session)))
}

/// Sign in
///
/// With the username or the e-mail address. An unknown name and a wrong password get the same answer, after the same time.
#[utoipa::path(
    post, path = "/auth/login", tag = "accounts",
    request_body = LogIn,
    responses((status = 200, description = "A fresh session.", body = Session)),
    extensions(("x-problem-codes" = json!(["invalid_credentials", "account_disabled", "rate_limited", "overloaded"]))),
)]
async fn log_in(
    State(app): State<App>,
    Caller(caller): Caller,
    JsonBody(request): JsonBody<LogIn>,
) -> Result<(NoStore, Json<Session>), ApiError> {
    let login = email::canonical(&request.username)
        .unwrap_or_else(|_| request.username.trim().to_ascii_lowercase());
    // PostgreSQL's text holds no NUL.
    let user = if login.contains('\0') {
        None
    } else {
        queries::find_by_login(&app.db, &login).await?
    };
    let guess = LoginAttempt::count(&app, &caller, &login, user.as_ref()).await?;
    let kept = user.as_ref().map(|user| user.password_hash.as_str());
    if !guess.fits(&app, &request.password, kept).await? {
        return Err(ApiError::new(
            ProblemCode::InvalidCredentials,
            "The name or the password is wrong.",
        ));
    }
    let user = user.ok_or_else(|| ApiError::internal("a password fits nobody"))?;
    if user.disabled_at.is_some() {
        return Err(ApiError::new(
            ProblemCode::AccountDisabled,
            "The operator has disabled this account. Ask the operator why.",
        ));
    }
    remember(&app, user.id, &caller).await;
    renew_hash(&app, &user, &request.password).await;
    let usage = queries::usage(&app, &user).await?;
    Ok((NO_STORE, Json(open_session(&app, user, usage)?)))
}

/// Notes that this account was logged in to from this address. What can't be noted is no reason to refuse a right password.
async fn remember(app: &App, user_id: UserId, caller: &str) {
    if let Err(error) = app
        .known_addresses
        .add(&app.db, &account(user_id), caller, app.clock.now())
        .await
    {
        tracing::warn!(%error, "an address was not noted as known");
    }
}

/// Makes a hash of another cost or scheme anew, now that the password is at hand. When that can't be done it is done next time.
async fn renew_hash(app: &App, user: &user::Model, password: &str) {
    if app.passwords.is_current(&user.password_hash) {
        return;
    }
    let renewed = async {
        let hash = app.passwords.hash(password).await?;
        queries::renew_hash(&app.db, user, &hash)
            .await
            .map_err(Failure::from)
    };
    if let Err(error) = renewed.await {
        tracing::warn!(%error, "a password's hash was not made anew");
    }
}

/// Who am I
#[utoipa::path(
    get, path = "/me", tag = "accounts",
    responses((status = 200, description = "The account behind the session token.", body = User)),
    security(("session" = [])),
)]
async fn get_me(
    State(app): State<App>,
    CurrentUser(user): CurrentUser,
) -> Result<Json<User>, ApiError> {
    let usage = queries::usage(&app, &user).await?;
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

/// A fresh session of this user.
pub fn open_session(app: &App, user: user::Model, usage: Usage) -> Result<Session, ApiError> {
    let bearer = Bearer {
        user_id: user.id,
        version: user.token_version,
    };
    let (token, expires_at) = app
        .tokens
        .issue(bearer, app.clock.now())
        .map_err(ApiError::internal)?;
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
