//! Images against the objects under `images/`.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use futures::{StreamExt, TryStreamExt, stream};
use sha2::{Digest, Sha256};
use tintype_imaging::CLEANER;
use tintype_storage::StoreError;

use super::Audit;
use super::report::Fault;
use crate::chain;
use crate::db::{self, image};
use crate::inventory::rows::{self, PAGE};
use crate::inventory::{AT_ONCE, InventoryError, Listing, Part};
use crate::keys;
use crate::manifests::{MOST, Manifest};

/// A key that an image names.
#[derive(Clone, Copy)]
struct Named<'a> {
    image: &'a image::Model,
    part: Part,
    key: &'a str,
}

/// What is at a key.
enum Found {
    Nothing,
    Object {
        size_bytes: u64,
        sha256: Option<db::Sha256>,
    },
    Unreadable(String),
}

impl Audit<'_> {
    /// Every image, and every object under `images/`.
    pub(super) async fn images(&mut self) -> Result<(), InventoryError> {
        let mut listing = Listing::new(self.store, keys::IMAGES);
        let mut after = None;
        loop {
            let page = rows::images(self.db, after).await?;
            after = page
                .last()
                .filter(|_| page.len() as u64 == PAGE)
                .map(|image| image.id);
            // '0' follows '/': this key sorts after the last image's objects and before the next image's.
            let bound = after.map(keys::behind_images_of);
            self.report.checked.images += page.len() as u64;
            self.report.checked.outdated += page
                .iter()
                .filter(|image| image.cleaner < CLEANER && image.state != image::State::Deleting)
                .count() as u64;
            self.compare(&page, &mut listing, bound.as_deref()).await?;
            self.ends(&page).await?;
            if after.is_none() {
                return Ok(());
            }
        }
    }

    /// A page of images against the objects up to `bound`.
    async fn compare(
        &mut self,
        page: &[image::Model],
        listing: &mut Listing<'_>,
        bound: Option<&str>,
    ) -> Result<(), InventoryError> {
        let (mut named, mut elsewhere) = (HashMap::new(), Vec::new());
        for image in page {
            let folder = keys::images_of(image.id);
            for (part, key) in rows::parts(image) {
                let name = Named { image, part, key };
                match named.entry(key) {
                    Entry::Vacant(free) if key.starts_with(&folder) => drop(free.insert(name)),
                    _ => elsewhere.push(name),
                }
            }
        }
        let (mut suspects, mut to_read) = (Vec::new(), Vec::new());
        loop {
            let objects = listing.next(bound).await?;
            if objects.is_empty() {
                break;
            }
            self.report.checked.objects += objects.len() as u64;
            let mut unnamed = Vec::new();
            for object in objects {
                match named.remove(object.key.as_str()) {
                    Some(name) if is_sound(name, object.size_bytes) => to_read.push(name),
                    Some(name) => suspects.push(name),
                    None => unnamed.push(object),
                }
            }
            self.unnamed(unnamed).await?;
        }
        suspects.extend(named.into_values());
        for name in &elsewhere {
            match self.store.head(name.key).await {
                Ok(Some(object)) if is_sound(*name, object.size_bytes) => to_read.push(*name),
                _ => suspects.push(*name),
            }
        }
        suspects.retain(|name| name.image.state != image::State::Deleting);
        suspects.sort_by_key(|name| (name.image.id, name.key));
        self.look_again(&suspects, false).await?;
        if self.options.hashes {
            to_read.retain(|name| {
                matches!(name.part, Part::Original | Part::Manifest)
                    && name.image.state != image::State::Deleting
            });
            self.read(&to_read).await?;
        }
        self.shared(
            elsewhere
                .into_iter()
                .map(|name| name.key.to_owned())
                .collect(),
        )
        .await
    }

    /// Compares the bytes of originals, and what manifests say.
    async fn read(&mut self, objects: &[Named<'_>]) -> Result<(), InventoryError> {
        let originals = objects.iter().filter(|name| name.part == Part::Original);
        self.report.checked.hashes += originals.count() as u64;
        let found = self.look(objects, true).await?;
        let suspects = objects
            .iter()
            .zip(&found)
            .filter(|(name, found)| judge(**name, name.image, found).is_some());
        let suspects: Vec<_> = suspects.map(|(name, _)| *name).collect();
        self.look_again(&suspects, true).await
    }

    /// Reports what is still wrong. The object is read before the row: a row says `Deleting` before its objects are deleted.
    async fn look_again(
        &mut self,
        suspects: &[Named<'_>],
        hashes: bool,
    ) -> Result<(), InventoryError> {
        if suspects.is_empty() {
            return Ok(());
        }
        let found = self.look(suspects, hashes).await?;
        let images =
            rows::images_again(self.db, suspects.iter().map(|name| name.image.id).collect())
                .await?;
        for (name, found) in suspects.iter().zip(&found) {
            if let Some(fault) = images
                .get(&name.image.id)
                .and_then(|image| judge(*name, image, found))
            {
                self.report.add(fault);
            }
        }
        Ok(())
    }

    async fn look(&self, names: &[Named<'_>], hashes: bool) -> Result<Vec<Found>, InventoryError> {
        let looks: Vec<_> = names
            .iter()
            .map(|name| self.look_at(*name, hashes))
            .collect();
        stream::iter(looks).buffered(AT_ONCE).try_collect().await
    }

    async fn look_at(&self, name: Named<'_>, hashes: bool) -> Result<Found, InventoryError> {
        let found = match name.part {
            Part::Manifest if hashes => self.manifest(name).await,
            _ if hashes => self.hash(name.key).await,
            _ => self.head(name.key).await,
        };
        match found {
            Ok(found) => Ok(found),
            Err(error) => {
                // The object's fault, if the store still answers.
                self.store.list(name.key, None).await?;
                Ok(Found::Unreadable(chain(&error)))
            }
        }
    }

    async fn head(&self, key: &str) -> Result<Found, StoreError> {
        let object = self.store.head(key).await?;
        Ok(object.map_or(Found::Nothing, |object| Found::Object {
            size_bytes: object.size_bytes,
            sha256: None,
        }))
    }

    async fn manifest(&self, name: Named<'_>) -> Result<Found, StoreError> {
        let Some(bytes) = self.store.get(name.key, MOST).await? else {
            return Ok(Found::Nothing);
        };
        let says = serde_json::from_slice::<Manifest>(&bytes);
        let is_so = |says: &Manifest| *says == Manifest::of(name.image, &says.owner.username);
        if says.as_ref().is_ok_and(is_so) {
            let size_bytes = bytes.len() as u64;
            Ok(Found::Object {
                size_bytes,
                sha256: None,
            })
        } else {
            Ok(Found::Unreadable(
                "it does not say what the row says".into(),
            ))
        }
    }

    async fn hash(&self, key: &str) -> Result<Found, StoreError> {
        let Some(mut object) = self.store.stream(key, None).await? else {
            return Ok(Found::Nothing);
        };
        let mut hash = Sha256::new();
        while let Some(piece) = object.body.try_next().await? {
            hash.update(&piece);
        }
        Ok(Found::Object {
            size_bytes: object.size_bytes,
            sha256: Some(db::Sha256(hash.finalize().into())),
        })
    }
}

/// The row knows the size of the original only.
fn is_sound(name: Named<'_>, size_bytes: u64) -> bool {
    name.part != Part::Original || size_bytes == name.image.size_bytes.cast_unsigned()
}

/// What is wrong with an object, given the image that named it at the first look and its row now.
fn judge(name: Named<'_>, image: &image::Model, found: &Found) -> Option<Fault> {
    let is_named = rows::parts(image).any(|(part, key)| (part, key) == (name.part, name.key));
    let is_due = name.part == Part::Manifest && image.manifest_due_at.is_some();
    if image.state == image::State::Deleting || !is_named || is_due {
        return None;
    }
    let (key, slug, part, id) = (name.key.to_owned(), image.slug.clone(), name.part, image.id);
    match found {
        Found::Nothing => Some(Fault::Missing {
            key,
            image: id,
            slug,
            part,
        }),
        Found::Unreadable(reason) => Some(Fault::Unreadable {
            key,
            image: id,
            slug,
            part,
            reason: reason.clone(),
        }),
        Found::Object { .. } if part != Part::Original => None,
        Found::Object { size_bytes, .. } if *size_bytes != image.size_bytes.cast_unsigned() => {
            Some(Fault::WrongSize {
                key,
                image: id,
                slug,
                expected_bytes: image.size_bytes,
                found_bytes: *size_bytes,
            })
        }
        Found::Object {
            sha256: Some(sha256),
            ..
        } if *sha256 != image.sha256 => {
            let (expected_sha256, found_sha256) = (image.sha256, *sha256);
            Some(Fault::WrongHash {
                key,
                image: id,
                slug,
                expected_sha256,
                found_sha256,
            })
        }
        Found::Object { .. } => None,
    }
}
