//! The actions on all selected pictures.

use leptos::ev;
use leptos::leptos_dom::helpers::window_event_listener;
use leptos::prelude::*;
use tintype_dto::Visibility;
use web_sys::KeyboardEvent;

use super::focus::use_wall_focus;
use super::selection::use_selection;
use crate::components::{CopyFormat, CopyIn, CopyLabel, Icon, is_over_page, is_typing};
use crate::deletion::use_deletion;
use crate::library::use_library;
use crate::one_link::OneLink;
use crate::sharing::use_sharing;
use crate::text;

/// The actions on the selected pictures; hidden while there are none. `active`: the gallery is what the user looks at.
#[component]
pub fn SelectionBar(active: Memo<bool>) -> impl IntoView {
    let (selection, sharing) = (use_selection(), use_sharing());
    let images = Memo::new(move |_| selection.images());
    let count = Memo::new(move |_| images.with(Vec::len));
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
            <CopyIn label copy />
            <OneLink images=Callback::new(move |()| images.get_untracked()) hidden=Signal::derive(move || count.get() < 2) />
            <button type="button" class="button" on:click=move |_| set_all(Visibility::Private)>
                {text::PRIVATE}
            </button>
            <button type="button" class="button wide-label" on:click=move |_| set_all(Visibility::Unlisted)>
                {text::UNLISTED}
            </button>
            <button type="button" class="button danger" on:click=move |_| delete()>
                {text::DELETE}
            </button>
        </section>
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
