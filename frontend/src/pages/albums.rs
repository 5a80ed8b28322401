//! `/albums`: every album, newest first.

use leptos::prelude::*;
use leptos::task::spawn_local;
use tintype_dto::{Album, ListAlbums};

use crate::albums::{address, facts, name};
use crate::api::{ApiError, Authed, use_api};
use crate::components::{Blur, Icon, ListRow, rows};
use crate::router::{Router, use_router};
use crate::text;
use crate::toasts::{Toasts, use_toasts};

/// So many albums are read at once.
const PAGE: u16 = 60;

/// The albums.
#[derive(Clone, Copy)]
struct Albums {
    listed: RwSignal<Vec<Album>>,
    /// Where the next page begins. `None`: it is complete.
    next: RwSignal<Option<String>>,
    /// Whether a page is on its way, has come, or why it has not.
    state: RwSignal<Option<Result<(), ApiError>>>,
    api: StoredValue<Authed>,
    router: Router,
    toasts: Toasts,
}

impl Albums {
    fn load(self) {
        self.state.set(None);
        let query = ListAlbums {
            limit: Some(PAGE),
            cursor: self.next.get_untracked(),
        };
        let api = self.api.get_value();
        spawn_local(async move {
            let answer = api.list_albums(&query).await;
            let state = answer.map(|page| {
                self.listed.try_update(|albums| albums.extend(page.items));
                self.next.try_set(page.next_cursor);
            });
            self.state.try_set(Some(state));
        });
    }

    /// An album without pictures, to drop some into.
    fn create(self) {
        let api = self.api.get_value();
        spawn_local(async move {
            match api.create_album(&[]).await {
                Ok(album) => self.router.go(&address(album.id)),
                Err(error) => self.toasts.show(error.message()),
            }
        });
    }
}

/// All albums.
#[component]
pub fn AlbumsPage() -> impl IntoView {
    let albums = Albums {
        listed: RwSignal::default(),
        next: RwSignal::default(),
        state: RwSignal::new(None),
        api: StoredValue::new(use_api()),
        router: use_router(),
        toasts: use_toasts(),
    };
    albums.load();
    let is_empty = Memo::new(move |_| albums.listed.with(Vec::is_empty));
    let list = rows(move || {
        let row = |album: Album| ListRow::new(album.id.as_u128(), move || view! { <Card album /> });
        albums.listed.get().into_iter().map(row).collect()
    });
    view! {
        <div class="albums">
            <header>
                <h1>{text::albums::ALBUMS}</h1>
                <button type="button" class="button" on:click=move |_| albums.create()>
                    {Icon::Plus.view()}
                    {text::albums::NEW}
                </button>
            </header>
            <ul node_ref=list></ul>
            <div class="grid-footer" role="status">
                {move || match albums.state.get() {
                    None => view! { <span class="spinner" aria-label=text::LOADING></span> }.into_any(),
                    Some(Err(error)) => {
                        view! {
                            <span>{error.message()}</span>
                            <button type="button" class="button" on:click=move |_| albums.load()>
                                {text::TRY_AGAIN}
                            </button>
                        }
                            .into_any()
                    }
                    Some(Ok(())) if is_empty.get() => view! { <p>{text::albums::NONE_YET}</p> }.into_any(),
                    Some(Ok(())) if albums.next.with(Option::is_some) => {
                        view! {
                            <button type="button" class="button" on:click=move |_| albums.load()>
                                {text::SHOW_MORE}
                            </button>
                        }
                            .into_any()
                    }
                    Some(Ok(())) => ().into_any(),
                }}
            </div>
        </div>
    }
}

/// One album: the picture that stands for it, its name, and what else there is to say.
#[component]
fn Card(album: Album) -> impl IntoView {
    let (name, facts) = (name(&album), facts(&album));
    let cover = album.cover.map(|cover| {
        view! {
            {cover.placeholder.map(|hash| view! { <Blur hash /> })}
            <img src=cover.links.thumb alt="" loading="lazy" decoding="async" />
        }
    });
    view! {
        <li>
            <a href=address(album.id)>
                <span class="picture">{cover}</span>
                <span class="name">{name}</span>
            </a>
            <p class="mail">{facts}</p>
        </li>
    }
}
