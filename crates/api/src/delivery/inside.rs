//! The page inside the binary, as the files that `ServeDir` reads.

use std::borrow::Cow;
use std::future::{Ready, ready};
use std::io::{self, Cursor, SeekFrom};
use std::path::PathBuf;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use rust_embed::{Embed, EmbeddedFile};
use tokio::io::{AsyncRead, AsyncSeek, ReadBuf};
use tower_http::services::fs::{Backend, File, Metadata};

/// What `cargo xtask page` has built.
#[derive(Embed)]
#[folder = "../../target/dist"]
struct Page;

/// Reads files of the binary.
#[derive(Clone, Copy, Debug)]
pub struct Inside;

impl Backend for Inside {
    type File = OpenFile;
    type Metadata = About;
    type OpenFuture = Ready<io::Result<OpenFile>>;
    type MetadataFuture = Ready<io::Result<About>>;

    fn open(&self, path: PathBuf) -> Self::OpenFuture {
        ready(find(&path).map(|file| OpenFile {
            about: About::of(&file),
            bytes: Cursor::new(file.data),
        }))
    }

    fn metadata(&self, path: PathBuf) -> Self::MetadataFuture {
        ready(find(&path).map(|file| About::of(&file)))
    }
}

/// `ServeDir` puts `./` in front of what it has been asked for.
fn find(path: &std::path::Path) -> io::Result<EmbeddedFile> {
    let name = path.strip_prefix(".").unwrap_or(path);
    name.to_str()
        .and_then(Page::get)
        .ok_or_else(|| io::ErrorKind::NotFound.into())
}

/// What is known of a file before it is read. There are no folders.
#[derive(Clone, Copy, Debug)]
pub struct About {
    bytes: u64,
    modified: SystemTime,
}

impl About {
    fn of(file: &EmbeddedFile) -> Self {
        let seconds = file.metadata.last_modified().unwrap_or_default();
        Self {
            bytes: file.data.len() as u64,
            modified: SystemTime::UNIX_EPOCH + Duration::from_secs(seconds),
        }
    }
}

impl Metadata for About {
    fn is_dir(&self) -> bool {
        false
    }

    fn modified(&self) -> io::Result<SystemTime> {
        Ok(self.modified)
    }

    fn len(&self) -> u64 {
        self.bytes
    }
}

/// A file that is being read.
#[derive(Debug)]
pub struct OpenFile {
    about: About,
    bytes: Cursor<Cow<'static, [u8]>>,
}

impl File for OpenFile {
    type Metadata = About;
    type MetadataFuture<'a> = Ready<io::Result<About>>;

    fn metadata(&self) -> Self::MetadataFuture<'_> {
        ready(Ok(self.about))
    }
}

impl AsyncRead for OpenFile {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.bytes).poll_read(context, buffer)
    }
}

impl AsyncSeek for OpenFile {
    fn start_seek(mut self: Pin<&mut Self>, position: SeekFrom) -> io::Result<()> {
        Pin::new(&mut self.bytes).start_seek(position)
    }

    fn poll_complete(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<u64>> {
        Pin::new(&mut self.bytes).poll_complete(context)
    }
}
