//! Whether the list of a backup's objects is the one that its manifest and its images have.

use futures::TryStreamExt;
use sea_orm::EntityName;

use super::BackupError;
use super::archive::Archive;
use super::index::{Known, entries};
use super::manifest::Manifest;
use super::wanted;
use crate::db::image;

/// Compares the list with the counts of the manifest, and with the rows of images: each object that these name is in the list, or is counted
/// as missing. The files themselves are whole.
///
/// # Errors
/// They differ.
pub async fn check(archive: &Archive, manifest: &Manifest) -> Result<(), BackupError> {
    let untrue = |why| Err(BackupError::Untrue(why));
    let (mut count, mut bytes) = (0, 0_u64);
    let mut listed = std::pin::pin!(entries(archive, manifest).await?);
    while let Some(entry) = listed.try_next().await? {
        count += 1;
        bytes = bytes.saturating_add(entry.size_bytes);
    }
    let said = (manifest.objects.count, manifest.objects.bytes);
    if said != (count, bytes) {
        return untrue(format!(
            "manifest.json says {} objects of {} bytes, and the list of them has {count} of {bytes} bytes",
            said.0, said.1
        ));
    }
    let (held, lacking) = named(archive, manifest).await?;
    if lacking != manifest.missing_count {
        return untrue(format!(
            "images name {lacking} objects that the list of objects does not have, and manifest.json says that {} are missing",
            manifest.missing_count
        ));
    }
    if held != count {
        return untrue(format!(
            "the list of objects has {count}, and images name {held} of them"
        ));
    }
    Ok(())
}

/// How many objects images name that are in the list, and how many that are not.
async fn named(archive: &Archive, manifest: &Manifest) -> Result<(u64, u64), BackupError> {
    let name = image::Entity.table_name();
    let Some(images) = manifest.tables.iter().find(|rows| rows.table == name) else {
        return Ok((0, 0));
    };
    let mut known = Known::of(archive, Some(manifest)).await?;
    let (mut held, mut lacking) = (0, 0);
    let mut lines = std::pin::pin!(archive.lines(&images.file.path).await?);
    while let Some(line) = lines.try_next().await? {
        for wanted in wanted::of_image(&images.columns, &line, &mut known).await? {
            match wanted.known {
                Some(_) => held += 1,
                None => lacking += 1,
            }
        }
    }
    Ok((held, lacking))
}
