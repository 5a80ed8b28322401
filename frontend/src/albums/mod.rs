//! Albums: the one whose pictures are listed, one link for many pictures, and the choice of an album.

mod choose;
mod one_link;
mod undo;

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use tintype_dto::{Album, Image, MAX_BULK_IMAGES, MAX_NEW_ALBUM_IMAGES, UpdateAlbum, Visibility};
use uuid::Uuid;

pub use self::choose::{ChooseAlbum, provide_choice, use_choice};
pub use self::one_link::OneLink;
use self::undo::places;
use crate::api::{ApiError, Authed, NewAlbum, use_api};
use crate::components::has_ended;
use crate::dates;
use crate::library::{Filter, Library, use_library};
use crate::router::{ALBUMS, Router, use_router};
use crate::text;
use crate::toasts::{Toasts, use_toasts};
use crate::watch::watch;

/// The album whose pictures are listed, and what its owner does with it. Copies are the same.
#[derive(Clone, Copy)]
pub struct OpenAlbum {
    id: Memo<Option<Uuid>>,
    album: RwSignal<Option<Result<Album, ApiError>>>,
    api: StoredValue<Authed>,
    library: Library,
    toasts: Toasts,
    router: Router,
}

/// Provides it to everything below.
pub fn provide_open_album() {
    let library = use_library();
    let open = OpenAlbum {
        id: Memo::new(move |_| library.filter().album()),
        album: RwSignal::new(None),
        api: StoredValue::new(use_api()),
        library,
        toasts: use_toasts(),
        router: use_router(),
    };
    provide_context(open);
    watch(move || {
        open.album.set(None);
        if open.id.get().is_some() {
            open.read();
        }
    });
}

/// The album whose pictures are listed.
pub fn use_open_album() -> OpenAlbum {
    expect_context()
}

impl OpenAlbum {
    /// Its id, tracked. `None`: no album is open.
    pub fn id(self) -> Option<Uuid> {
        self.id.get()
    }

    /// Its id, not tracked.
    pub fn id_untracked(self) -> Option<Uuid> {
        self.id.get_untracked()
    }

    /// The album, tracked. `None`: it is on its way.
    pub fn album(self) -> Option<Result<Album, ApiError>> {
        self.album.get()
    }

    /// Reads it anew.
    pub fn read(self) {
        let (Some(id), Some(api)) = (
            self.id.try_get_untracked().flatten(),
            self.api.try_get_value(),
        ) else {
            return;
        };
        spawn_local(async move {
            let album = api.get_album(id).await;
            self.show(id, album);
        });
    }

    fn show(self, id: Uuid, album: Result<Album, ApiError>) {
        // Meanwhile another one may have been opened.
        if self.id.try_get_untracked().flatten() == Some(id) {
            self.album.try_set(Some(album));
        }
    }

    /// All its pictures, those that are not listed yet too.
    pub async fn images(self) -> Result<Vec<Arc<Image>>, ApiError> {
        let filter = self.library.filter_untracked();
        let (mut images, mut cursor) = (Vec::new(), None);
        loop {
            let path = filter.page(cursor.take());
            let page = self.api.get_value().page_unless(&path, None).await?;
            let Some((page, _)) = page else {
                return Ok(images);
            };
            images.extend(page.items.into_iter().map(Arc::new));
            cursor = page.next_cursor;
            if cursor.is_none() {
                return Ok(images);
            }
        }
    }

    /// Changes it.
    pub async fn change(self, change: UpdateAlbum) -> Result<(), ApiError> {
        let Some(id) = self.id.get_untracked() else {
            return Ok(());
        };
        let album = self.api.get_value().update_album(id, &change).await?;
        self.show(id, Ok(album));
        Ok(())
    }

    /// Changes it, and says `done` or why it can't.
    pub fn change_and_tell(self, change: UpdateAlbum, done: impl Into<String> + 'static) {
        spawn_local(async move {
            match self.change(change).await {
                Ok(()) => self.toasts.show(done),
                Err(error) => {
                    self.toasts.show(error.message());
                    self.read();
                }
            }
        });
    }

    /// Ends it, and leads to the others.
    pub fn delete(self) {
        let Some(id) = self.id.get_untracked() else {
            return;
        };
        let api = self.api.get_value();
        spawn_local(async move {
            match api.delete_album(id).await {
                Ok(()) => {
                    self.router.replace(ALBUMS);
                    self.toasts.show(text::albums::DELETED);
                }
                Err(error) => self.toasts.show(error.message()),
            }
        });
    }

