//! A picture's links, to copy.

use leptos::prelude::*;
use leptos::{ev, html};
use tintype_dto::{Image, Snippet};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::components::{CopyLabel, copy_with_notice};
use crate::text;
use crate::toasts::use_toasts;

/// The picture's snippets in four languages, one at a time.
#[component]
pub fn Links(image: Memo<Image>) -> impl IntoView {
    let (snippet, toasts) = (RwSignal::new(Snippet::Link), use_toasts());
    let (label, shown) = (CopyLabel::new(text::COPY), NodeRef::<html::Input>::new());
    let content = Memo::new(move |_| image.with(|image| snippet.get().write(image)));
    let select = move || {
        if let Some(input) = shown.get_untracked() {
            input.focus().ok();
            input.select();
        }
    };
    let copy = move |_| copy_with_notice(content.get_untracked(), label, toasts, select);
    view! {
        <section class="links" aria-label=text::LINKS>
            <Tabs snippet />
            <div class="code" role="tabpanel" id="link-panel" aria-labelledby=move || tab_id(snippet.get())>
                <input
                    node_ref=shown
                    type="text"
                    readonly
                    aria-label=move || snippet.get().name()
                    prop:value=content
                    on:focus=move |_| select_all(shown)
                />
                <button type="button" on:click=copy>
                    {move || label.get()}
                </button>
            </div>
        </section>
    }
}

fn select_all(input: NodeRef<html::Input>) {
    if let Some(input) = input.get_untracked() {
        input.select();
    }
}

/// Tabs as in the ARIA guide: one stop for Tab, arrows between them.
#[component]
fn Tabs(snippet: RwSignal<Snippet>) -> impl IntoView {
    let on_key = move |event: ev::KeyboardEvent| {
        let at = Snippet::ALL
            .iter()
            .position(|one| *one == snippet.get_untracked())
            .unwrap_or_default();
        let count = Snippet::ALL.len();
        let to = match event.key().as_str() {
            "ArrowRight" => (at + 1) % count,
            "ArrowLeft" => (at + count - 1) % count,
            "Home" => 0,
            "End" => count - 1,
            _ => return,
        };
        event.prevent_default();
        snippet.set(Snippet::ALL[to]);
        let tab = document().get_element_by_id(&tab_id(Snippet::ALL[to]));
        if let Some(tab) = tab.and_then(|tab| tab.dyn_into::<HtmlElement>().ok()) {
            tab.focus().ok();
        }
    };
    let tab = move |one: Snippet| {
        let chosen = move || snippet.get() == one;
        view! {
            <button
                type="button"
                role="tab"
                id=tab_id(one)
                aria-controls="link-panel"
                aria-selected=move || if chosen() { "true" } else { "false" }
                tabindex=move || if chosen() { "0" } else { "-1" }
                on:click=move |_| snippet.set(one)
            >
                {one.name()}
            </button>
        }
    };
    view! {
        <div class="choices" role="tablist" aria-label=text::LINKS on:keydown=on_key>
            {Snippet::ALL.map(tab)}
        </div>
    }
}

fn tab_id(snippet: Snippet) -> String {
    format!("tab-{}", snippet.name())
}
