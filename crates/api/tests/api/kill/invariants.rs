//! What has to hold after any kill, whatever clients were told: the database and the bucket among themselves.

use std::collections::{HashMap, HashSet};

use sea_orm::EntityTrait;
use tintype_api::db::{image, upload};
use uuid::Uuid;

use super::installation::{Installation, Objects};

/// What was seen when we looked last.
#[derive(Default)]
pub struct Watch {
    uploads: HashMap<Uuid, upload::State>,
    images: HashMap<Uuid, image::State>,
    /// Rows that are not there any more.
    gone: HashSet<Uuid>,
    /// Where each image's original is.
    originals: HashMap<Uuid, String>,
}

impl Watch {
    /// What is wrong at this moment; also while the worker works.
    pub async fn look(&mut self, at: &Installation) -> Vec<String> {
        let mut wrong = at.audit().await;
        let uploads = upload::Entity::find().all(&at.db).await.unwrap();
        let images = image::Entity::find().all(&at.db).await.unwrap();
        for row in &uploads {
            if let Some(before) = self.uploads.insert(row.id, row.state)
                && !leads_to(before, row.state)
            {
                wrong.push(format!("upload {}: {before:?} became {:?}", row.id, row.state));
            }
        }
        for row in &images {
            if let Some(before) = self.images.insert(row.id, row.state)
                && before == image::State::Deleting
                && row.state != before
            {
                wrong.push(format!("image {}: it was being deleted and became {:?}", row.id, row.state));
            }
            if self.gone.contains(&row.id) {
                wrong.push(format!("image {}: it was purged and came back", row.id));
            }
            let original = self.originals.entry(row.id).or_insert_with(|| row.original_key.clone());
            if *original != row.original_key {
                wrong.push(format!("image {}: its original moved from {original} to {}", row.id, row.original_key));
            }
        }
        let present: HashSet<_> = images.iter().map(|row| row.id).collect();
        self.gone.extend(self.images.extract_if(|id, _| !present.contains(id)).map(|(id, _)| id));
        wrong
    }

    /// The same, when all that was due is done: the bucket holds what the rows of images name, and nothing else.
    pub async fn look_when_all_is_done(&mut self, at: &Installation, objects: Objects) -> Vec<String> {
        let mut wrong = self.look(at).await;
        if objects == Objects::Embedded {
            let images = image::Entity::find().all(&at.db).await.unwrap();
            let named: usize = images.iter().map(|row| 1 + row.preview_key.iter().count() + row.thumb_key.iter().count()).sum();
            let folder = at.config.data_dir.join("objects");
            let shards = folder.join("objects").read_dir().unwrap();
            let stored: usize = shards.map(|shard| shard.unwrap().path().read_dir().unwrap().count()).sum();
            if named != stored {
                wrong.push(format!("{named} objects are named by images, {stored} are there"));
            }
            let temporary = folder.join("tmp").read_dir().unwrap().count();
            if temporary > 0 {
                wrong.push(format!("{temporary} files are left in tmp"));
            }
        }
        wrong
    }
}

/// Whether there is a way from one state to the other in `uploads/machine.rs`.
fn leads_to(from: upload::State, to: upload::State) -> bool {
    from == to || matches!(from, upload::State::Pending | upload::State::Processing)
}
