//! The user's loaded images, newest first, for the gallery and the image view.

mod filter;

use std::cmp::Ordering;
use std::mem;
use std::sync::Arc;

use leptos::ev;
use leptos::leptos_dom::helpers::window_event_listener;
use leptos::prelude::*;
use leptos::task::spawn_local;
use tintype_dto::{Image, ImagePage};
use uuid::Uuid;

pub use self::filter::{Field, Filter, Order};
use crate::api::{ApiError, Authed, use_api};
use crate::dates;

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
    /// The order of what is listed now.
    order: RwSignal<Order>,
    filter: RwSignal<Filter>,
    /// Whether it is of another filter than this one, whose first page has not come.
    is_of_another: RwSignal<bool>,
    loading: RwSignal<Loading>,
    /// The tag of the first page as it was read.
    tag: StoredValue<Option<String>>,
    /// How often the list was changed here.
    changes: StoredValue<u32>,
    api: StoredValue<Authed>,
}

/// Provides an empty list to everything below; [`Library::load_more`] fills it.
pub fn provide_library(filter: Filter) -> Library {
    let library = Library {
        images: RwSignal::default(),
        order: RwSignal::default(),
        filter: RwSignal::new(filter),
        is_of_another: RwSignal::default(),
        loading: RwSignal::new(Loading::More(None)),
        tag: StoredValue::default(),
        changes: StoredValue::default(),
        api: StoredValue::new(use_api()),
    };
    provide_context(library);
    let shown = window_event_listener(ev::visibilitychange, move |_| {
        if !document().hidden() {
            library.catch_up();
        }
    });
    on_cleanup(move || shown.remove());
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
        self.images
            .with(|images| search(images, image, self.order.get_untracked()).ok())
    }

    /// The image as it is now, tracked. `None`: it is not in the list any more.
    pub fn current(self, image: &Image) -> Option<ListedImage> {
        self.images.with(|images| {
            search(images, image, self.order.get_untracked())
                .ok()
                .map(|at| images[at].clone())
        })
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

    /// Whether loading on failed, tracked.
    pub fn has_failed(self) -> bool {
        self.loading
            .with(|loading| matches!(loading, Loading::Failed(..)))
    }

    /// Whether what is listed is what the filter before listed, tracked.
    pub fn is_of_another_filter(self) -> bool {
        self.is_of_another.get()
    }

    /// The order of what is listed, tracked.
    pub fn order(self) -> Order {
        self.order.get()
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
            self.is_of_another.set(true);
            self.reload();
        }
    }

    /// Loads the list anew, and shows what there was until it has come.
    pub fn reload(self) {
        self.loading.set(Loading::More(None));
        self.load_more();
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
        let (is_first, path) = (cursor.is_none(), filter.page(cursor.clone()));
        spawn_local(async move {
            let page = api.page_unless(&path, None).await;
            // Meanwhile, the user may have logged out or changed the filter.
            if self.is_other(&filter) {
                return;
            }
            match page {
                Ok(None) => {}
                Ok(Some((page, tag))) => {
                    if is_first {
                        self.tag.set_value(tag);
                    }
                    self.append(page, is_first);
                }
                Err(error) => self.loading.set(Loading::Failed(cursor, error)),
            }
        });
    }

    fn is_other(self, filter: &Filter) -> bool {
        let now = self.filter.try_get_untracked();
        now.as_ref() != Some(filter)
    }

    fn append(self, page: ImagePage, is_first: bool) {
        if is_first {
            self.order.set(self.filter.with_untracked(Filter::order));
            self.is_of_another.set(false);
        }
        let order = self.order.get_untracked();
        self.images.update(|images| {
            // What another filter listed is shown until then.
            if is_first {
                images.clear();
            }
            for image in page.items {
                place(images, image, order);
            }
        });
        let next = page.next_cursor;
        self.loading
            .set(next.map_or(Loading::Done, |cursor| Loading::More(Some(cursor))));
    }

    /// Asks whether the first page is another one by now, and takes over what it has. If it is not, the answer is empty.
    fn catch_up(self) {
        let (Some(Some(tag)), Some(api)) = (self.tag.try_get_value(), self.api.try_get_value())
        else {
            return;
        };
        let (filter, changes) = (self.filter.get_untracked(), self.changes.get_value());
        spawn_local(async move {
            let path = filter.page(None);
            let Ok(Some((page, tag))) = api.page_unless(&path, Some(&tag)).await else {
                return;
            };
            // What was changed here meanwhile may be missing in the answer.
            if self.is_other(&filter) || self.changes.try_get_value() != Some(changes) {
                return;
            }
            let order = self.order.get_untracked();
            let taken = self
                .images
                .try_update(|images| take_over(images, page, order));
            if taken == Some(true) {
                self.tag.set_value(tag);
            } else {
                self.reload();
            }
        });
    }

    /// Inserts images that were uploaded just now. Which of them a filter lists, only the server knows.
    pub fn add(self, images: &[Image]) {
        for image in images {
            self.put(image.clone());
        }
        if !images.is_empty() && self.filter.try_with_untracked(Filter::is_all) == Some(false) {
            self.catch_up();
        }
    }

    /// Inserts an image or replaces the old version. With a filter, only listed images are replaced.
    pub fn put(self, image: Image) {
        self.changes.try_update_value(|changes| *changes += 1);
        let Some(order) = self.order.try_get_untracked() else {
            return;
        };
        // The newest stands at the end of the oldest first.
        let is_complete = self.loading.try_get_untracked() == Some(Loading::Done);
        let belongs = |filter: &Filter| {
            filter.is_all() || order == Order::OldestFirst && is_complete && filter.is_whole()
        };
        let belongs = self.filter.try_with_untracked(belongs).unwrap_or(true);
        self.images.try_update(|images| {
            if belongs || search(images, &image, order).is_ok() {
                place(images, image, order);
            }
        });
    }

    /// Lists images again that were removed. Where they stand among those of a filter or of an album, only the server knows.
    pub fn list_again(self, images: impl Iterator<Item = Image>) {
        images.for_each(|image| self.put(image));
        if self.filter.try_with_untracked(Filter::is_all) == Some(false) {
            self.reload();
        }
    }

    /// Puts images before another one, or at the end, as they are to stand in an album.
    pub fn move_before(self, moved: &[Uuid], before: Option<Uuid>) {
        self.images.update(|images| {
            let is_moved = |id| moved.contains(&id);
            // Those that stand before one of themselves stay there.
            let at = images
                .iter()
                .position(|listed| Some(listed.image.id) == before);
            let rest = images.get(at.unwrap_or(images.len())..).unwrap_or_default();
            let next = rest.iter().find(|listed| !is_moved(listed.image.id));
            let next = next.map(|listed| listed.image.id);
            let (mut some, others): (Vec<_>, Vec<_>) = mem::take(images)
                .into_iter()
                .partition(|listed| is_moved(listed.image.id));
            for listed in others {
                if Some(listed.image.id) == next {
                    images.append(&mut some);
                }
                images.push(listed);
            }
            images.append(&mut some);
        });
    }

    /// Removes images.
    pub fn remove(self, gone: &[&Image]) {
        self.changes.try_update_value(|changes| *changes += 1);
        let Some(order) = self.order.try_get_untracked() else {
            return;
        };
        self.images.try_update(|images| {
            // Flags instead of a sorted list: sorting would be the only code of its kind in the page.
            let mut stays = vec![true; images.len()];
            for at in gone
                .iter()
                .filter_map(|image| search(images, image, order).ok())
            {
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

/// Where an image is, or belongs. Only the server knows the order of names, and where a size belongs among equal ones: there it is the end.
fn search(images: &[ListedImage], image: &Image, order: Order) -> Result<usize, usize> {
    match order {
        Order::NewestFirst => images.binary_search_by(|listed| newest_first(&listed.image, image)),
        Order::OldestFirst => images.binary_search_by(|listed| newest_first(image, &listed.image)),
        Order::Other => {
            let found = images.iter().position(|listed| listed.image.id == image.id);
            found.ok_or(images.len())
        }
    }
}

fn newest_first(a: &Image, b: &Image) -> Ordering {
    (b.created_at, b.id).cmp(&(a.created_at, a.id))
}

fn place(images: &mut Vec<ListedImage>, image: Image, order: Order) {
    let listed = listed(image);
    match search(images, &listed.image, order) {
        Ok(at) => images[at] = listed,
        Err(at) => images.insert(at, listed),
    }
}

/// Replaces the start of the list by a page that was read anew: what stood among its images and is not in it is gone. `false`: it can't be told
/// where the page ends in the list, or whether what is missing stands further down by now.
fn take_over(images: &mut Vec<ListedImage>, page: ImagePage, order: Order) -> bool {
    let has = |listed: &ListedImage| page.items.iter().any(|image| image.id == listed.image.id);
    let rest = match (&page.next_cursor, images.iter().rposition(has)) {
        (None, _) => Vec::new(),
        (Some(_), Some(last)) if order != Order::Other => images.split_off(last + 1),
        (Some(_), _) => return false,
    };
    images.clear();
    images.extend(page.items.into_iter().map(listed).chain(rest));
    true
}

fn listed(image: Image) -> ListedImage {
    ListedImage {
        day: dates::day(image.created_at),
        image: Arc::new(image),
    }
}

#[cfg(test)]
mod tests {
    use tintype_dto::paths::{self, with_id};
    use uuid::Uuid;
    use wasm_bindgen_test::wasm_bindgen_test;

    use tintype_dto::SortOrder;

    use super::{Field, Filter};
    use crate::router::{album_address, image_address};

    #[wasm_bindgen_test]
    fn a_filter_is_an_address_and_with_a_cursor_a_query() {
        let filter = Filter::default().with(Field::Words, "a b&c".into());
        assert_eq!(filter.address(), "/?q=a%20b%26c");
        assert_eq!(Filter::of(&filter.address()), filter);
        assert_eq!(
            filter.page(Some("x".into())),
            "/images?limit=200&cursor=x&q=a+b%26c"
        );
        let private = filter.with(Field::Visibility, "private".into());
        let largest = private.with(Field::Sort, "size".into());
        assert_eq!(
            largest.address(),
            "/?q=a%20b%26c&visibility=private&sort=size"
        );
        assert_eq!(Filter::of(&largest.address()), largest);
        assert_eq!(
            largest.page(None),
            "/images?limit=60&q=a+b%26c&visibility=private&sort=size"
        );
        assert_eq!(Filter::of("/?x=1"), Filter::default());
        assert_eq!(Filter::of("/?sort=up").sort(), SortOrder::Newest);
        assert_eq!(Filter::default().address(), "/");
        let album = Filter::of_album(Uuid::from_u128(1));
        assert_eq!(Filter::of(&album.address()), album);
        assert_eq!(
            album.page(None),
            "/albums/00000000-0000-0000-0000-000000000001/images?limit=60"
        );
        assert!(!album.is_all() && !album.is_whole());
    }

    #[wasm_bindgen_test]
    fn the_start_script_fetches_what_the_page_asks_for_first() {
        let script = include_str!("../../static/start.js");
        let first = Filter::default().page(None);
        for call in [
            format!("show({first:?},"),
            format!("ask({first:?})"),
            format!("ask({:?})", paths::ME),
            format!("fetch({:?} + path", paths::BASE),
        ] {
            assert!(script.contains(&call), "{call}");
        }
        // The script fetches the path of the image's own page.
        let id = Uuid::from_u128(1);
        assert_eq!(with_id(paths::IMAGE, id), image_address(id));
        let album = Filter::of_album(id).page(None);
        assert_eq!(album, [&*album_address(id), &first].concat());
    }
}
