//! Invariants of the database and the bucket after any kill, whatever clients were told.

use std::collections::{BTreeSet, HashMap, HashSet};

use sea_orm::EntityTrait;
use tintype_core::db::image;
use uuid::Uuid;

use super::changes;
use super::installation::{Installation, Objects};

/// What was seen when we looked last.
#[derive(Default)]
pub struct Watch {
    images: HashSet<Uuid>,
    /// Rows that are not there any more.
    gone: HashSet<Uuid>,
    /// Where each image's original is.
    originals: HashMap<Uuid, String>,
}

impl Watch {
    /// The current violations; also while the worker works.
    pub async fn look(&mut self, at: &Installation) -> Vec<String> {
        let mut wrong = at.audit().await;
        wrong.extend(changes::not_in_the_diagram(&changes::noted(&at.db).await));
        let images = image::Entity::find().all(&at.db).await.unwrap();
        for row in &images {
            self.images.insert(row.id.0);
            if self.gone.contains(&row.id.0) {
                wrong.push(format!("image {}: it was purged and came back", row.id));
            }
            let original = self
                .originals
                .entry(row.id.0)
                .or_insert_with(|| row.original_key.clone());
            if *original != row.original_key {
                wrong.push(format!(
                    "image {}: its original moved from {original} to {}",
                    row.id, row.original_key
                ));
            }
        }
        let present: HashSet<_> = images.iter().map(|row| row.id).collect();
        self.gone.extend(
            self.images
                .extract_if(|id| !present.contains(&(*id).into())),
        );
        wrong
    }

    /// The same, when all that was due is done: the bucket holds what the rows of images name, its marker, and nothing else.
    pub async fn look_when_all_is_done(
        &mut self,
        at: &Installation,
        objects: Objects,
    ) -> Vec<String> {
        let mut wrong = self.look(at).await;
        if objects == Objects::Embedded {
            let images = image::Entity::find().all(&at.db).await.unwrap();
            let keys = |row: image::Model| {
                let renditions = [row.preview_key, row.thumb_key, row.manifest_key];
                renditions.into_iter().flatten().chain([row.original_key])
            };
            // The bucket says whose it is.
            let marker = tintype_core::keys::MARKER.to_owned();
            let named: BTreeSet<_> = images.into_iter().flat_map(keys).chain([marker]).collect();
            let folder = at.config.data_dir.join("objects");
            let shards = folder.join("objects").read_dir().unwrap();
            let files = shards.flat_map(|shard| shard.unwrap().path().read_dir().unwrap());
            let stored: BTreeSet<_> = files
                .map(|file| key_in(&std::fs::read(file.unwrap().path()).unwrap()))
                // They stay for ten minutes.
                .filter(|key| !key.starts_with(tintype_core::keys::MARKS))
                .collect();
            if named != stored {
                let (missing, more): (Vec<_>, Vec<_>) = (
                    named.difference(&stored).collect(),
                    stored.difference(&named).collect(),
                );
                wrong.push(format!(
                    "named and not there: {missing:?}; there and not named: {more:?}"
                ));
            }
            let temporary = folder.join("tmp").read_dir().unwrap().count();
            if temporary > 0 {
                wrong.push(format!("{temporary} files are left in tmp"));
            }
        }
        wrong
    }
}

/// The key that stands in an object's record, behind its bytes.
fn key_in(file: &[u8]) -> String {
    let text = String::from_utf8_lossy(file);
    text.rsplit_once("\"key\":\"")
        .unwrap()
        .1
        .split('"')
        .next()
        .unwrap()
        .to_owned()
}
