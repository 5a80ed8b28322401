//! Deleting pictures, and undoing it.

use std::sync::Arc;

use leptos::task::spawn_local;
use tintype_dto::{BulkImage, BulkOutcome, Image, MAX_BULK_IMAGES};
use uuid::Uuid;

use crate::api::{Authed, use_api};
use crate::library::{Library, use_library};
use crate::text;
use crate::toasts::{Toasts, use_toasts};

/// Deletes and restores pictures.
#[derive(Clone)]
pub struct Deletion {
    api: Authed,
    library: Library,
    toasts: Toasts,
}

/// Deletes from the library.
pub fn use_deletion() -> Deletion {
    Deletion {
        api: use_api(),
        library: use_library(),
        toasts: use_toasts(),
    }
}

impl Deletion {
    /// Removes the pictures at once and offers to undo it. Pictures that the server did not delete are put back.
    pub fn delete(self, images: Vec<Arc<Image>>) {
        self.library
            .remove(&images.iter().map(AsRef::as_ref).collect::<Vec<_>>());
        spawn_local(async move {
            let mut gone = Vec::new();
            for some in images.chunks(MAX_BULK_IMAGES) {
                let ids = some.iter().map(|image| image.id).collect();
                match self.api.delete_images(ids).await {
                    Ok(deleted) => gone.extend(deleted.items.iter().filter_map(done)),
                    Err(error) => {
                        self.put_back(&images, &gone);
                        self.toasts.show(error.message());
                        break;
                    }
                }
            }
            if !gone.is_empty() {
                let (toasts, words) = (self.toasts, text::deleted(gone.len()));
                toasts.undoable(words, text::UNDO, move || {
                    spawn_local(self.clone().restore(gone.clone()));
                });
            }
        });
    }

    fn put_back(&self, images: &[Arc<Image>], gone: &[Uuid]) {
        let left = images.iter().filter(|image| !gone.contains(&image.id));
        self.library.list_again(left.map(|image| (**image).clone()));
    }

    async fn restore(self, gone: Vec<Uuid>) {
        for some in gone.chunks(MAX_BULK_IMAGES) {
            match self.api.restore_images(some.to_vec()).await {
                Ok(restored) => {
                    let images = restored.items.into_iter();
                    self.library
                        .list_again(images.filter_map(|item| item.image));
                }
                Err(error) => return self.toasts.show(error.message()),
            }
        }
        self.toasts.announce(text::RESTORED);
    }
}

fn done(item: &BulkImage) -> Option<Uuid> {
    (item.outcome == BulkOutcome::Done).then_some(item.id)
}
