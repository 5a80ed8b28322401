//! Reads a whole backup and compares it with what its manifest says.

use futures::TryStreamExt;

use super::BackupError;
use super::archive::{Archive, path_of};
use super::index::entries;
use super::manifest::{Manifest, Named, Objects};
use super::progress::{Progress, Step};
use super::{listed, shape};

/// How many files are read at once.
const AT_ONCE: usize = 8;
/// How many damaged files are named.
const MOST: usize = 100;

/// What was found.
#[derive(Clone, Debug)]
pub struct Verified {
    /// What is there.
    pub manifest: Manifest,
    /// Files that are not what they should be, and why: at most 100.
    pub damaged: Vec<String>,
    /// How many there are.
    pub damaged_count: u64,
    /// Whether one of them has rows, or the list of the objects. Then no object was compared.
    pub are_rows_damaged: bool,
}

/// Compares every file of a backup. It changes nothing.
///
/// # Errors
/// There is no backup, it is newer, it can't be read, or its manifest says what can't be.
pub async fn verify(archive: &Archive, progress: &dyn Progress) -> Result<Verified, BackupError> {
    let manifest = Manifest::load(archive).await?;
    shape::check(&manifest).await?;
    compare_all(archive, manifest, progress).await
}

/// The same of a manifest that has been read, whose tables are those that it may have.
pub async fn compare_all(
    archive: &Archive,
    manifest: Manifest,
    progress: &dyn Progress,
) -> Result<Verified, BackupError> {
    let Objects { count, file, .. } = &manifest.objects;
    let rows = manifest.tables.iter().map(|rows| (&rows.file, rows.count));
    let files: Vec<_> = rows.chain([(file, *count)]).collect();
    let bytes = files.iter().map(|(file, _)| file.bytes);
    let bytes = bytes.fold(manifest.objects.bytes, u64::saturating_add);
    progress.begin(Step::Check, bytes);
    let mut faults = Vec::new();
    for (file, lines) in files {
        faults.push(compare(archive, file, Some(lines), progress).await?);
    }
    let mut verified = Verified {
        damaged: Vec::new(),
        damaged_count: 0,
        are_rows_damaged: false,
        manifest,
    };
    for fault in faults {
        verified.note(fault);
    }
    if verified.damaged_count > 0 {
        verified.are_rows_damaged = true;
        return Ok(verified);
    }
    listed::check(archive, &verified.manifest).await?;
    let objects = entries(archive, &verified.manifest).await?;
    let compared = objects
        .map_ok(async |entry| {
            let file = Named {
                path: path_of(&entry.key),
                bytes: entry.size_bytes,
                sha256: entry.sha256,
            };
            compare(archive, &file, None, progress).await
        })
        .try_buffer_unordered(AT_ONCE);
    let mut compared = std::pin::pin!(compared);
    while let Some(fault) = compared.try_next().await? {
        verified.note(fault);
    }
    Ok(verified)
}

/// What is wrong with a file, which may be one of so many lines.
async fn compare(
    archive: &Archive,
    file: &Named,
    lines: Option<u64>,
    progress: &dyn Progress,
) -> Result<Option<String>, BackupError> {
    let mut found_lines = 0;
    let found = archive.hash(&file.path, |piece| {
        progress.advance(piece.len() as u64);
        if lines.is_some() {
            found_lines += piece.split(|byte| *byte == b'\n').skip(1).count() as u64;
        }
    });
    let found = match found.await {
        // It can't be decrypted.
        Err(BackupError::Damaged(why)) => return Ok(Some(why)),
        found => found?,
    };
    Ok(match found {
        None => Some(format!("{} is missing", file.path)),
        Some((bytes, _)) if bytes != file.bytes => Some(format!(
            "{} has {bytes} bytes instead of {}",
            file.path, file.bytes
        )),
        Some((_, sha256)) if sha256 != file.sha256 => {
            Some(format!("{} has other bytes than it had", file.path))
        }
        Some(_) => lines.filter(|said| *said != found_lines).map(|said| {
            format!(
                "{} has {found_lines} lines, and the manifest says {said}",
                file.path
            )
        }),
    })
}

impl Verified {
    fn note(&mut self, fault: Option<String>) {
        if let Some(fault) = fault {
            self.damaged_count += 1;
            if self.damaged.len() < MOST {
                self.damaged.push(fault);
            }
        }
    }

    /// Nothing is damaged.
    ///
    /// # Errors
    /// Something is.
    pub fn must_be_whole(self) -> Result<Manifest, BackupError> {
        let Some(first) = self.damaged.first() else {
            return Ok(self.manifest);
        };
        let faults = match self.damaged_count {
            1 => first.clone(),
            count => format!("{first}, and {} more files", count - 1),
        };
        Err(if self.are_rows_damaged {
            BackupError::Damaged(faults)
        } else {
            BackupError::DamagedObjects(faults)
        })
    }
}
