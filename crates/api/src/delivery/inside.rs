//! The page inside the binary, as the files that `ServeDir` reads.

use std::borrow::Cow;
use std::future::{Ready, ready};
use std::io::{self, Cursor, ErrorKind, Read, SeekFrom};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use flate2::read::GzDecoder;
use rust_embed::{Embed, EmbeddedFile};
use tokio::io::{AsyncRead, AsyncSeek, ReadBuf};
use tower_http::services::fs::{Backend, File, Metadata};

/// What `cargo xtask page` has built. Of modules only the compressed forms, which every browser takes: they are a twentieth of the server else.
#[derive(Embed)]
#[folder = "../../target/dist"]
#[exclude = "*.wasm"]
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
fn find(path: &Path) -> io::Result<EmbeddedFile> {
    let name = path.strip_prefix(".").unwrap_or(path).to_str();
    let name = name.ok_or(ErrorKind::NotFound)?;
    if let Some(file) = Page::get(name) {
        return Ok(file);
    }
    let compressed = Page::get(&format!("{name}.gz")).ok_or(ErrorKind::NotFound)?;
    let mut data = Vec::new();
    GzDecoder::new(&*compressed.data).read_to_end(&mut data)?;
    Ok(EmbeddedFile {
        data: data.into(),
        metadata: compressed.metadata,
    })
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
