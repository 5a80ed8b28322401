//! `/`: every picture, newest first; `/albums/:id`: those of an album.

mod album;
mod focus;
mod frame_queue;
mod grid;
mod jump;
mod layout;
mod pointer;
mod reorder;
mod scrubber;
mod search;
mod selection;
mod selection_bar;
mod tick;
mod tile;
mod viewport;

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

pub use self::album::AlbumHead;
pub use self::focus::{provide_wall_focus, use_wall_focus};
use self::grid::Grid;
use self::jump::{OnTheWay, provide_jump};
use self::search::Search;
pub use self::selection::{provide_selection, use_selection};
pub use self::selection_bar::SelectionBar;
use super::later::{Later, LaterPart};
use crate::albums::use_open_album;
use crate::api::{ApiError, use_api};
use crate::components::{Icon, Logo, use_picker};
use crate::library::{Filter, Library, Loading, use_library};
use crate::router::{GALLERY, Route, use_router};
use crate::text;
use crate::upload::{Queue, use_uploads};
use crate::watch::{watch, watch_since};

/// How long pictures that have arrived wait for the rest of their batch.
const TOGETHER: Duration = Duration::from_secs(10);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Skeleton,
    Empty,
    EmptyAlbum,
    NothingFound,
    Failed,
    Grid,
}

/// The pictures, or why there are none.
#[component]
pub fn Gallery() -> impl IntoView {
    let (library, open) = (use_library(), use_open_album());
    follow_address(library);
    let in_album = Memo::new(move |_| open.id().is_some());
    let shown = Memo::new(
        move |_| match (library.with(<[_]>::is_empty), library.loading()) {
            (false, _) => Shown::Grid,
            (true, Loading::Busy | Loading::More(_)) => Shown::Skeleton,
            (true, Loading::Done) if library.filter().is_whole() => Shown::Empty,
            (true, Loading::Done) if library.filter().album().is_some() => Shown::EmptyAlbum,
            (true, Loading::Done) => Shown::NothingFound,
            (true, Loading::Failed(..)) => Shown::Failed,
        },
    );
    view! {
        {move || {
            if in_album.get() {
                view! { <Later part=LaterPart::AlbumHead /> }.into_any()
            } else {
                view! { <h1 class="unseen">{text::PICTURES}</h1> }.into_any()
            }
        }}
        <Search hidden=Signal::derive(move || in_album.get() || shown.get() == Shown::Empty) />
        {move || match shown.get() {
            Shown::Skeleton => view! { <Skeleton /> }.into_any(),
            Shown::Empty => view! { <Empty /> }.into_any(),
            Shown::EmptyAlbum => view! { <Empty title=text::albums::EMPTY_TITLE /> }.into_any(),
            Shown::NothingFound => view! { <NothingFound /> }.into_any(),
            Shown::Failed => view! { <Failed /> }.into_any(),
            Shown::Grid => {
                // What does not come is said where it would begin.
                let is_stale = move || library.has_failed() && library.is_of_another_filter();
                view! {
                    {move || is_stale().then(|| view! { <Footer /> })}
                    <Grid />
                    <OnTheWay />
                    <Footer />
                }
                    .into_any()
            }
        }}
    }
}

/// The search and the day are those of the address, also on the way back. An open picture changes neither.
fn follow_address(library: Library) {
    let (router, jump) = (use_router(), provide_jump());
    let in_gallery = move || router.route() == Route::Gallery;
    let address = Memo::new(move |last: Option<&String>| {
        let now = in_gallery().then(|| router.address_now());
        now.or_else(|| last.cloned()).unwrap_or_default()
    });
    let day = Memo::new(move |last: Option<&String>| {
        let now = in_gallery().then(|| router.param("day").unwrap_or_default());
        now.or_else(|| last.cloned()).unwrap_or_default()
    });
    watch(move || library.set_filter(Filter::of(&address.get())));
    watch_since(move |before: Option<String>| {
        let day = day.get();
        if !day.is_empty() || before.is_some_and(|before| !before.is_empty()) {
            jump.to_day(&day);
        }
        day
    });
}

