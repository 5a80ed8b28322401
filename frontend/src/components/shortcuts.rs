//! Keyboard shortcuts, and the dialog that lists them.

use leptos::leptos_dom::helpers::window_event_listener;
use leptos::prelude::*;
use leptos::{ev, html};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

use super::use_picker;
use crate::text;

/// The dialog that lists them.
#[derive(Clone, Copy)]
pub struct ShortcutSheet(NodeRef<html::Dialog>);

/// Provides it; [`Shortcuts`] has to be rendered somewhere below.
pub fn provide_shortcuts() {
    provide_context(ShortcutSheet(NodeRef::new()));
}

/// The dialog.
pub fn use_shortcuts() -> ShortcutSheet {
    expect_context()
}

impl ShortcutSheet {
    /// Opens it.
    pub fn open(self) {
        if let Some(sheet) = self.0.get_untracked() {
            sheet.show_modal().ok();
        }
    }
}

/// Listens for `/`, `u` and `?`. The dialog is native: Escape closes it.
#[component]
pub fn Shortcuts() -> impl IntoView {
    let (picker, shortcuts) = (use_picker(), use_shortcuts());
    let ShortcutSheet(sheet) = shortcuts;
    let listener = window_event_listener(ev::keydown, move |event: KeyboardEvent| {
        if event.default_prevented()
            || event.alt_key()
            || event.ctrl_key()
            || event.meta_key()
            || is_typing(&event)
            || is_over_page(&event)
        {
            return;
        }
        match event.key().as_str() {
            "/" => focus_search(),
            "u" => picker.open(),
            "?" => shortcuts.open(),
            _ => return,
        }
        event.prevent_default();
    });
    on_cleanup(move || listener.remove());
    view! {
        <dialog node_ref=sheet class="shortcuts" aria-labelledby="shortcuts-title">
            <form method="dialog">
                <h2 id="shortcuts-title">{text::SHORTCUTS}</h2>
                <dl>
                    {text::SHORTCUT_LIST
                        .map(|(keys, what)| {
                            view! {
                                <dt>{keys.iter().map(|key| view! { <kbd>{*key}</kbd> }).collect_view()}</dt>
                                <dd>{what}</dd>
                            }
                        })}
                </dl>
                <button class="button">{text::DONE}</button>
            </form>
        </dialog>
    }
}

/// Whether the key is typed into a field.
pub fn is_typing(event: &KeyboardEvent) -> bool {
    is_within(
        event,
        "input:not([type=checkbox], [type=radio], [readonly]), textarea, select",
    )
}

/// Whether the key belongs to a sheet or a menu above the page. It may close with this very key.
pub fn is_over_page(event: &KeyboardEvent) -> bool {
    is_within(event, "dialog, [popover]")
        || document()
            .query_selector("dialog[open]")
            .ok()
            .flatten()
            .is_some()
}

fn is_within(event: &KeyboardEvent, selector: &str) -> bool {
    let element = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok());
    element.is_some_and(|element| element.closest(selector).ok().flatten().is_some())
}

fn focus_search() {
    let field = document()
        .query_selector("input[type=search]")
        .ok()
        .flatten();
    if let Some(field) = field.and_then(|field| field.dyn_into::<HtmlElement>().ok()) {
        field.focus().ok();
    }
}
