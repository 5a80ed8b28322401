//! The bytes of an archive, one after the other: no picture is held whole, and each is looked for when its turn comes.

use std::io::{self, BufWriter, Seek, Write};
use std::path::Path;
use std::time::Duration;

use axum::body::Bytes;
use crc32fast::Hasher;
use futures::stream::BoxStream;
use futures::{Stream, StreamExt, TryStreamExt, stream};
use tempfile::SpooledTempFile;
use tintype_core::albums::find_original;
use tintype_core::db::{AlbumId, ImageId, UserId};
use tintype_core::images::queries;
use tintype_core::{Failure, Services, chain};
use tintype_storage::ObjectStream;
use tokio::time::timeout;
use tracing::{Instrument, Span};

use super::listing::{Listed, Listing};
use super::zip::{self, Entry};
use crate::problems::ApiError;
use crate::spool;

/// How long it may take until the bytes of a picture begin.
const PATIENCE: Duration = Duration::from_secs(30);

/// Whose pictures an archive has: what decides whether one may still be in it when its turn comes.
#[derive(Clone, Copy)]
pub enum Shelf {
    /// What the pages of an album show.
    Album(AlbumId),
    /// What an account has.
    Own(UserId),
}

/// What is left to send of an archive.
pub struct Contents {
    services: Services,
    shelf: Shelf,
    /// What stands before all pictures.
    first: Option<(Entry, SpooledTempFile)>,
    left: Listed,
    /// The file whose bytes are being sent.
    current: Option<Current>,
    size: u64,
    count: u64,
    /// Bytes that were sent.
    sent: u64,
    directory: BufWriter<SpooledTempFile>,
    /// The directory, once everything else has been sent.
    end: Option<SpooledTempFile>,
}

struct Current {
    entry: Entry,
    /// Where it begins in the archive.
    offset: u64,
    body: BoxStream<'static, Result<Bytes, Broken>>,
    crc: Hasher,
}

/// Why an archive breaks off: what has been sent must not look whole.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// It was deleted, or is not in the album any more, or was made private, or the album itself was.
    #[error("a picture is not shown any more")]
    Hidden,
    /// The object is not what the database says.
    #[error("an original has {0} bytes too many or too few")]
    Size(u64),
    /// It could not be read.
    #[error(transparent)]
    Failure(#[from] Failure),
    /// What is in the archive could not be written down.
    #[error("the list of what is in the archive can't be written")]
    Spool(#[from] io::Error),
}

impl From<Broken> for ApiError {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Hidden => Self::not_found(),
            Broken::Size(_) => Self::storage_unavailable(broken),
            Broken::Failure(failure) => failure.into(),
            Broken::Spool(error) => spool::failed(error),
        }
    }
}

impl Contents {
    /// These pictures, behind a text where there is one. What takes more than a little memory for stands in this folder.
    ///
    /// # Errors
    /// The folder can't be written.
    pub async fn new(
        services: Services,
        shelf: Shelf,
        first: Option<(Entry, SpooledTempFile)>,
        pictures: Listing,
        folder: &Path,
    ) -> Result<Self, Broken> {
        let ahead = first.as_ref().map(|(entry, _)| entry.clone());
        // It reads the whole list.
        let measured = tokio::task::spawn_blocking(move || measured(ahead, pictures)).await;
        let (left, size) = measured.map_err(Failure::unexpected)??;
        Ok(Self {
            services,
            shelf,
            first,
            left,
            current: None,
            size,
            count: 0,
            sent: 0,
            directory: spool::small(folder)?,
            end: None,
        })
    }

