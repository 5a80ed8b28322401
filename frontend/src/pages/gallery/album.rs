//! What stands above the pictures of an album: what it is called, its link, who can see it.

use chrono::{DateTime, Utc};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::{ev, html};
use tintype_dto::{Album, UpdateAlbum, Visibility, check_description, check_title};

use crate::albums::{OpenAlbum, use_open_album};
use crate::api::ApiError;
use crate::components::{
    CopyFormat, CopyIn, CopyLabel, Ends, InlineEdit, InlineText, Saving, copy_with_notice,
    has_ended,
};
use crate::library::use_library;
use crate::router::ALBUMS;
use crate::sharing::use_sharing;
use crate::toasts::use_toasts;
use crate::watch::{watch, watch_since};
use crate::{dates, text};

/// The head of the open album.
#[component]
pub fn AlbumHead() -> impl IntoView {
    let open = use_open_album();
    let album = Memo::new(move |last: Option<&Option<Album>>| {
        let now = open.album();
        // While another one is on its way, nothing is said.
        now.map_or_else(
            || {
                last.cloned()
                    .flatten()
                    .filter(|album| Some(album.id) == open.id())
            },
            Result::ok,
        )
    });
    let has = Memo::new(move |_| album.with(Option::is_some));
    let library = use_library();
    // Why its pictures can't be shown stands in their place.
    let failed = move || {
        open.album()
            .and_then(Result::err)
            .filter(|_| !library.has_failed())
    };
    view! {
        <header class="album">
            <a class="back" href=ALBUMS>
                {text::albums::ALBUMS}
            </a>
            {move || {
                if has.get() {
                    let first = album.get_untracked();
                    first
                        .map(|first| {
                            let album = Memo::new(move |last: Option<&Album>| {
                                album.get().or_else(|| last.cloned()).unwrap_or_else(|| first.clone())
                            });
                            view! { <Head open album /> }
                        })
                        .into_any()
                } else {
                    failed().map(|error| view! { <Failed error open /> }).into_any()
                }
            }}
        </header>
    }
}

#[component]
fn Failed(error: ApiError, open: OpenAlbum) -> impl IntoView {
    view! {
        <p role="alert">{error.message()}</p>
        <button type="button" class="button" on:click=move |_| open.read()>
            {text::TRY_AGAIN}
        </button>
    }
}

#[component]
fn Head(open: OpenAlbum, album: Memo<Album>) -> impl IntoView {
    count_anew(open);
    let [title, description] = texts(open, album);
    let input = NodeRef::<html::Textarea>::new();
    watch(move || {
        // A new one gets its title first.
        let is_new = album.with_untracked(|album| album.title.is_none() && album.count == 0);
        if let Some(input) = input.get().filter(|_| is_new) {
            input.focus().ok();
        }
    });
    let count = move || {
        let count = album.with(|album| album.count);
        text::pictures(usize::try_from(count).unwrap_or(usize::MAX))
    };
    view! {
        <h1 class="inline-edit">
            <InlineEdit text=title input />
        </h1>
        <div class="inline-edit">
            <InlineEdit text=description />
        </div>
        <p class="hint">{count} {move || album.with(note)}</p>
        <Actions open album />
    }
}

/// The title, and what there is to say.
fn texts(open: OpenAlbum, album: Memo<Album>) -> [InlineText; 2] {
    let save = move |change| -> Saving { Box::pin(open.change(change)) };
    let title = InlineText {
        name: "title",
        label: text::TITLE,
        invitation: text::ADD_TITLE,
        check: check_title,
        value: Signal::derive(move || album.with(|album| album.title.clone())),
        save: Callback::new(move |title| {
            save(UpdateAlbum {
                title: Some(title),
                ..UpdateAlbum::default()
            })
        }),
    };
    let description = InlineText {
        name: "description",
        label: text::ALT,
        invitation: text::albums::ADD_DESCRIPTION,
        check: check_description,
        value: Signal::derive(move || album.with(|album| album.description.clone())),
        save: Callback::new(move |description| {
            save(UpdateAlbum {
                description: Some(description),
                ..UpdateAlbum::default()
            })
        }),
    };
    [title, description]
}

