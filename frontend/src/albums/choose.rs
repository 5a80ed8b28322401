//! The choice of the album that pictures are put into.

use std::sync::Arc;

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use tintype_dto::{Album, Image, ListAlbums, MAX_PAGE_LIMIT};
use uuid::Uuid;

use super::{add, album_of, facts, name};
use crate::api::{ApiError, Authed, use_api};
use crate::components::{ListRow, rows};
use crate::router::{Router, use_router};
use crate::text;
use crate::toasts::{Toasts, use_toasts};
use crate::watch::watch;

/// Which pictures are to be put into an album. Copies are the same.
#[derive(Clone, Copy)]
pub struct Choice {
    images: RwSignal<Vec<Uuid>>,
    /// What follows once an album has been chosen.
    then: StoredValue<Option<Callback<()>>>,
    api: StoredValue<Authed>,
    toasts: Toasts,
    router: Router,
}

/// Provides it to everything below; [`ChooseAlbum`] has to be rendered somewhere there.
pub fn provide_choice() {
    provide_context(Choice {
        images: RwSignal::default(),
        then: StoredValue::default(),
        api: StoredValue::new(use_api()),
        toasts: use_toasts(),
        router: use_router(),
    });
}

/// Puts pictures into an album that is chosen.
pub fn use_choice() -> Choice {
    expect_context()
}

impl Choice {
    /// Asks which album, and puts these pictures into it. Then `then` is done.
    pub fn ask(self, images: &[Arc<Image>], then: Callback<()>) {
        self.then.set_value(Some(then));
        self.images
            .set(images.iter().map(|image| image.id).collect());
    }

    /// The answer: one of the albums, or `None` for a new one.
    fn chosen(self, album: Option<Album>) {
        let ids = self.images.try_update(std::mem::take).unwrap_or_default();
        if let Some(then) = self.then.get_value() {
            then.run(());
        }
        let api = self.api.get_value();
        spawn_local(async move {
            match put(&api, album.as_ref(), &ids).await {
                Ok((album, words)) => self.toasts.undoable(words, text::albums::OPEN, move || {
                    self.router.go(&super::address(album));
                }),
                Err(error) => self.toasts.show(error.message()),
            }
        });
    }
}

/// Puts pictures into that album or a new one: which it was, and what to say of it.
async fn put(
    api: &Authed,
    album: Option<&Album>,
    ids: &[Uuid],
) -> Result<(Uuid, String), ApiError> {
    match album {
        Some(album) => {
            add(api, album.id, ids).await?;
            let words = text::albums::added(ids.len(), album.title.as_deref());
            Ok((album.id, words))
        }
        None => album_of(api, ids)
            .await
            .map(|made| (made.id, text::albums::made(ids.len()))),
    }
}

/// The question which album: a native dialog, which Escape closes.
#[component]
pub fn ChooseAlbum() -> impl IntoView {
    let choice = use_choice();
    let (sheet, albums) = (NodeRef::<html::Dialog>::new(), RwSignal::new(None));
    watch(move || {
        let Some(sheet) = sheet
            .get()
            .filter(|_| choice.images.with(|images| !images.is_empty()))
        else {
            return;
        };
        sheet.show_modal().ok();
        let (query, api) = (all(), choice.api.get_value());
        spawn_local(async move {
            match api.list_albums(&query).await {
                Ok(page) => drop(albums.try_set(Some(page.items))),
                Err(error) => choice.toasts.show(error.message()),
            }
        });
    });
    let close = move || {
        if let Some(sheet) = sheet.get_untracked() {
            sheet.close();
        }
    };
    let choose = move |album: Option<Album>| {
        choice.chosen(album);
        close();
    };
    let row = move |album: Album| {
        ListRow::new(album.id.as_u128(), move || {
            let (name, facts) = (name(&album), facts(&album));
            view! {
                <li>
                    <button type="button" class="button" on:click=move |_| choose(Some(album.clone()))>
                        {name}
                    </button>
                    <p>{facts}</p>
                </li>
            }
        })
    };
    let list = rows(move || {
        albums
            .get()
            .unwrap_or_default()
            .into_iter()
            .map(row)
            .collect()
    });
    view! {
        <dialog node_ref=sheet class="sheet" aria-labelledby="choose-album" on:close=move |_| choice.images.set(Vec::new())>
            <h2 id="choose-album">{text::albums::ADD_TO}</h2>
            <ul node_ref=list class="answers"></ul>
            <div class="answers">
                <button type="button" class="button primary" on:click=move |_| choose(None)>
                    {text::albums::NEW}
                </button>
                <button type="button" class="button quiet" on:click=move |_| close()>
                    {text::CANCEL}
                </button>
            </div>
        </dialog>
    }
}

fn all() -> ListAlbums {
    ListAlbums {
        limit: Some(MAX_PAGE_LIMIT),
        cursor: None,
    }
}
