//! The actions on all selected pictures.

use std::sync::Arc;

use leptos::ev;
use leptos::leptos_dom::helpers::window_event_listener;
use leptos::prelude::*;
use tintype_dto::{Image, UpdateAlbum, Visibility};
use web_sys::KeyboardEvent;

use super::focus::use_wall_focus;
use super::selection::use_selection;
use crate::albums::{OneLink, use_choice, use_open_album};
use crate::components::{CopyFormat, CopyIn, CopyLabel, Icon, is_over_page, is_typing};
use crate::deletion::use_deletion;
use crate::library::use_library;
use crate::sharing::use_sharing;
use crate::text;

/// The actions on the selected pictures; hidden while there are none. `active`: the gallery is what the user looks at.
#[component]
pub fn SelectionBar(active: Memo<bool>) -> impl IntoView {
    let (selection, sharing) = (use_selection(), use_sharing());
    let images = Memo::new(move |_| selection.images());
    let count = Memo::new(move |_| images.with(Vec::len));
    let (choice, open) = (use_choice(), use_open_album());
    let in_album = Memo::new(move |_| open.id().is_some());
    let bytes = move || images.with(|images| images.iter().map(|image| image.size_bytes).sum());
    let label = CopyLabel::new(text::COPY);
    let copy = Callback::new(move |format: CopyFormat| {
        sharing.copy(&images.get_untracked(), format, label);
    });
    let clear = clear();
    let delete = delete();
    let set_all = move |visibility| {
        let images = images.get_untracked();
        clear();
        sharing.set_visibility(&images, visibility);
    };
    follow_keys(active, clear, delete);
    view! {
        <section class="selection" aria-label=text::SELECTION hidden=move || count.get() == 0 || !active.get()>
            <button type="button" class="icon-button" aria-label=text::CLEAR_SELECTION title=text::CLEAR_SELECTION on:click=move |_| clear()>
                {Icon::Close.view()}
            </button>
            <p role="status" aria-busy=move || selection.is_growing().to_string()>
                <strong>{move || text::selected(count.get())}</strong>
                " "
                <small>{move || text::file_size(bytes())}</small>
            </p>
            <OneLink images=Callback::new(move |()| images.get_untracked()) hidden=Signal::derive(move || in_album.get() || count.get() < 2) />
            <div class="of-all">
                <CopyIn label copy />
                <button type="button" class="button" hidden=in_album on:click=move |_| choice.ask(&images.get_untracked(), Callback::new(move |()| clear()))>
                    {text::albums::ADD}
                </button>
                {move || in_album.get().then(|| view! { <InAlbum images /> })}
                <button type="button" class="button" on:click=move |_| set_all(Visibility::Private)>
                    {text::PRIVATE}
                </button>
                <button type="button" class="button" on:click=move |_| set_all(Visibility::Unlisted)>
                    {text::UNLISTED}
                </button>
            </div>
            <button type="button" class="button danger" on:click=move |_| delete()>
                {text::DELETE}
            </button>
        </section>
    }
}

/// What else there is to do with pictures of the open album.
#[component]
fn InAlbum(images: Memo<Vec<Arc<Image>>>) -> impl IntoView {
    let (open, library, clear) = (use_open_album(), use_library(), clear());
    let remove = move |_| {
        let images = images.get_untracked();
        clear();
        open.remove(&images);
    };
    let to_the_start = move |_| {
        let ids: Vec<_> =
            images.with_untracked(|images| images.iter().map(|image| image.id).collect());
        let first = library.with_untracked(|listed| {
            let others = listed.iter().map(|listed| listed.image.id);
            others.into_iter().find(|id| !ids.contains(id))
        });
        open.move_before(ids, first);
    };
    let cover = move |_| {
        let change = UpdateAlbum {
            cover: Some(images.with_untracked(|images| Some(images.first()?.id))),
            ..UpdateAlbum::default()
        };
        open.change_and_tell(change, text::albums::COVER_CHOSEN);
    };
    view! {
        <button type="button" class="button" on:click=remove>
            {text::albums::REMOVE}
        </button>
        <button type="button" class="button" on:click=to_the_start>
            {text::albums::FIRST}
        </button>
        <button type="button" class="button" hidden=move || images.with(|images| images.len() != 1) on:click=cover>
            {text::albums::COVER}
        </button>
    }
}

/// Selects nothing; the focus goes to the picture that was chosen last.
fn clear() -> impl Fn() + Copy + 'static {
    let (selection, focus) = (use_selection(), use_wall_focus());
    move || {
        selection.clear();
        if let Some(last) = selection.anchor() {
            focus.lead_to(last);
        }
    }
}

/// Deletes what is selected; the focus goes to what takes its place.
fn delete() -> impl Fn() + Copy + 'static {
    let (selection, focus, library) = (use_selection(), use_wall_focus(), use_library());
    let deletion = StoredValue::new(use_deletion());
    move || {
        let images = untrack(|| selection.images());
        let next = library.with_untracked(|listed| {
            let goes = |id| images.iter().any(|image| image.id == id);
            let first = images.first()?.id;
            let at = listed.iter().position(|listed| listed.image.id == first)?;
            let behind = listed[at..].iter().find(|listed| !goes(listed.image.id));
            behind
                .or_else(|| listed.get(at.checked_sub(1)?))
                .map(|listed| listed.image.id)
        });
        selection.clear();
        deletion.get_value().delete(images);
        match next {
            Some(next) => focus.lead_to(next),
            None => focus.lead_to_page(),
        }
    }
}

/// Ctrl+A selects everything, Escape nothing, Del deletes what is selected.
fn follow_keys(active: Memo<bool>, clear: impl Fn() + 'static, delete: impl Fn() + 'static) {
    let selection = use_selection();
    let listener = window_event_listener(ev::keydown, move |event: KeyboardEvent| {
        let elsewhere = event.default_prevented()
            || !active.get_untracked()
            || is_typing(&event)
            || is_over_page(&event);
        if elsewhere {
            return;
        }
        let chosen = !selection.is_empty_untracked();
        match (event.key().as_str(), event.ctrl_key() || event.meta_key()) {
            ("a", true) => selection.select_all(),
            ("Escape", false) if chosen => clear(),
            ("Delete" | "Backspace", false) if chosen => delete(),
            _ => return,
        }
        event.prevent_default();
    });
    on_cleanup(move || listener.remove());
}
