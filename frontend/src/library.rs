//! The user's images as far as they are loaded, newest first, for the gallery and the image view.

use std::cmp::Ordering;
use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use tintype_dto::Image;
use uuid::Uuid;

use crate::api::{ApiError, Authed, use_api};
use crate::dates;

/// Enough for the first look. `static/start.js` asks for as many.
const FIRST_PAGE: u32 = 60;
/// As many as the API gives: whoever scrolls on wants many.
const PAGE: u32 = 200;

/// How far the list is loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Loading {
    /// A page is on its way.
    Busy,
    /// There may be more, from this cursor on.
    More(Option<String>),
    /// It is complete.
    Done,
    /// The page from this cursor on did not arrive.
    Failed(Option<String>, ApiError),
}

/// Which images are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Words that all have to occur. Empty: any.
    pub text: String,
    /// The last day, as `2026-11-24` in UTC. Empty: up to now.
    pub until: String,
}

impl Filter {
    /// Whether all images are listed.
    pub fn is_all(&self) -> bool {
        *self == Self::default()
    }
}

/// An image of the list. A copy is the same image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedImage {
    /// The image.
    pub image: Arc<Image>,
    /// Its day, as [`dates::day`] counts: asking the browser again for each of a hundred thousand would take too long.
    pub day: i64,
}

/// The loaded images. Copies are the same list.
#[derive(Clone, Copy)]
pub struct Library {
    images: RwSignal<Vec<ListedImage>>,
    filter: RwSignal<Filter>,
    loading: RwSignal<Loading>,
    api: StoredValue<Authed>,
}

/// Provides an empty list to everything below; [`Library::load_more`] fills it.
pub fn provide_library() -> Library {
    let library = Library {
        images: RwSignal::default(),
        filter: RwSignal::default(),
        loading: RwSignal::new(Loading::More(None)),
        api: StoredValue::new(use_api()),
    };
    provide_context(library);
    library
}

/// The list.
pub fn use_library() -> Library {
    expect_context()
}

impl Library {
    /// The images, tracked.
    pub fn with<T>(self, read: impl FnOnce(&[ListedImage]) -> T) -> T {
        self.images.with(|images| read(images))
    }

    /// The images, not tracked.
    pub fn with_untracked<T>(self, read: impl FnOnce(&[ListedImage]) -> T) -> T {
        self.images.with_untracked(|images| read(images))
    }

    /// One image, tracked.
    pub fn find(self, id: Uuid) -> Option<Image> {
        self.images.with(|images| find(images, id))
    }

    /// One image, not tracked.
    pub fn find_untracked(self, id: Uuid) -> Option<Image> {
        self.images.with_untracked(|images| find(images, id))
    }

    /// Where an image is in the list, tracked.
    pub fn position(self, image: &Image) -> Option<usize> {
        self.images.with(|images| search(images, image).ok())
    }

    /// The next newer and the next older image, tracked. None where it is not loaded.
    pub fn neighbours(self, id: Uuid) -> (Option<Uuid>, Option<Uuid>) {
        self.images.with(|images| {
            let Some(at) = images.iter().position(|listed| listed.image.id == id) else {
                return (None, None);
            };
            let newer = at.checked_sub(1).and_then(|at| images.get(at));
            (
                newer.map(|listed| listed.image.id),
                images.get(at + 1).map(|listed| listed.image.id),
            )
        })
    }

    /// How far it is loaded, tracked.
    pub fn loading(self) -> Loading {
        self.loading.get()
    }

    /// What is listed, tracked.
    pub fn filter(self) -> Filter {
        self.filter.get()
    }

    /// What is listed, not tracked.
    pub fn filter_untracked(self) -> Filter {
        self.filter.get_untracked()
    }

    /// Lists something else.
    pub fn set_filter(self, filter: Filter) {
        if self.filter.with_untracked(|before| *before != filter) {
            self.filter.set(filter);
            self.images.set(Vec::new());
            self.loading.set(Loading::More(None));
            self.load_more();
        }
    }

    /// Loads the next page, unless one is on its way or there is none.
    pub fn load_more(self) {
        let cursor = match self.loading.get_untracked() {
            Loading::More(cursor) | Loading::Failed(cursor, _) => cursor,
            Loading::Busy | Loading::Done => return,
        };
        self.loading.set(Loading::Busy);
        let Some(api) = self.api.try_get_value() else {
            return;
        };
        let filter = self.filter.get_untracked();
        let most = if cursor.is_some() { PAGE } else { FIRST_PAGE };
        spawn_local(async move {
            let page = api.list_images(&filter, cursor.as_deref(), most).await;
            // The user may have logged out, or look for something else, since it was asked for.
            if self
                .filter
                .try_get_untracked()
                .is_none_or(|now| now != filter)
            {
                return;
            }
            match page {
                Ok(page) => {
                    self.images.update(|images| {
                        page.items
                            .into_iter()
                            .for_each(|image| place(images, image));
                    });
                    self.loading.set(
                        page.next_cursor
                            .map_or(Loading::Done, |cursor| Loading::More(Some(cursor))),
                    );
                }
                Err(error) => self.loading.set(Loading::Failed(cursor, error)),
            }
        });
    }

    /// Puts an image into its place, or a changed one into the place of the old. When not all are listed, only what is listed is changed.
    pub fn put(self, image: Image) {
        let is_all = self
            .filter
            .try_with_untracked(Filter::is_all)
            .unwrap_or(true);
        self.images.try_update(|images| {
            if is_all || search(images, &image).is_ok() {
                place(images, image);
            }
        });
    }

    /// Takes images out.
    pub fn remove(self, gone: &[&Image]) {
        self.images.try_update(|images| {
            // Marks, in place of a sorted list: sorting would be the only code of its kind in the page.
            let mut stays = vec![true; images.len()];
            for at in gone.iter().filter_map(|image| search(images, image).ok()) {
                stays[at] = false;
            }
            let mut stays = stays.into_iter();
            images.retain(|_| stays.next().unwrap_or(true));
        });
    }
}

fn find(images: &[ListedImage], id: Uuid) -> Option<Image> {
    images
        .iter()
        .find(|listed| listed.image.id == id)
        .map(|listed| (*listed.image).clone())
}

/// Where an image is, or belongs: newest first.
fn search(images: &[ListedImage], image: &Image) -> Result<usize, usize> {
    images.binary_search_by(|listed| newest_first(&listed.image, image))
}

fn newest_first(a: &Image, b: &Image) -> Ordering {
    (b.created_at, b.id).cmp(&(a.created_at, a.id))
}

fn place(images: &mut Vec<ListedImage>, image: Image) {
    let listed = ListedImage {
        day: dates::day(image.created_at),
        image: Arc::new(image),
    };
    match search(images, &listed.image) {
        Ok(at) => images[at] = listed,
        Err(at) => images.insert(at, listed),
    }
}
