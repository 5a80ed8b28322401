//! What a phone has sent with "Share". Any site can send pictures the same way: nothing is uploaded before somebody has said so.

use js_sys::{Array, Function, Reflect};
use leptos::leptos_dom::helpers::window_event_listener_untyped;
use leptos::{html, prelude::*};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{File, Url};

use super::{text, use_uploads};
use crate::watch::watch;

/// What `static/shared.js` hands over.
const FOUND: &str = "tintypeShared";
/// So many are shown as pictures.
const SHOWN: usize = 12;

/// Asks what is to become of the pictures that were shared. Who closes it without an answer is asked again with the next visit.
#[component]
pub fn Shared() -> impl IntoView {
    let (uploads, sheet) = (use_uploads(), NodeRef::<html::Dialog>::new());
    let files = RwSignal::new_local(found());
    let arrived = window_event_listener_untyped("tintype-shared", move |_| files.set(found()));
    on_cleanup(move || arrived.remove());
    watch(move || {
        if let Some(sheet) = sheet
            .get()
            .filter(|_| files.with(|files| !files.is_empty()))
        {
            sheet.show_modal().ok();
        }
    });
    let take = move || {
        forget();
        files.try_update(std::mem::take).unwrap_or_default()
    };
    view! {
        <dialog node_ref=sheet class="sheet shared" aria-labelledby="shared-title">
            <form method="dialog">
                <h2 id="shared-title">{move || text::upload_shared(files.with(Vec::len))}</h2>
                <div class="shared-pictures">{move || files.with(|files| pictures(files))}</div>
                <div class="shared-answers">
                    <button class="button" on:click=move |_| drop(take())>
                        {text::DISCARD}
                    </button>
                    <button class="button primary" autofocus on:click=move |_| uploads.add_files(take())>
                        {move || text::upload_these(files.with(Vec::len))}
                    </button>
                </div>
            </form>
        </dialog>
    }
}

fn pictures(files: &[File]) -> impl IntoView + use<> {
    let shown = files.iter().take(SHOWN);
    shown
        .filter_map(|file| Some((Url::create_object_url_with_blob(file).ok()?, file.name())))
        .map(|(address, name)| {
            let shown = address.clone();
            on_cleanup(move || Url::revoke_object_url(&shown).unwrap_or_default());
            view! { <img src=address alt=name /> }
        })
        .collect_view()
}

fn found() -> Vec<File> {
    let files = Reflect::get(&handed_over(), &"files".into());
    let files = files.ok().and_then(|files| files.dyn_into::<Array>().ok());
    files
        .map(|files| {
            files
                .iter()
                .filter_map(|file| file.dyn_into().ok())
                .collect()
        })
        .unwrap_or_default()
}

/// Pictures that wait for an answer are not there any more.
pub fn forget() {
    let found = handed_over();
    let forget = Reflect::get(&found, &"forget".into());
    if let Some(forget) = forget.ok().and_then(|it| it.dyn_into::<Function>().ok()) {
        forget.call0(&found).ok();
    }
    Reflect::delete_property(&js_sys::global(), &FOUND.into()).ok();
}

fn handed_over() -> JsValue {
    Reflect::get(&js_sys::global(), &FOUND.into()).unwrap_or_default()
}
