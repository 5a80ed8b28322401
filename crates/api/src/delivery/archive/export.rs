//! Everything that an account has, for whoever it has signed the address for: its originals, and a manifest of what they are.

use std::collections::HashSet;
use std::io::{self, BufWriter, Seek, Write};
use std::path::Path;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use chrono::{DateTime, Utc};
use serde::Serialize;
use tempfile::SpooledTempFile;
use tintype_core::db::{ImageId, UserId};
use tintype_core::export::{EXPORT_PAGE, OwnAlbum, albums, find_owner, images};
use tintype_core::images::{Shown, visibility};
use tintype_core::{Failure, Services};
use tintype_dto::{EXPORT_FORMAT, EXPORT_VERSION, ExportManifest, ExportedAlbum, ExportedImage};
use uuid::Uuid;

use super::super::named::Named;
use super::body::{Broken, Contents, Shelf};
use super::listing::Listing;
use super::lost::{self, on_media};
use super::names::Names;
use super::respond;
use super::zip::Entry;
use crate::app::App;
use crate::caller::Caller;
use crate::problems::ApiError;
use crate::signed_links::{Place, Signature};
use crate::spool;

/// Where the originals stand in the archive.
const FOLDER: &str = "images/";
const MANIFEST: &str = "manifest.json";
/// How a manifest without images and albums ends, and the beginnings of its two lists.
const EMPTY: &str = r#""images":[],"albums":[]}"#;
const IMAGES: &str = r#""images":["#;
const ALBUMS: &str = r#"],"albums":["#;

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
    let called = format!("{username} {}", now.format("%Y-%m-%d"));
    let folder = app.config.spool_dir();
    let contents = everything_of(&app.services, (user_id, username), &folder).await?;
    Box::pin(respond(contents, place, &called, method)).await
}

/// All that this account has: the manifest, and the originals behind it. What takes more than a little memory stands in this folder.
pub async fn everything_of(
    services: &Services,
    (user_id, username): (UserId, String),
    folder: &Path,
) -> Result<Contents, Broken> {
    let (db, now) = (&services.db, services.clock.now());
    let mut manifest = Manifest::begin(folder, username, now)?;
    let mut pictures = Listing::begin(folder)?;
    let (mut names, mut ids) = (Names::default(), HashSet::new());
    let mut page: Vec<Shown> = Vec::new();
    loop {
        let after = page.last();
        page = images(db, user_id, after, now)
            .await
            .map_err(Failure::from)?;
        for image in &page {
            let image = exported(&mut names, image.clone());
            manifest.item(&image)?;
            ids.insert(ImageId(image.id));
            pictures.add(ImageId(image.id), original(image))?;
        }
        if (page.len() as u64) < EXPORT_PAGE {
            break;
        }
    }
    let albums = albums(db, user_id, |id| ids.contains(&id))
        .await
        .map_err(Failure::from)?;
    drop(ids);
    let (size_bytes, text) = manifest.end(albums.into_iter().map(album))?;
    let entry = Entry {
        name: MANIFEST.into(),
        size_bytes,
        modified: now,
    };
    let (services, shelf) = (services.clone(), Shelf::Own(user_id));
    Contents::new(services, shelf, Some((entry, text)), pictures, folder).await
}

/// An `ExportManifest`, of which no more is held than one image.
struct Manifest {
    file: BufWriter<SpooledTempFile>,
    /// What stands before the next of a list.
    separator: &'static str,
}

impl Manifest {
    fn begin(folder: &Path, username: String, exported_at: DateTime<Utc>) -> io::Result<Self> {
        let empty = ExportManifest {
            format: EXPORT_FORMAT.into(),
            version: EXPORT_VERSION,
            username,
            exported_at,
            images: Vec::new(),
            albums: Vec::new(),
        };
        let text = serde_json::to_string(&empty)?;
        let head = text.strip_suffix(EMPTY).unwrap_or(&text);
        let mut file = spool::small(folder)?;
        write!(file, "{head}{IMAGES}")?;
        Ok(Self {
            file,
            separator: "",
        })
    }

    fn item(&mut self, item: &impl Serialize) -> io::Result<()> {
        self.file.write_all(self.separator.as_bytes())?;
        self.separator = ",";
        Ok(serde_json::to_writer(&mut self.file, item)?)
    }

    /// With these albums. Its size, bytes, and itself.
    fn end(
        mut self,
        albums: impl Iterator<Item = ExportedAlbum>,
    ) -> io::Result<(u64, SpooledTempFile)> {
        self.file.write_all(ALBUMS.as_bytes())?;
        self.separator = "";
        for album in albums {
            self.item(&album)?;
        }
        self.file.write_all(b"]}")?;
        let size_bytes = self.file.stream_position()?;
        Ok((size_bytes, spool::read(self.file)?))
    }
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

fn original(image: ExportedImage) -> Entry {
    Entry {
        name: image.file,
        size_bytes: image.size_bytes,
        modified: image.created_at,
    }
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