    /// Puts pictures before another one, or at the end.
    pub fn move_before(self, ids: Vec<Uuid>, before: Option<Uuid>) {
        let Some(album) = self.id.get_untracked() else {
            return;
        };
        self.library.move_before(&ids, before);
        let at = self.library.with_untracked(|images| {
            let first = ids.first();
            images
                .iter()
                .position(|listed| Some(&listed.image.id) == first)
        });
        self.toasts
            .announce(text::albums::moved(at.unwrap_or_default() + 1));
        let api = self.api.get_value();
        spawn_local(async move {
            // The last of them first: each part stands before the one behind it.
            let mut before = before;
            for part in ids.rchunks(MAX_BULK_IMAGES) {
                if let Err(error) = api.move_album_images(album, part.to_vec(), before).await {
                    self.toasts.show(error.message());
                    return self.reload(album);
                }
                before = part.first().copied();
            }
        });
    }

    /// Takes pictures out of it at once, and offers to undo it.
    pub fn remove(self, images: &[Arc<Image>]) {
        let Some(album) = self.id.get_untracked() else {
            return;
        };
        let ids: Vec<_> = images.iter().map(|image| image.id).collect();
        let back = self.library.with_untracked(|listed| {
            let order: Vec<_> = listed.iter().map(|listed| listed.image.id).collect();
            places(&order, &ids)
        });
        let cover = self.chosen_cover().filter(|cover| ids.contains(cover));
        self.library
            .remove(&images.iter().map(AsRef::as_ref).collect::<Vec<_>>());
        spawn_local(async move {
            let api = self.api.get_value();
            for some in ids.chunks(MAX_BULK_IMAGES) {
                if let Err(error) = api.remove_album_images(album, some.to_vec()).await {
                    self.toasts.show(error.message());
                    return self.reload(album);
                }
            }
            self.read();
            let words = text::albums::removed(ids.len());
            self.toasts.undoable(words, text::UNDO, move || {
                let back = back.clone();
                spawn_local(async move { self.put_back(album, back, cover).await });
            });
        });
    }

    /// The picture that was chosen to stand for it: where none was, that is the first.
    fn chosen_cover(self) -> Option<Uuid> {
        let album = self.album.get_untracked()?.ok()?;
        let first = self
            .library
            .with_untracked(|listed| listed.first().map(|listed| listed.image.id));
        album
            .cover
            .map(|cover| cover.id)
            .filter(|cover| Some(*cover) != first)
    }

    async fn put_back(
        self,
        album: Uuid,
        back: Vec<(Vec<Uuid>, Option<Uuid>)>,
        cover: Option<Uuid>,
    ) {
        for (ids, before) in back {
            let api = self.api.get_value();
            let added = api.add_album_images(album, ids.clone()).await;
            let moved = match added {
                Ok(()) => api.move_album_images(album, ids, before).await,
                Err(error) => Err(error),
            };
            if let Err(error) = moved {
                self.toasts.show(error.message());
                return self.reload(album);
            }
        }
        if cover.is_some() {
            let stands = UpdateAlbum {
                cover: Some(cover),
                ..UpdateAlbum::default()
            };
            if let Err(error) = self.api.get_value().update_album(album, &stands).await {
                self.toasts.show(error.message());
            }
        }
        self.reload(album);
    }

    /// Reads an album and its pictures anew, if it is still open.
    pub fn reload(self, album: Uuid) {
        if self.id.try_get_untracked().flatten() == Some(album) {
            self.library.reload();
            self.read();
        }
    }
}

/// What an album is called: its title, or else how many pictures it has.
pub fn name(album: &Album) -> String {
    let count = || text::pictures(usize::try_from(album.count).unwrap_or(usize::MAX));
    album.title.clone().unwrap_or_else(count)
}

/// What else there is to say in a line: how many it has, since when it is there, who can see it.
pub fn facts(album: &Album) -> String {
    let count = text::pictures(usize::try_from(album.count).unwrap_or(usize::MAX));
    let facts = [
        album.title.is_some().then_some(count),
        Some(dates::day_name(album.created_at, false)),
        (album.visibility == Visibility::Private).then(|| text::PRIVATE.into()),
        has_ended(album.expires_at).then(|| text::ENDED.into()),
    ];
    facts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// The address of an album in the page.
pub fn address(album: Uuid) -> String {
    Filter::of_album(album).address()
}

/// Puts images behind those of an album.
pub async fn add(api: &Authed, album: Uuid, ids: &[Uuid]) -> Result<(), ApiError> {
    for some in ids.chunks(MAX_BULK_IMAGES) {
        api.add_album_images(album, some.to_vec()).await?;
    }
    Ok(())
}

/// Makes an album of images, in this order.
async fn album_of(api: &Authed, ids: &[Uuid]) -> Result<NewAlbum, ApiError> {
    let (first, others) = ids.split_at(ids.len().min(MAX_NEW_ALBUM_IMAGES));
    let album = api.create_album(first).await?;
    if let Err(error) = add(api, album.id, others).await {
        // A part of them is not what was asked for: nobody would find that album.
        api.delete_album(album.id).await.ok();
        return Err(error);
    }
    Ok(album)
}