/// New images go to the top. Those of a batch do together once all have arrived, so that the wall is laid out once; while a long one is on
/// its way, what has arrived follows every few seconds.
pub fn show_new_uploads() {
    let (library, uploads) = (use_library(), use_uploads());
    let published = uploads.published;
    let (taken, waits) = (StoredValue::new(0), StoredValue::new(false));
    let take = move || {
        let Some(from) = taken.try_get_value() else {
            return;
        };
        let count = published.try_with_untracked(|images| {
            library.add(images.get(from..).unwrap_or(images));
            images.len()
        });
        taken.try_set_value(count.unwrap_or_default());
        waits.try_set_value(false);
    };
    let is_open = Memo::new(move |_| uploads.with(Queue::is_open));
    watch(move || {
        published.track();
        if !is_open.get() {
            take();
        } else if !waits.get_value() {
            waits.set_value(true);
            set_timeout(take, TOGETHER);
        }
    });
}

#[component]
fn Skeleton() -> impl IntoView {
    view! {
        <div role="status">
            <span class="unseen">{text::LOADING}</span>
        </div>
        <div class="skeleton" aria-hidden="true">
            {(0..12).map(|_| view! { <div></div> }).collect_view()}
        </div>
    }
}

/// An invitation to upload. The whole page accepts dropped files.
#[component]
pub fn Empty(#[prop(default = text::EMPTY_TITLE)] title: &'static str) -> impl IntoView {
    let picker = use_picker();
    let max_bytes = RwSignal::new(None);
    let api = use_api();
    spawn_local(async move {
        if let Ok(limits) = api.limits().await {
            max_bytes.try_set(Some(limits.max_bytes));
        }
    });
    view! {
        <section class="empty">
            <Logo />
            <h2>{title}</h2>
            <p>{move || text::empty_hint(max_bytes.get())}</p>
            <button type="button" class="button primary" on:click=move |_| picker.open()>
                {Icon::Plus.view()}
                {text::BROWSE}
            </button>
        </section>
    }
}

#[component]
fn NothingFound() -> impl IntoView {
    let router = use_router();
    view! {
        <section class="empty error" role="status">
            <h2>{text::NOTHING_FOUND}</h2>
            <p>{text::NOTHING_FOUND_HINT}</p>
            <button type="button" class="button" on:click=move |_| router.go(GALLERY)>
                {text::CLEAR_SEARCH}
            </button>
        </section>
    }
}

#[component]
fn Failed() -> impl IntoView {
    let library = use_library();
    let message = move || failure(&library.loading()).map(|error| error.message());
    view! {
        <section class="empty error" role="alert">
            <h2>{text::GALLERY_FAILED}</h2>
            <p>{message}</p>
            <button type="button" class="button" on:click=move |_| library.load_more()>
                {text::TRY_AGAIN}
            </button>
        </section>
    }
}

/// The loading state, at the end of the grid.
#[component]
fn Footer() -> impl IntoView {
    let library = use_library();
    view! {
        <div class="grid-footer" role="status">
            {move || match library.loading() {
                Loading::Busy => {
                    view! {
                        <span class="spinner" aria-hidden="true"></span>
                        <span>{text::LOADING_MORE}</span>
                    }
                        .into_any()
                }
                Loading::Failed(_, error) => {
                    view! {
                        <span>{error.message()}</span>
                        <button type="button" class="button" on:click=move |_| library.load_more()>
                            {text::TRY_AGAIN}
                        </button>
                    }
                        .into_any()
                }
                Loading::More(_) | Loading::Done => ().into_any(),
            }}
        </div>
    }
}

fn failure(loading: &Loading) -> Option<ApiError> {
    match loading {
        Loading::Failed(_, error) => Some(error.clone()),
        Loading::Busy | Loading::More(_) | Loading::Done => None,
    }
}
