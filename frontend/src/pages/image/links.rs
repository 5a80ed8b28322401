//! A picture's links, to copy and to share.

use std::sync::Arc;

use js_sys::{Function, Object, Reflect};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::{ev, html};
use tintype_dto::Image;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::HtmlElement;

use crate::components::{CopyFormat, CopyLabel, on_resize, use_copy_format};
use crate::sharing::use_sharing;
use crate::toasts::use_toasts;
use crate::watch::watch;
use crate::{clipboard, text};

/// The picture's links in five forms, one at a time, and the picture itself.
#[component]
pub fn Links(image: Memo<Image>) -> impl IntoView {
    let (format, sharing) = (use_copy_format(), use_sharing());
    let (label, shown) = (CopyLabel::new(text::COPY), NodeRef::<html::Input>::new());
    let content = Memo::new(move |_| image.with(|image| format.get().write(image)));
    show_the_end(content, shown);
    let copy = move |_| {
        sharing.copy(
            &[Arc::new(image.get_untracked())],
            format.get_untracked(),
            label,
        );
    };
    view! {
        <section class="links" aria-label=text::LINKS>
            <Tabs format />
            <div class="code" role="tabpanel" id="link-panel" aria-labelledby=move || tab_id(format.get())>
                <input
                    node_ref=shown
                    type="text"
                    readonly
                    aria-label=move || format.get().name()
                    prop:value=content
                    on:focus=move |_| select_all(shown)
                />
                <button type="button" on:click=copy>
                    {move || label.get()}
                </button>
            </div>
            <div class="more">
                <CopyPicture image />
                {can_share().then(|| view! { <Share image /> })}
            </div>
        </section>
    }
}

/// Links differ at their ends.
fn show_the_end(content: Memo<String>, shown: NodeRef<html::Input>) {
    let scroll = move || {
        if let Some(input) = shown.try_get_untracked().flatten() {
            input.set_scroll_left(input.scroll_width());
        }
    };
    watch(move || {
        content.track();
        shown.track();
        request_animation_frame(scroll);
    });
    // Its room changes with the window, and with a scrollbar beside it.
    watch(move || {
        if let Some(input) = shown.get() {
            on_resize(&input, scroll);
        }
    });
}

fn select_all(input: NodeRef<html::Input>) {
    if let Some(input) = input.get_untracked() {
        input.select();
    }
}

/// Copies the picture itself, as PNG.
#[component]
fn CopyPicture(image: Memo<Image>) -> impl IntoView {
    let (label, toasts) = (CopyLabel::new(text::COPY_IMAGE), use_toasts());
    let copy = move |_| {
        let link = image.with_untracked(|image| image.links.original.clone());
        spawn_local(async move {
            if clipboard::copy_picture(&link).await.is_ok() {
                label.done(toasts, text::PICTURE_COPIED);
            } else {
                toasts.show(text::CANNOT_COPY_IMAGE);
            }
        });
    };
    view! {
        <button type="button" class="link-button" on:click=copy>
            {move || label.get()}
        </button>
    }
}

/// Hands the link to another program, as phones do. A private picture has no link that lasts.
#[component]
fn Share(image: Memo<Image>) -> impl IntoView {
    let hidden = move || image.with(|image| image.links.page.is_none());
    let share = move |_| {
        let (page, title) = image.with_untracked(|image| {
            let title = image.title.as_ref().unwrap_or(&image.filename);
            (image.links.page.clone().unwrap_or_default(), title.clone())
        });
        let what = Object::new();
        for (name, value) in [("url", page), ("title", title)] {
            Reflect::set(&what, &name.into(), &value.into()).ok();
        }
        let navigator = window().navigator();
        // Whoever closes the list of programs has shared nothing: that is no error.
        if let Some(share) = share_function() {
            drop(share.call1(&navigator, &what));
        }
    };
    view! {
        <button type="button" class="link-button" hidden=hidden on:click=share>
            {text::SHARE}
        </button>
    }
}

fn share_function() -> Option<Function> {
    Reflect::get(&window().navigator(), &JsValue::from_str("share"))
        .ok()?
        .dyn_into()
        .ok()
}

fn can_share() -> bool {
    share_function().is_some()
}

/// Tabs as in the ARIA guide: one stop for Tab, arrows between them.
#[component]
fn Tabs(format: RwSignal<CopyFormat>) -> impl IntoView {
    let on_key = move |event: ev::KeyboardEvent| {
        let at = CopyFormat::ALL
            .iter()
            .position(|one| *one == format.get_untracked())
            .unwrap_or_default();
        let count = CopyFormat::ALL.len();
        let to = match event.key().as_str() {
            "ArrowRight" => (at + 1) % count,
            "ArrowLeft" => (at + count - 1) % count,
            "Home" => 0,
            "End" => count - 1,
            _ => return,
        };
        event.prevent_default();
        format.set(CopyFormat::ALL[to]);
        let tab = document().get_element_by_id(&tab_id(CopyFormat::ALL[to]));
        if let Some(tab) = tab.and_then(|tab| tab.dyn_into::<HtmlElement>().ok()) {
            tab.focus().ok();
        }
    };
    let tab = move |one: CopyFormat| {
        let chosen = move || format.get() == one;
        view! {
            <button
                type="button"
                role="tab"
                id=tab_id(one)
                aria-controls="link-panel"
                aria-selected=move || if chosen() { "true" } else { "false" }
                tabindex=move || if chosen() { "0" } else { "-1" }
                on:click=move |_| format.set(one)
            >
                {one.name()}
            </button>
        }
    };
    view! {
        <div class="choices" role="tablist" aria-label=text::LINKS on:keydown=on_key>
            {CopyFormat::ALL.map(tab)}
        </div>
    }
}

fn tab_id(format: CopyFormat) -> String {
    ["tab-", format.name()].concat()
}
