//! Files that are to be in an album once they have arrived.

use leptos::prelude::*;
use uuid::Uuid;

use super::item::images;
use super::queue::Queue;

/// Which files go into which albums. Copies are the same.
#[derive(Clone, Copy, Default)]
pub struct IntoAlbums {
    /// The album that is looked at.
    here: RwSignal<Option<Uuid>>,
    batches: RwSignal<Vec<Batch>>,
}

/// Files that were added to an album together, and which of their images are in it.
#[derive(Clone)]
struct Batch {
    number: u32,
    album: Uuid,
    there: Vec<Uuid>,
}

impl IntoAlbums {
    /// Files that are added from now on go into this album.
    pub fn look_at(self, album: Option<Uuid>) {
        self.here.try_set(album);
    }

    /// The album that is looked at, tracked.
    pub fn looked_at(self) -> Option<Uuid> {
        self.here.get()
    }

    /// The album that files go into which are added now.
    pub fn here(self) -> Option<Uuid> {
        self.here.get_untracked()
    }

    /// A batch of files goes into an album.
    pub fn expect(self, number: u32, album: Uuid) {
        let there = Vec::new();
        self.batches.update(|batches| {
            batches.push(Batch {
                number,
                album,
                there,
            });
        });
    }

    /// The images, in the order of their files, of batches that have arrived and are not in their albums, tracked.
    pub fn arrived(self, queue: &Queue) -> Vec<(Uuid, Vec<Uuid>)> {
        let missing = |batch: &Batch| {
            let files = || {
                let files = queue.items().iter();
                files.filter(|file| file.batch == batch.number)
            };
            if files().any(|file| !file.state.has_ended()) {
                return None;
            }
            let images = images(files()).into_iter().map(|image| image.id);
            let ids: Vec<_> = images.filter(|id| !batch.there.contains(id)).collect();
            (!ids.is_empty()).then_some((batch.album, ids))
        };
        self.batches
            .with(|batches| batches.iter().filter_map(missing).collect())
    }

    /// Images are in their album, or are about to be.
    pub fn are_in(self, album: Uuid, ids: &[Uuid]) {
        self.change(album, |there| there.extend_from_slice(ids));
    }

    /// They are not, after all.
    pub fn are_not_in(self, album: Uuid, ids: &[Uuid]) {
        self.change(album, |there| there.retain(|id| !ids.contains(id)));
    }

    fn change(self, album: Uuid, change: impl Fn(&mut Vec<Uuid>)) {
        self.batches.try_update(|batches| {
            let of_it = batches.iter_mut().filter(|batch| batch.album == album);
            of_it.for_each(|batch| change(&mut batch.there));
        });
    }
}
