//! Changes that users make to their own account.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use tintype_dto::{
    ChangePassword, DeleteAccount, Export, ProblemCode, Session, check_password, paths,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::CurrentUser;
use super::device::Device;
use super::routes::{NO_STORE, NoStore, open_session};
use crate::app::App;
use crate::caller::Caller;
use crate::extract::ApiJson;
use crate::problems::ApiError;
use crate::signed_links::{Place, SignedLinks};
use tintype_core::accounts::{LogInError, ask_again, delete, queries};
use tintype_core::db::user;
use tintype_core::manifests::marks::Mark;

pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(change_password))
        .routes(routes!(log_out_everywhere))
        .routes(routes!(export_account))
        .routes(routes!(delete_account))
}

/// Change my password
///
/// Every session ends, this one too: the answer holds a new one.
#[utoipa::path(
    post, path = paths::CHANGE_PASSWORD, tag = "accounts",
    request_body = ChangePassword,
    responses((status = 200, description = "The password is changed; a fresh session.", body = Session)),
    security(("session" = [])),
    extensions(("x-problem-codes" = json!(["wrong_password", "rate_limited"]))),
)]
async fn change_password(
    State(app): State<App>,
    CurrentUser { user, .. }: CurrentUser,
    Caller(caller): Caller,
    Device(device): Device,
    ApiJson(request): ApiJson<ChangePassword>,
) -> Result<(NoStore, Json<Session>), ApiError> {
    check_password(&request.new_password).map_err(|e| ApiError::field("new_password", e))?;
    ask(&app, &user, &caller, &request.current_password).await?;
    let hash = app.passwords.hash(&request.new_password).await?;
    let user = queries::end_sessions(&app.db, user, Some(hash))
        .await?
        .ok_or_else(ended)?;
    let usage = queries::usage(&app, &user).await?;
    let session = open_session(&app, user, &device, usage).await?;
    Ok((NO_STORE, Json(session)))
}

/// Sign out everywhere
///
/// Every session ends, this one too.
#[utoipa::path(
    post, path = paths::LOG_OUT_EVERYWHERE, tag = "accounts",
    responses((status = 204, description = "No session token of this account works any more.")),
    security(("session" = [])),
)]
async fn log_out_everywhere(
    State(app): State<App>,
    CurrentUser { user, .. }: CurrentUser,
) -> Result<StatusCode, ApiError> {
    // If the sessions have ended meanwhile, that is what was wanted.
    queries::end_sessions(&app.db, user, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take everything with me
///
/// All pictures as they were published and a manifest of them and of all albums, in one archive. What is in the trash is not in it. Its
/// address is for whoever gets it: it works for a few minutes, until the sessions of this account end.
#[utoipa::path(
    post, path = paths::EXPORT, tag = "accounts",
    responses((status = 200, description = "Where it is.", body = Export)),
    security(("session" = [])),
)]
async fn export_account(
    State(app): State<App>,
    CurrentUser { user, .. }: CurrentUser,
) -> (NoStore, Json<Export>) {
    let expires_at = SignedLinks::expiry(app.clock.now());
    let url = app.urls.export(user.id.0);
    let url = app
        .links
        .sign(url, Place::Gallery, expires_at, user.token_version);
    (NO_STORE, Json(Export { url, expires_at }))
}

/// Delete my account
///
/// With every image in it, for good: links stop working at once, the files go soon after.
#[utoipa::path(
    post, path = paths::DELETE_ACCOUNT, tag = "accounts",
    request_body = DeleteAccount,
    responses((status = 204, description = "The account is deleted.")),
    security(("session" = [])),
    extensions(("x-problem-codes" = json!(["wrong_password", "rate_limited", "storage_unavailable"]))),
)]
async fn delete_account(
    State(app): State<App>,
    CurrentUser { user, .. }: CurrentUser,
    Caller(caller): Caller,
    ApiJson(request): ApiJson<DeleteAccount>,
) -> Result<StatusCode, ApiError> {
    ask(&app, &user, &caller, &request.password).await?;
    let (version, now) = (Some(user.token_version), app.clock.now());
    let deleted = async { Ok::<_, ApiError>(delete(&app.db, user.id, version, now).await?) };
    let mark = Mark::of_all(user.id);
    if mark.before(&app.store, &app.clock, deleted).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ended())
    }
}

/// As [`ask_again`]; a wrong password has its own code here.
async fn ask(app: &App, user: &user::Model, caller: &str, password: &str) -> Result<(), ApiError> {
    match ask_again(app, user, caller, password).await {
        Err(LogInError::WrongCredentials) => Err(ApiError::new(
            ProblemCode::WrongPassword,
            "This is not your current password.",
        )),
        asked => Ok(asked?),
    }
}

/// The session ended after it was checked.
fn ended() -> ApiError {
    ApiError::new(
        ProblemCode::Unauthenticated,
        "Sign in again: the session has ended meanwhile.",
    )
}
