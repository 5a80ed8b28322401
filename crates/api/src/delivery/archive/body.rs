//! The bytes of an archive, one after the other: no picture is held whole, and each is looked for when its turn comes.

use std::time::Duration;
use std::vec::IntoIter;

use axum::body::Bytes;
use crc32fast::Hasher;
use futures::{Stream, StreamExt, stream};
use tintype_core::albums::find_original;
use tintype_core::db::{AlbumId, ImageId, UserId};
use tintype_core::images::queries;
use tintype_core::{Failure, chain};
use tintype_storage::ObjectStream;
use tokio::time::timeout;
use tracing::{Instrument, Span};

use super::places::ArchivePlace;
use super::zip::{self, Entry};
use crate::app::App;
use crate::problems::ApiError;

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

/// Where the bytes of a file come from.
pub enum Source {
    /// They are these.
    Text(Bytes),
    /// The original of an image.
    Original(ImageId),
}

/// What is left to send of an archive.
pub struct Contents {
    app: App,
    shelf: Shelf,
    left: IntoIter<(Source, Entry)>,
    /// The picture whose bytes are being sent.
    current: Option<Current>,
    count: u64,
    /// Bytes that were sent.
    sent: u64,
    directory: Vec<u8>,
    is_over: bool,
    _place: ArchivePlace,
}

struct Current {
    entry: Entry,
    /// Where it begins in the archive.
    offset: u64,
    object: ObjectStream,
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
}

impl From<Broken> for ApiError {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Hidden => Self::not_found(),
            Broken::Size(_) => Self::storage_unavailable(broken),
            Broken::Failure(failure) => failure.into(),
        }
    }
}

impl Contents {
    pub fn new(app: App, shelf: Shelf, files: Vec<(Source, Entry)>, place: ArchivePlace) -> Self {
        Self {
            app,
            shelf,
            left: files.into_iter(),
            current: None,
            count: 0,
            sent: 0,
            directory: Vec::new(),
            is_over: false,
            _place: place,
        }
    }

    /// Of all of it, bytes.
    pub fn size(&self) -> u64 {
        zip::size(self.left.as_slice().iter().map(|(_, entry)| entry))
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
        let piece = match self.current.take() {
            Some(current) => self.go_on(current).await?,
            None => match self.left.next() {
                Some((source, entry)) => self.turn_to(source, entry).await?,
                None if self.is_over => return Ok(None),
                None => self.end(),
            },
        };
        self.sent += piece.len() as u64;
        Ok(Some(piece))
    }

    async fn turn_to(&mut self, source: Source, entry: Entry) -> Result<Bytes, Broken> {
        let object = match source {
            Source::Text(text) => whole(text),
            Source::Original(image) => {
                let opened = timeout(PATIENCE, open(&self.app, self.shelf, image)).await;
                opened.map_err(|_| Failure::TimedOut)??
            }
        };
        if object.size_bytes != entry.size_bytes {
            return Err(Broken::Size(object.size_bytes.abs_diff(entry.size_bytes)));
        }
        self.app.metrics.served_bytes.inc_by(object.size_bytes);
        let header = entry.header();
        self.current = Some(Current {
            entry,
            offset: self.sent,
            object,
            crc: Hasher::new(),
        });
        Ok(header.into())
    }

    async fn go_on(&mut self, mut current: Current) -> Result<Bytes, Broken> {
        if let Some(piece) = current.object.body.next().await {
            let piece = piece.map_err(Failure::from)?;
            current.crc.update(&piece);
            self.current = Some(current);
            return Ok(piece);
        }
        let Current {
            entry, offset, crc, ..
        } = current;
        let crc = crc.finalize();
        self.count += 1;
        self.directory.extend(entry.record(crc, offset));
        Ok(entry.descriptor(crc).into())
    }

    fn end(&mut self) -> Bytes {
        self.is_over = true;
        let mut directory = std::mem::take(&mut self.directory);
        let end = zip::end(self.count, self.sent, directory.len() as u64);
        directory.extend(end);
        directory.into()
    }
}

async fn open(app: &App, shelf: Shelf, image: ImageId) -> Result<ObjectStream, Broken> {
    let now = app.clock.now();
    let found = match shelf {
        Shelf::Album(album) => find_original(&app.db, album, image, now).await,
        Shelf::Own(user_id) => {
            let found = queries::find(&app.db, user_id, image, now).await;
            found.map(|found| found.map(|image| image.original_key))
        }
    };
    let key = found.map_err(Failure::from)?.ok_or(Broken::Hidden)?;
    let object = app.store.stream(&key, None).await;
    let object = object.map_err(Failure::from)?;
    Ok(object.ok_or(Failure::MissingObject(key))?)
}

/// A text as if it came from the store.
fn whole(text: Bytes) -> ObjectStream {
    ObjectStream {
        size_bytes: text.len() as u64,
        content_type: None,
        body: stream::once(async { Ok(text) }).boxed(),
    }
}
