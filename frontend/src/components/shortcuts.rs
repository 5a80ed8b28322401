//! Keyboard shortcuts, and the dialog that lists them.

use leptos::leptos_dom::helpers::window_event_listener;
use leptos::prelude::*;
use leptos::{ev, html};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

use super::use_picker;
use crate::text;

/// Listens for `/`, `u` and `?`. The dialog is native: Escape closes it.
#[component]
pub fn Shortcuts() -> impl IntoView {
    let picker = use_picker();
    let sheet = NodeRef::<html::Dialog>::new();
    let listener = window_event_listener(ev::keydown, move |event: KeyboardEvent| {
        if event.default_prevented()
            || event.alt_key()
            || event.ctrl_key()
            || event.meta_key()
            || is_typing(&event)
        {
            return;
        }
        match event.key().as_str() {
            "/" => focus_search(),
            "u" => picker.open(),
            "?" => {
                if let Some(sheet) = sheet.get_untracked() {
                    sheet.show_modal().ok();
                }
            }
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
fn is_typing(event: &KeyboardEvent) -> bool {
    let element = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok());
    element.is_some_and(|element| {
        element
            .closest("input:not([type=checkbox], [type=radio]), textarea, select, dialog[open]")
            .ok()
            .flatten()
            .is_some()
    })
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
