//! A tree of files: each directory with pictures becomes an album.
//!
//! Such an album is known again by where its directory really is: its whole path behind every link, byte by byte, since names need be no text. So two
//! directories are never one album, however alike they are called, and one directory never two, whether it is imported alone or with those
//! above it. A directory that has moved is another one: its pictures are there already, and an album more gets them.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::{StreamExt, stream};
use sha2::{Digest, Sha256};
use tintype_core::db::{self, ImageId};
use tintype_core::images::Change;
use tintype_core::uploads::{AnnounceError, Content, WholeFile};
use tintype_dto::{CreateAlbum, ProblemCode, check_filename, is_called_a_picture, nfc};
use tintype_imaging::sniff;

use super::albums::Wanted;
use super::target::{Came, Target, at_once};
use super::walk::{Closed, Directory, Walk, changed, open};
use super::{ImportError, Progress, Report};
use crate::problems::ApiError;

/// The longest title, characters.
const TITLE: usize = 200;
/// What stands between the names of a directory and of those above it.
const BETWEEN: &str = " / ";
/// How much is read at once, bytes.
const PIECE: usize = 256 * 1024;

/// Imports every picture of the tree.
///
/// # Errors
/// See [`ImportError`]. What is refused alone is in the report.
pub async fn import(
    target: &Target,
    folder: &Path,
    progress: &dyn Progress,
    report: &mut Report,
) -> Result<(), ImportError> {
    let unreadable = |source| ImportError::Unreadable {
        path: folder.to_owned(),
        source,
    };
    let root = folder.canonicalize().map_err(unreadable)?;
    let files = |directory: Directory| directory.files.len() as u64;
    progress.begin(Walk::new(&root).flatten().map(files).sum());
    let mut walk = Walk::new(&root);
    for next in walk.by_ref() {
        match next {
            Ok(directory) => {
                import_directory(target, &root, directory, progress, report).await?;
            }
            Err(Closed { path, why }) => {
                report.refuse(&path.display().to_string(), unread(&why))?;
            }
        }
    }
    report.others += walk.left_out;
    Ok(())
}

async fn import_directory(
    target: &Target,
    root: &Path,
    directory: Directory,
    progress: &dyn Progress,
    report: &mut Report,
) -> Result<(), ImportError> {
    let work = directory.files.iter().map(async |path| {
        let ended = import_file(target, path.clone()).await;
        progress.advance();
        (path, ended)
    });
    let mut work = stream::iter(work).buffered(at_once());
    let mut images = Vec::new();
    while let Some((path, ended)) = work.next().await {
        match ended.transpose() {
            Some(ended) => images.extend(report.picture(&path.display().to_string(), ended)?),
            None => report.others += 1,
        }
    }
    if images.is_empty() {
        return Ok(());
    }
    let name = directory.path.display().to_string();
    match target.fill(&album(root, &directory, images)).await {
        Ok(is_new) => report.albums += u64::from(is_new),
        Err(why) => report.refuse(&name, why)?,
    }
    Ok(())
}

/// The album of a directory: that of the root is called as the root is.
fn album(root: &Path, directory: &Directory, images: Vec<ImageId>) -> Wanted {
    let root = root.file_name().unwrap_or_default().to_string_lossy();
    let title = match &directory.names[..] {
        [] => title(&[root.into_owned()]),
        names => title(names),
    };
    Wanted {
        from: [b"folder\0", directory.path.as_os_str().as_bytes()].concat(),
        album: CreateAlbum {
            title: Some(title),
            description: None,
            visibility: None,
            expires_at: None,
            images: Vec::new(),
        },
        created_at: None,
        cover: None,
        images,
    }
}

/// Of what is too long, the end.
fn title(names: &[String]) -> String {
    let names: Vec<_> = names.iter().map(|name| check_filename(name, nfc)).collect();
    let title = names.join(BETWEEN);
    let length = title.chars().count();
    if length <= TITLE {
        return title;
    }
    let end: String = title.chars().skip(length - TITLE + 1).collect();
    format!("…{end}")
}

/// A picture that was read once.
struct Looked {
    whole: WholeFile,
    file: Arc<File>,
    before: Metadata,
}

impl Looked {
    fn has_changed(&self) -> bool {
        let seen = |metadata: &Metadata| (metadata.len(), metadata.modified().ok());
        let now = self.file.metadata();
        now.is_ok_and(|now| seen(&now) != seen(&self.before))
    }
}

/// What becomes of a file. `None`: it is no picture.
async fn import_file(target: &Target, path: PathBuf) -> Result<Option<Came>, ApiError> {
    let most = target.services.settings.limits.max_bytes;
    let looked = tokio::task::spawn_blocking(move || look(&path, most)).await;
    let Some(looked) = looked.map_err(ApiError::internal)?? else {
        return Ok(None);
    };
    let taken = target.take(looked.whole.clone(), &Change::default()).await;
    match taken {
        // The store takes no other bytes than those that were announced.
        Err(_) if looked.has_changed() => {
            let detail = "The file was changed while it was imported. Import it again.";
            Err(ApiError::new(ProblemCode::HashMismatch, detail))
        }
        taken => taken.map(Some),
    }
}

/// Reads a file once, for its hash. `None`: it is no picture.
fn look(path: &Path, most: u64) -> Result<Option<Looked>, ApiError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let (mut file, before) = open(path).map_err(|error| unread(&error))?;
    let mut head = Vec::new();
    let read = file.by_ref().take(64).read_to_end(&mut head);
    read.map_err(|error| unread(&error))?;
    let content_type = match sniff(&head) {
        Ok(content_type) => content_type,
        Err(_) if !is_called_a_picture(&name) => return Ok(None),
        Err(_) if head.is_empty() => return Err(ApiError::field("file", "The file is empty.")),
        Err(refusal) => return Err(ApiError::new(refusal.code(), refusal.to_string())),
    };
    let size_bytes = before.len();
    if size_bytes > most {
        return Err(AnnounceError::TooLarge { size_bytes, most }.into());
    }
    let sha256 = hash(head, &mut file).map_err(|error| unread(&error))?;
    let file = Arc::new(file);
    let whole = WholeFile {
        filename: name.into_owned(),
        content_type,
        size_bytes,
        sha256,
        created_at: changed(&before).map(Into::into),
        content: Content::File(file.clone()),
    };
    Ok(Some(Looked {
        whole,
        file,
        before,
    }))
}

/// Of what was read and what follows.
fn hash(mut piece: Vec<u8>, file: &mut File) -> io::Result<db::Sha256> {
    let mut hash = Sha256::new();
    hash.update(&piece);
    piece.resize(PIECE, 0);
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(db::Sha256(hash.finalize().into())),
            read => hash.update(&piece[..read]),
        }
    }
}

fn unread(error: &io::Error) -> ApiError {
    let detail = format!("It can't be read: {error}. Let the account that runs this read it.");
    ApiError::new(ProblemCode::NotUploaded, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_album_is_called_as_its_directory_and_those_above_it() {
        let called = |names: &[&str]| {
            let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
            title(&names)
        };
        assert_eq!(called(&["Holidays", "Rome\n2024"]), "Holidays / Rome2024");
        let long = called(&["a", &"é".repeat(300)]);
        assert_eq!(long.chars().count(), TITLE);
        assert!(long.starts_with('…') && long.ends_with('é'));
    }
}