fn note(album: &Album) -> &'static str {
    match album.visibility {
        _ if has_ended(album.expires_at) => text::albums::OVER,
        Visibility::Private => text::albums::ONLY_YOU,
        Visibility::Unlisted => "",
    }
}

#[component]
fn Actions(open: OpenAlbum, album: Memo<Album>) -> impl IntoView {
    let (toasts, sharing, library) = (use_toasts(), use_sharing(), use_library());
    let (link_label, all_label) = (
        CopyLabel::new(text::COPY_LINK),
        CopyLabel::new(text::albums::COPY_ALL),
    );
    let asks = RwSignal::new(false);
    // Nobody is shown an empty album.
    let page = Memo::new(move |_| {
        album.with(|album| album.links.page.clone().filter(|_| album.count > 0))
    });
    let archive = move || album.with(|album| album.links.archive.clone());
    let no_page = move || page.with(Option::is_none);
    let copy_link = move |_| {
        copy_with_notice(
            page.get_untracked().unwrap_or_default(),
            link_label,
            toasts,
            || (),
        );
    };
    let copy_all = Callback::new(move |format: CopyFormat| {
        spawn_local(async move {
            match open.images().await {
                Ok(images) => sharing.copy(&images, format, all_label),
                Err(error) => toasts.show(error.message()),
            }
        });
    });
    let end = Signal::derive(move || album.with(|album| album.expires_at));
    let end_chosen = Callback::new(move |end: Option<DateTime<Utc>>| {
        let change = UpdateAlbum {
            expires_at: Some(end),
            ..UpdateAlbum::default()
        };
        open.change_and_tell(change, text::albums::now_ends(end.map(dates::moment)));
    });
    let delete = move |event: ev::MouseEvent| {
        // It can't be taken back, so it is asked for twice. A double click is not two answers.
        if asks.get_untracked() && event.detail() < 2 {
            open.delete();
        }
        asks.set(true);
    };
    view! {
        <div class="actions">
            <button type="button" class="button primary" hidden=no_page on:click=copy_link>
                {move || link_label.get()}
            </button>
            <a class="button" target="_blank" rel="external noopener" hidden=no_page href=move || page.get()>
                {text::SHARE_PAGE}
            </a>
            <a class="button" rel="external" hidden=no_page href=archive>
                {text::albums::DOWNLOAD}
            </a>
            <CopyIn label=all_label copy=copy_all hidden=Signal::derive(move || library.with(<[_]>::is_empty)) />
            <Audience open album />
            <Ends end choose=end_chosen />
            <button type="button" class="button quiet danger" on:click=delete on:blur=move |_| asks.set(false)>
                {move || if asks.get() { text::albums::DELETE_NOW } else { text::albums::DELETE }}
            </button>
        </div>
    }
}

/// Who can see it: changed at once.
#[component]
fn Audience(open: OpenAlbum, album: Memo<Album>) -> impl IntoView {
    let is_private = move || album.with(|album| album.visibility == Visibility::Private);
    let choose = move |event: ev::Event| {
        let (visibility, words) = if event_target_value(&event) == PRIVATE {
            (Visibility::Private, text::albums::NOW_PRIVATE)
        } else {
            (Visibility::Unlisted, text::albums::NOW_UNLISTED)
        };
        let change = UpdateAlbum {
            visibility: Some(visibility),
            ..UpdateAlbum::default()
        };
        open.change_and_tell(change, words);
    };
    view! {
        <select aria-label=text::VISIBILITY on:change=choose>
            <option value="">{text::UNLISTED}</option>
            <option value=PRIVATE prop:selected=is_private>
                {text::PRIVATE}
            </option>
        </select>
    }
}

const PRIVATE: &str = "private";

/// Pictures that leave the list, or come back to it, change the count and the cover.
fn count_anew(open: OpenAlbum) {
    let library = use_library();
    watch_since(move |before: Option<Option<usize>>| {
        let now = library.count();
        if before
            .flatten()
            .is_some_and(|before| now.is_some_and(|now| now != before))
        {
            open.read();
        }
        now
    });
}