    /// Of all of it, bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// All of it, of which no more is read ahead than one piece of an original.
    ///
    /// # Errors
    /// What goes wrong before the bytes of the first picture begin: that can still be said.
    pub async fn begin(
        mut self,
    ) -> Result<impl Stream<Item = Result<Bytes, Broken>> + use<>, Broken> {
        let first = self.next().await?;
        let span = Span::current();
        let rest = stream::try_unfold(self, move |mut contents| {
            let next = async move {
                let piece = contents.next().await.inspect_err(|error| {
                    tracing::warn!(cause = %chain(error), "an archive breaks off");
                })?;
                Ok(piece.map(|piece| (piece, contents)))
            };
            next.instrument(span.clone())
        });
        Ok(stream::iter(first.map(Ok)).chain(rest))
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Broken> {
        let piece = if let Some(current) = self.current.take() {
            Some(self.go_on(current).await?)
        } else if let Some((entry, text)) = self.first.take() {
            Some(self.turn_to(entry, pieces(text)))
        } else if let Some(end) = &mut self.end {
            spool::piece(end)?
        } else if let Some(picture) = self.left.next() {
            let (image, entry) = picture?;
            let opened = timeout(PATIENCE, open(&self.services, self.shelf, image)).await;
            let object = opened.map_err(|_| Failure::TimedOut)??;
            if object.size_bytes != entry.size_bytes {
                return Err(Broken::Size(object.size_bytes.abs_diff(entry.size_bytes)));
            }
            let body = object
                .body
                .map_err(|error| Failure::from(error).into())
                .boxed();
            Some(self.turn_to(entry, body))
        } else {
            self.end()?
        };
        self.sent += piece.as_ref().map_or(0, Bytes::len) as u64;
        Ok(piece)
    }

    fn turn_to(&mut self, entry: Entry, body: BoxStream<'static, Result<Bytes, Broken>>) -> Bytes {
        self.services.metrics.served_bytes.inc_by(entry.size_bytes);
        let header = entry.header();
        self.current = Some(Current {
            entry,
            offset: self.sent,
            body,
            crc: Hasher::new(),
        });
        header.into()
    }

    async fn go_on(&mut self, mut current: Current) -> Result<Bytes, Broken> {
        if let Some(piece) = current.body.next().await {
            let piece = piece?;
            current.crc.update(&piece);
            self.current = Some(current);
            return Ok(piece);
        }
        let Current {
            entry, offset, crc, ..
        } = current;
        let crc = crc.finalize();
        self.count += 1;
        self.directory.write_all(&entry.record(crc, offset))?;
        Ok(entry.descriptor(crc).into())
    }

    /// The beginning of the directory.
    fn end(&mut self) -> Result<Option<Bytes>, Broken> {
        let bytes = self.directory.stream_position()?;
        let end = zip::end(self.count, self.sent, bytes);
        self.directory.write_all(&end)?;
        self.directory.flush()?;
        let directory = self.directory.get_mut();
        directory.rewind()?;
        let mut directory = std::mem::replace(directory, SpooledTempFile::new(0));
        let piece = spool::piece(&mut directory)?;
        self.end = Some(directory);
        Ok(piece)
    }
}

/// The pictures, and the bytes that an archive of them has, behind what stands ahead.
fn measured(ahead: Option<Entry>, pictures: Listing) -> io::Result<(Listed, u64)> {
    let mut left = pictures.read()?;
    let pictures = left.by_ref().map_while(Result::ok).map(|(_, entry)| entry);
    let size = zip::size(ahead.into_iter().chain(pictures));
    left.rewind()?;
    Ok((left, size))
}

async fn open(services: &Services, shelf: Shelf, image: ImageId) -> Result<ObjectStream, Broken> {
    let now = services.clock.now();
    let found = match shelf {
        Shelf::Album(album) => find_original(&services.db, album, image, now).await,
        Shelf::Own(user_id) => {
            let found = queries::find(&services.db, user_id, image, now).await;
            found.map(|found| found.map(|image| image.original_key))
        }
    };
    let key = found.map_err(Failure::from)?.ok_or(Broken::Hidden)?;
    let object = services.store.stream(&key, None).await;
    let object = object.map_err(Failure::from)?;
    Ok(object.ok_or(Failure::MissingObject(key))?)
}

fn pieces(mut text: SpooledTempFile) -> BoxStream<'static, Result<Bytes, Broken>> {
    let next = std::iter::from_fn(move || spool::piece(&mut text).transpose());
    stream::iter(next).map_err(Broken::Spool).boxed()
}
