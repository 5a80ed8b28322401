//! Settings for programs that upload: one file for each, with the address and the token in it.

mod kit;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, header};
use tintype_dto::{FileBytes, UploadClient, UploadClients, paths};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::kit::{Endpoint, Kit};
use crate::accounts::{Checked, SentToken, ToUpload, for_address};
use crate::app::App;
use crate::extract::PathName;
use crate::problems::ApiError;

/// What stands where the secret belongs, when a person asks who has none at hand.
const NO_TOKEN: &str = "YOUR_API_TOKEN";

/// The routes of this capability.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_clients))
        .routes(routes!(get_client))
}

/// Programs that settings are made for
///
/// Settings for each of them are made with a token of yours.
#[utoipa::path(
    get, path = paths::CLIENTS, tag = "uploads",
    responses((status = 200, description = "The programs.", body = UploadClients)),
)]
async fn list_clients() -> Json<UploadClients> {
    let items = Kit::ALL.iter().map(|kit| UploadClient {
        name: kit.name.into(),
        title: kit.title.into(),
        file_name: kit.file_name.into(),
        about: kit.about.into(),
        by_address: kit.by_address,
    });
    Json(UploadClients {
        items: items.collect(),
    })
}

/// Settings for a program
///
/// A file that sets the program up to upload here, with the API token that asks for it inside. A session gets it with `YOUR_API_TOKEN` in that place.
/// Where the program can send no header, the token stands in an address, and has to be one that may upload and nothing else.
#[utoipa::path(
    get, path = paths::CLIENT, tag = "uploads",
    params(("name" = String, Path, description = "The program's name", example = "sharex")),
    responses((status = 200, description = "The file.", content((inline(FileBytes) = "application/octet-stream")))),
    security(("session" = []), ("token" = ["upload"])),
    extensions(("x-problem-codes" = json!(["not_found"]))),
)]
async fn get_client(
    State(app): State<App>,
    _caller: Checked<ToUpload>,
    SentToken(token): SentToken,
    PathName(name): PathName,
) -> Result<([(HeaderName, String); 2], String), ApiError> {
    let kit = Kit::named(&name).ok_or_else(ApiError::not_found)?;
    if let (true, Some(token)) = (kit.by_address, &token) {
        for_address(&app, token).await?;
    }
    let endpoint = Endpoint {
        address: &format!("{}{}{}", app.urls.app(), paths::BASE, paths::IMAGES),
        token: token.as_deref().unwrap_or(NO_TOKEN),
    };
    let attachment = format!("attachment; filename=\"{}\"", kit.file_name);
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".into()),
        (header::CONTENT_DISPOSITION, attachment),
    ];
    Ok((headers, kit.write(&endpoint)))
}
