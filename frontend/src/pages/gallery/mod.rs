//! `/`: every picture, newest first.

mod focus;
mod frame_queue;
mod grid;
mod layout;
mod pointer;
mod search;
mod selection;
mod selection_bar;
mod tick;
mod tile;
mod viewport;

use leptos::prelude::*;
use leptos::task::spawn_local;

pub use self::focus::{provide_wall_focus, use_wall_focus};
use self::grid::Grid;
pub use self::grid::{length, number};
use self::search::Search;
pub use self::selection::{provide_selection, use_selection};
pub use self::selection_bar::SelectionBar;
use crate::api::{ApiError, use_api};
use crate::components::{Icon, Logo, use_picker};
use crate::library::{Filter, Loading, use_library};
use crate::text;
use crate::upload::use_uploads;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Skeleton,
    Empty,
    NothingFound,
    Failed,
    Grid,
}

/// The pictures, or why there are none.
#[component]
pub fn Gallery() -> impl IntoView {
    let library = use_library();
    let shown = Memo::new(
        move |_| match (library.with(<[_]>::is_empty), library.loading()) {
            (false, _) => Shown::Grid,
            (true, Loading::Busy | Loading::More(_)) => Shown::Skeleton,
            (true, Loading::Done) if library.filter().is_all() => Shown::Empty,
            (true, Loading::Done) => Shown::NothingFound,
            (true, Loading::Failed(..)) => Shown::Failed,
        },
    );
    view! {
        <h1 class="unseen">{text::PICTURES}</h1>
        <Search hidden=Signal::derive(move || shown.get() == Shown::Empty) />
        {move || match shown.get() {
            Shown::Skeleton => view! { <Skeleton /> }.into_any(),
            Shown::Empty => view! { <Empty /> }.into_any(),
            Shown::NothingFound => view! { <NothingFound /> }.into_any(),
            Shown::Failed => view! { <Failed /> }.into_any(),
            Shown::Grid => {
                view! {
                    <Grid />
                    <Footer />
                }
                    .into_any()
            }
        }}
    }
}

/// New images go to the top as they are published.
pub fn show_new_uploads() {
    let (library, published) = (use_library(), use_uploads().published);
    Effect::new(move |taken: Option<usize>| {
        published.with(|images| {
            let fresh = images.get(taken.unwrap_or(0)..).unwrap_or(images);
            for image in fresh {
                library.put(image.clone());
            }
            images.len()
        })
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
pub fn Empty() -> impl IntoView {
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
            <h2>{text::EMPTY_TITLE}</h2>
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
    let library = use_library();
    view! {
        <section class="empty error" role="status">
            <h2>{text::NOTHING_FOUND}</h2>
            <p>{text::NOTHING_FOUND_HINT}</p>
            <button type="button" class="button" on:click=move |_| library.set_filter(Filter::default())>
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
