//! Whether what an image's manifest says fits what the bucket has.

use chrono::{DateTime, Datelike, Utc};
use futures::TryStreamExt;
use sha2::{Digest, Sha256};
use tintype_dto::ContentType;
use tintype_storage::{ListedObject, StoreError};

use super::groups::Group;
use super::report::Fault;
use crate::chain;
use crate::db;
use crate::keys;
use crate::manifests::{MOST, Manifest, VERSION};
use crate::objects::Objects;

/// How to look.
#[derive(Clone, Copy)]
pub struct Fitting<'a> {
    pub store: &'a Objects,
    /// Whether every original is read and its SHA-256 compared.
    pub hashes: bool,
}

/// The result for one image.
pub struct Fit {
    /// `None`: it can't come back.
    pub image: Option<Proven>,
    pub faults: Vec<Fault>,
}

/// An image whose manifest fits.
#[derive(Clone, Debug)]
pub struct Proven {
    pub manifest: Manifest,
    pub manifest_key: String,
    /// Whether the manifest says what is not so any more: a rendition is gone.
    pub is_outdated: bool,
    /// The highest attempt that has left something.
    pub attempts: i32,
    /// Whether there is more than what the manifest names.
    pub has_rest: bool,
}

/// Reads the manifest that counts, and compares.
pub async fn fit(fitting: Fitting<'_>, group: Group) -> Result<Fit, StoreError> {
    let id = group.id;
    let left_out = |what: String| Fit {
        image: None,
        faults: vec![Fault { image: id, what }],
    };
    let revisions = group
        .objects
        .iter()
        .filter_map(|object| keys::revision_in(&object.key));
    let Some(revision) = revisions.max() else {
        return Ok(left_out("it has no manifest".into()));
    };
    let key = keys::manifest(id, revision);
    let manifest = match read(fitting.store, &key).await? {
        Ok(manifest) => manifest,
        Err(what) => return Ok(left_out(what)),
    };
    if let Some(what) = lie(&group, revision, &manifest) {
        return Ok(left_out(format!("its manifest does not fit: {what}")));
    }
    if fitting.hashes && !has_hash(fitting.store, &manifest).await? {
        return Ok(left_out(
            "its original has other bytes than were published".into(),
        ));
    }
    Ok(proven(&group, manifest, key))
}

/// The manifest at this key, or what is wrong with it.
async fn read(store: &Objects, key: &str) -> Result<Result<Manifest, String>, StoreError> {
    let bytes = match store.get(key, MOST).await {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Ok(Err("its manifest is gone".into())),
        Err(StoreError::TooLarge) => return Ok(Err("its manifest is too large".into())),
        Err(error) => {
            // The object's fault, if the store still answers.
            store.list(key, None).await?;
            return Ok(Err(format!(
                "its manifest can't be read: {}",
                chain(&error)
            )));
        }
    };
    let manifest = serde_json::from_slice(&bytes);
    Ok(manifest.map_err(|error| format!("its manifest can't be read: {error}")))
}

/// What the manifest says and the bucket denies.
fn lie(group: &Group, revision: i32, manifest: &Manifest) -> Option<&'static str> {
    let folder = keys::images_of(group.id);
    let Manifest {
        slug,
        title,
        alt,
        placeholder,
        ..
    } = manifest;
    let texts = [title, alt, placeholder].map(|text| text.as_deref());
    let texts = texts.into_iter().flatten().chain([&*manifest.filename]);
    let is_text = |text: &str| !text.contains('\0');
    let times = [Some(manifest.created_at), manifest.expires_at];
    let is_time = |time: DateTime<Utc>| (0..10_000).contains(&time.year());
    let keys = named(manifest);
    let is_slug = !slug.0.is_empty() && slug.0.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let original = sized(group, &manifest.original_key);
    let faults = [
        (
            manifest.version != VERSION,
            "it is of a version that this program does not know",
        ),
        (
            manifest.id != group.id || manifest.revision != revision,
            "it is that of another key",
        ),
        (
            !keys.iter().all(|key| key.starts_with(&folder)),
            "it names objects of another image",
        ),
        (!is_slug, "its slug is none"),
        (!texts.into_iter().all(is_text), "its texts can't be kept"),
        (
            !times.into_iter().flatten().all(is_time),
            "its times can't be kept",
        ),
        (
            ContentType::from_media_type(&manifest.content_type).is_none(),
            "its type is none",
        ),
        (manifest.width < 1 || manifest.height < 1, "it has no size"),
        (original.is_none(), "its original is gone"),
        (
            original != Some(manifest.size_bytes.cast_unsigned()),
            "its original is of another size",
        ),
    ];
    let fault = faults.into_iter().find(|(is_so, _)| *is_so);
    fault.map(|(_, what)| what)
}

fn named(manifest: &Manifest) -> Vec<&str> {
    let renditions = [&manifest.preview_key, &manifest.thumb_key];
    let renditions = renditions.into_iter().flatten().map(String::as_str);
    std::iter::once(&*manifest.original_key)
        .chain(renditions)
        .collect()
}

fn sized(group: &Group, key: &str) -> Option<u64> {
    let object = group.objects.iter().find(|object| object.key == key);
    object.map(|object| object.size_bytes)
}

/// Without the renditions that are gone: the page shows the original in their place.
fn proven(group: &Group, mut manifest: Manifest, manifest_key: String) -> Fit {
    let mut faults = Vec::new();
    for rendition in [&mut manifest.preview_key, &mut manifest.thumb_key] {
        if let Some(key) = rendition.take_if(|key| sized(group, key).is_none()) {
            let what = format!("{key} is gone: it comes back without");
            faults.push(Fault {
                image: group.id,
                what,
            });
        }
    }
    let kept = named(&manifest);
    let is_kept =
        |object: &ListedObject| kept.contains(&&*object.key) || object.key == manifest_key;
    let has_rest = !group.objects.iter().all(is_kept);
    let attempts = group
        .objects
        .iter()
        .filter_map(|object| keys::attempt_in(&object.key));
    let image = Proven {
        is_outdated: !faults.is_empty(),
        attempts: attempts.max().unwrap_or(1),
        has_rest,
        manifest,
        manifest_key,
    };
    Fit {
        image: Some(image),
        faults,
    }
}

/// Whether the original is what its manifest says. One that can't be read is not, if the store still answers.
async fn has_hash(store: &Objects, manifest: &Manifest) -> Result<bool, StoreError> {
    let key = &manifest.original_key;
    match hash(store, key).await {
        Ok(found) => Ok(found == Some(manifest.sha256)),
        Err(_) => store.list(key, None).await.map(|_| false),
    }
}

async fn hash(store: &Objects, key: &str) -> Result<Option<db::Sha256>, StoreError> {
    let Some(mut object) = store.stream(key, None).await? else {
        return Ok(None);
    };
    let mut hash = Sha256::new();
    while let Some(piece) = object.body.try_next().await? {
        hash.update(&piece);
    }
    Ok(Some(db::Sha256(hash.finalize().into())))
}
