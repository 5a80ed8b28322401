//! What an account of any installation has taken away with it (`tintype export`, or an export from its settings).

mod bounded;
mod manifest;
mod pack;

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use futures::{Stream, StreamExt, stream};
use tintype_core::db::{ImageId, Sha256};
use tintype_core::images::Change;
use tintype_core::uploads::AnnounceError;
use tintype_dto::{
    CreateAlbum, ExportedAlbum, ExportedImage, SHORTEST_LIFE, UpdateImage, Visibility, check_sha256,
};
use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinHandle};
use uuid::Uuid;

use self::manifest::{Manifest, Piece};
use self::pack::Pack;
pub use self::pack::PackError;
use super::albums::Wanted;
use super::target::{Came, Target, at_once};
use super::{ImportError, Progress, Report};
use crate::problems::ApiError;

/// How many parts of a manifest are read ahead.
const AHEAD: usize = 64;

/// Imports everything of an archive. Large files stand in `spool` on their way.
///
/// # Errors
/// See [`ImportError`]. What is refused alone is in the report.
pub async fn import(
    target: &Target,
    (path, spool): (&Path, &Path),
    progress: &dyn Progress,
    report: &mut Report,
) -> Result<(), ImportError> {
    let untrusted = |source| ImportError::Archive {
        path: path.to_owned(),
        source,
    };
    let file = File::open(path).map_err(|source| ImportError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    let opened = open(file, spool.to_owned()).await.map_err(failed)?;
    let (pack, manifest) = opened.map_err(untrusted)?;
    progress.begin(manifest.images);
    let (exported, reading) = parts(&manifest, Piece::image);
    let work = exported.map(async |image| {
        let ended = import_image(target, &pack, &image, spool).await;
        progress.advance();
        (image, ended)
    });
    let mut work = pin!(work.buffered(at_once()));
    let mut images = HashMap::new();
    while let Some((image, ended)) = work.next().await {
        match ended.transpose() {
            Some(ended) => {
                let id = report.picture(&image.file, ended)?;
                images.extend(id.map(|id| (image.id, id)));
            }
            None => report.ended += 1,
        }
    }
    reading.await.map_err(failed)?.map_err(untrusted)?;
    let (albums, reading) = parts(&manifest, Piece::album);
    let mut albums = pin!(albums);
    while let Some(album) = albums.next().await {
        match import_album(target, &album, &images).await {
            Ok(is_new) => report.albums += u64::from(is_new),
            Err(why) => report.refuse(&called(&album), why)?,
        }
    }
    reading.await.map_err(failed)?.map_err(untrusted)
}

type Opened = Result<(Arc<Pack>, Arc<Manifest>), PackError>;

async fn open(file: File, spool: PathBuf) -> Result<Opened, JoinError> {
    let opened = tokio::task::spawn_blocking(move || {
        let pack = Pack::open(file)?;
        let manifest = pack.manifest(&spool)?;
        Ok((Arc::new(pack), Arc::new(manifest)))
    });
    opened.await
}

fn failed(error: JoinError) -> ImportError {
    ImportError::Stopped(ApiError::internal(error))
}

/// The parts of a kind, read beside what is done with them; and how the reading ends.
fn parts<T: Send + 'static>(
    manifest: &Arc<Manifest>,
    kind: fn(Piece) -> Option<T>,
) -> (impl Stream<Item = T> + use<T>, Reading) {
    let (tell, told) = mpsc::channel(AHEAD);
    let manifest = manifest.clone();
    let reading = tokio::task::spawn_blocking(move || {
        manifest.read(|piece| kind(piece).is_none_or(|part| tell.blocking_send(part).is_ok()))
    });
    let parts = stream::unfold(told, |mut told| async {
        told.recv().await.map(|part| (part, told))
    });
    (parts, reading)
}

type Reading = JoinHandle<Result<(), PackError>>;

/// What becomes of a picture. `None`: its time is over.
async fn import_image(
    target: &Target,
    pack: &Arc<Pack>,
    image: &ExportedImage,
    spool: &Path,
) -> Result<Option<Came>, ApiError> {
    let now = target.services.clock.now();
    if has_ended(image.expires_at, now) {
        return Ok(None);
    }
    let change = Change::check(&said(image), now).map_err(ApiError::fields)?;
    let most = target.services.settings.limits.max_bytes;
    if image.size_bytes > most {
        let size_bytes = image.size_bytes;
        return Err(AnnounceError::TooLarge { size_bytes, most }.into());
    }
    let sha256 = check_sha256(&image.sha256).map_err(|rule| ApiError::field("sha256", rule))?;
    if let Some(id) = target.find(Sha256(sha256)).await? {
        return Ok(Some(Came::There(id)));
    }
    let (pack, image, spool) = (pack.clone(), image.clone(), spool.to_owned());
    let file = tokio::task::spawn_blocking(move || pack.take(&image, &spool)).await;
    let file = file.map_err(ApiError::internal)??;
    target.take(file, &change).await.map(Some)
}

/// What its owner said of a picture.
fn said(image: &ExportedImage) -> UpdateImage {
    UpdateImage {
        title: Some(image.title.clone()),
        alt: Some(image.alt.clone()),
        visibility: Some(image.visibility),
        expires_at: Some(image.expires_at),
    }
}

/// Makes an album as it was, or what it lacks. Whether it is new.
async fn import_album(
    target: &Target,
    exported: &ExportedAlbum,
    images: &HashMap<Uuid, ImageId>,
) -> Result<bool, ApiError> {
    let wanted = album(exported, images, target.services.clock.now());
    let is_new = target.fill(&wanted).await?;
    target.arrange(&wanted).await?;
    Ok(is_new)
}

/// An album is known by the id that it had. One whose time is over was for its owner alone.
fn album(exported: &ExportedAlbum, images: &HashMap<Uuid, ImageId>, now: DateTime<Utc>) -> Wanted {
    let is_over = has_ended(exported.expires_at, now);
    let mut seen = HashSet::new();
    let ids = exported
        .images
        .iter()
        .filter_map(|id| images.get(id).copied());
    Wanted {
        from: format!("export\0{}", exported.id).into_bytes(),
        album: CreateAlbum {
            title: exported.title.clone(),
            description: exported.description.clone(),
            visibility: Some(if is_over {
                Visibility::Private
            } else {
                exported.visibility
            }),
            expires_at: exported.expires_at.filter(|_| !is_over),
            images: Vec::new(),
        },
        created_at: Some(exported.created_at),
        cover: exported.cover.and_then(|id| images.get(&id).copied()),
        images: ids.filter(|id| seen.insert(*id)).collect(),
    }
}

fn called(album: &ExportedAlbum) -> String {
    let name = album.title.as_ref().unwrap_or(&album.slug);
    format!("album {name}")
}

/// Whether so little is left that it may not be asked for any more.
fn has_ended(expires_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    expires_at.is_some_and(|end| end < now + TimeDelta::seconds(SHORTEST_LIFE.into()))
}
