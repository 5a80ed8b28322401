//! The user's loaded images, newest first, for the gallery and the image view.

use std::cmp::Ordering;
use std::sync::Arc;

use leptos::ev;
use leptos::leptos_dom::helpers::window_event_listener;
use leptos::prelude::*;
use leptos::task::spawn_local;
use tintype_dto::{Image, ListImages, MAX_PAGE_LIMIT};
use uuid::Uuid;

use crate::api::{ApiError, Authed, use_api};
use crate::dates;

/// Enough for the first view. `static/start.js` fetches the same page.
const FIRST_PAGE: u16 = 60;

/// How far the list is loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Loading {
    /// A page is on its way.
    Busy,
    /// There may be more, from this cursor on.
    More(Option<String>),
    /// It is complete.
    Done,
    /// Loading the page from this cursor on failed.
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

    /// The query for the page after `cursor`, or for the first page.
    fn query(&self, cursor: Option<String>) -> ListImages {
        ListImages {
            limit: Some(cursor.as_ref().map_or(FIRST_PAGE, |_| MAX_PAGE_LIMIT)),
            cursor,
            q: Some(self.text.clone()).filter(|text| !text.is_empty()),
            // The whole day is included, as the headings count days.
            before: dates::end_of_day(&self.until),
            ..ListImages::default()
        }
    }
}

/// An image of the list. A copy is the same image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedImage {
    /// The image.
    pub image: Arc<Image>,
    /// Its day, as [`dates::day`] counts: computing it again for a hundred thousand images would take too long.
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
    let online = window_event_listener(ev::online, move |_| {
        if matches!(
            library.loading.try_get_untracked(),
            Some(Loading::Failed(..))
        ) {
            library.load_more();
        }
    });
    on_cleanup(move || online.remove());
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

    /// The image as it is now, tracked. `None`: it is not in the list any more.
    pub fn current(self, image: &Image) -> Option<ListedImage> {
        self.images
            .with(|images| search(images, image).ok().map(|at| images[at].clone()))
    }

    /// How many images there are, tracked; `None` while only a part of them is loaded.
    pub fn count(self) -> Option<usize> {
        (self.loading.get() == Loading::Done).then(|| self.images.with(Vec::len))
    }

    /// The next newer and the next older image, tracked. `None` if it is not loaded.
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

    /// The loading state, tracked.
    pub fn loading(self) -> Loading {
        self.loading.get()
    }

    /// The filter, tracked.
    pub fn filter(self) -> Filter {
        self.filter.get()
    }

    /// The filter, not tracked.
    pub fn filter_untracked(self) -> Filter {
        self.filter.get_untracked()
    }

    /// Changes the filter and reloads the list.
    pub fn set_filter(self, filter: Filter) {
        if self.filter.with_untracked(|before| *before != filter) {
            self.filter.set(filter);
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
        let query = filter.query(cursor);
        spawn_local(async move {
            let page = api.list_images(&query).await;
            // Meanwhile, the user may have logged out or changed the filter.
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
                        // What another filter listed is shown until then.
                        if query.cursor.is_none() {
                            images.clear();
                        }
                        page.items
                            .into_iter()
                            .for_each(|image| place(images, image));
                    });
                    self.loading.set(
                        page.next_cursor
                            .map_or(Loading::Done, |cursor| Loading::More(Some(cursor))),
                    );
                }
                Err(error) => self.loading.set(Loading::Failed(query.cursor, error)),
            }
        });
    }

    /// Inserts an image or replaces the old version. With a filter, only listed images are replaced.
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

    /// Removes images.
    pub fn remove(self, gone: &[&Image]) {
        self.images.try_update(|images| {
            // Flags instead of a sorted list: sorting would be the only code of its kind in the page.
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

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use tintype_dto::paths::{self, with_id};
    use uuid::Uuid;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::Filter;
    use crate::api::with_query;
    use crate::dates;
    use crate::router::image_address;

    #[wasm_bindgen_test]
    fn a_filter_and_a_cursor_are_a_query() {
        let filter = Filter {
            text: "a b&c".into(),
            until: "2026-11-24".into(),
        };
        let end = dates::end_of_day("2026-11-24").unwrap();
        assert_eq!(
            dates::day(end),
            dates::day(end - chrono::TimeDelta::seconds(1)) + 1
        );
        assert_eq!(
            with_query(paths::IMAGES, &filter.query(Some("x".into()))),
            format!(
                "/images?limit=200&cursor=x&q=a+b%26c&before={}",
                String::from(js_sys::encode_uri_component(
                    &end.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
                ))
            )
        );
    }

    #[wasm_bindgen_test]
    fn the_start_script_fetches_what_the_page_asks_for_first() {
        let script = include_str!("../static/start.js");
        let first = with_query(paths::IMAGES, &Filter::default().query(None));
        for call in [
            format!("ask({first:?})"),
            format!("ask({:?})", paths::ME),
            format!("fetch({:?} + path", paths::BASE),
        ] {
            assert!(script.contains(&call), "{call}");
        }
        // The script fetches the path of the image's own page.
        let id = Uuid::from_u128(1);
        assert_eq!(with_id(paths::IMAGE, id), image_address(id));
    }
}
