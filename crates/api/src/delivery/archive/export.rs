//! Everything that an account has, for whoever it has signed the address for: its originals, and a manifest of what they are.

use axum::extract::{Query, State};
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use chrono::{DateTime, Utc};
use tintype_core::db::{ImageId, UserId};
use tintype_core::export::{Own, OwnAlbum, find_owner};
use tintype_core::images::{Shown, visibility};
use tintype_dto::{EXPORT_FORMAT, EXPORT_VERSION, ExportManifest, ExportedAlbum, ExportedImage};
use uuid::Uuid;

use super::super::named::Named;
use super::body::{Contents, Shelf, Source};
use super::lost::{self, on_media};
use super::names::Names;
use super::respond;
use super::zip::Entry;
use crate::app::App;
use crate::caller::Caller;
use crate::problems::ApiError;
use crate::signed_links::{Place, Signature};

/// Where the originals stand in the archive.
const FOLDER: &str = "images/";
const MANIFEST: &str = "manifest.json";

pub async fn everything(
    State(app): State<App>,
    Named(file): Named,
    Query(signature): Query<Signature>,
    Caller(address): Caller,
    method: Method,
    headers: HeaderMap,
) -> Response {
    match answer(&app, &file, &signature, address, &method).await {
        Ok(response) => response,
        Err(error) => on_media(&app.urls, &headers, error, lost::EXPORT),
    }
}

async fn answer(
    app: &App,
    file: &str,
    signature: &Signature,
    address: String,
    method: &Method,
) -> Result<Response, ApiError> {
    let id = file.strip_suffix(".zip").and_then(|id| id.parse().ok());
    let user_id = UserId(id.ok_or_else(ApiError::not_found)?);
    let now = app.clock.now();
    let owner = find_owner(&app.db, user_id).await?;
    let (username, version) = owner.ok_or_else(ApiError::not_found)?;
    let path = format!("e/{file}");
    let left = app
        .links
        .check(&path, Place::Gallery, signature, version, now);
    left.ok_or_else(ApiError::not_found)?;
    let place = app.archive_places.enter(address)?;
    let own = Own::find(&app.db, user_id, now).await?;
    let called = format!("{username} {}", now.format("%Y-%m-%d"));
    let files = files(own, username, now)?;
    let contents = Contents::new(app.clone(), Shelf::Own(user_id), files, place);
    respond(contents, &called, method).await
}

/// The manifest, and the originals behind it.
fn files(own: Own, username: String, now: DateTime<Utc>) -> Result<Vec<(Source, Entry)>, ApiError> {
    let mut names = Names::default();
    let images = own.images.into_iter();
    let images: Vec<_> = images.map(|image| exported(&mut names, image)).collect();
    let originals: Vec<_> = images.iter().map(original).collect();
    let manifest = ExportManifest {
        format: EXPORT_FORMAT.into(),
        version: EXPORT_VERSION,
        username,
        exported_at: now,
        images,
        albums: own.albums.into_iter().map(album).collect(),
    };
    let text = serde_json::to_vec(&manifest).map_err(ApiError::internal)?;
    let entry = Entry {
        name: MANIFEST.into(),
        size_bytes: text.len() as u64,
        modified: now,
    };
    let manifest = (Source::Text(text.into()), entry);
    Ok(std::iter::once(manifest).chain(originals).collect())
}

fn exported(names: &mut Names, image: Shown) -> ExportedImage {
    let content_type = image.content_type.0;
    let wanted = image.title.as_ref().unwrap_or(&image.filename);
    ExportedImage {
        id: image.id.0,
        file: FOLDER.to_owned() + &names.take(wanted, content_type.extension()),
        slug: image.slug.0,
        filename: image.filename,
        title: image.title,
        alt: image.alt,
        content_type,
        size_bytes: image.size_bytes.cast_unsigned(),
        width: image.width.cast_unsigned(),
        height: image.height.cast_unsigned(),
        sha256: image.sha256,
        visibility: visibility::shown(image.visibility),
        created_at: image.created_at,
        expires_at: image.expires_at,
    }
}

fn original(image: &ExportedImage) -> (Source, Entry) {
    let entry = Entry {
        name: image.file.clone(),
        size_bytes: image.size_bytes,
        modified: image.created_at,
    };
    (Source::Original(ImageId(image.id)), entry)
}

fn album(own: OwnAlbum) -> ExportedAlbum {
    let OwnAlbum {
        album,
        images,
        cover,
    } = own;
    let ids = |images: Vec<ImageId>| -> Vec<Uuid> { images.into_iter().map(|id| id.0).collect() };
    ExportedAlbum {
        id: album.id.0,
        slug: album.slug.0,
        title: album.title,
        description: album.description,
        visibility: visibility::shown(album.visibility),
        created_at: album.created_at,
        expires_at: album.expires_at,
        cover: cover.map(|id| id.0),
        images: ids(images),
    }
}
