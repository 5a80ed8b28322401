//! Files dropped anywhere on the page, or pasted.

use leptos::ev;
use leptos::leptos_dom::helpers::window_event_listener;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::{ClipboardEvent, DataTransfer, DragEvent, Element, File, FileSystemEntry};

use super::driver::Uploads;
use super::{folders, text, use_uploads};
use crate::text::albums as album_text;
use crate::toasts::{Toasts, use_toasts};

/// Listens on the whole window, and shows a hint while files hover over it.
#[component]
pub fn DropZone() -> impl IntoView {
    let (uploads, toasts) = (use_uploads(), use_toasts());
    // A child is entered before its parent is left: only the count tells whether the pointer is still inside.
    let depth = RwSignal::new(0_i32);
    let listeners = [
        window_event_listener(ev::dragenter, move |event| {
            if accept(&event) {
                depth.update(|depth| *depth += 1);
            }
        }),
        window_event_listener(ev::dragover, move |event| {
            accept(&event);
        }),
        window_event_listener(ev::dragleave, move |event| {
            if accept(&event) {
                depth.update(|depth| *depth = (*depth - 1).max(0));
            }
        }),
        window_event_listener(ev::drop, move |event| {
            if accept(&event) {
                depth.set(0);
                match event.data_transfer().as_ref().and_then(folders::entries) {
                    Some(entries) => add_folders(entries, uploads, toasts),
                    None => uploads.add_files(files(event.data_transfer())),
                }
            }
        }),
        window_event_listener(ev::paste, move |event| {
            let pasted = files(event.clipboard_data());
            if !pasted.is_empty() && !is_for_text(&event) {
                event.prevent_default();
                uploads.add_files(pasted);
            }
        }),
    ];
    on_cleanup(move || listeners.into_iter().for_each(WindowListenerHandle::remove));
    let words = move || match uploads.into_albums.looked_at() {
        Some(_) => album_text::DROP_HERE,
        None => text::DROP_HERE,
    };
    view! {
        <div class="drop-zone" aria-hidden="true" hidden=move || depth.get() == 0>
            <p>{words}</p>
        </div>
    }
}

fn add_folders(entries: Vec<FileSystemEntry>, uploads: Uploads, toasts: Toasts) {
    spawn_local(async move {
        let (files, others) = folders::files(entries).await;
        match (files.len(), others) {
            (0, _) => toasts.show(text::NO_PICTURES),
            (_, 0) => {}
            _ => toasts.show(text::left_out(others)),
        }
        uploads.add_files(files);
    });
}

/// Whether files are being dragged; if so, keeps the browser from opening them.
fn accept(event: &DragEvent) -> bool {
    let has_files = event
        .data_transfer()
        .is_some_and(|data| data.types().includes(&"Files".into(), 0));
    if has_files {
        event.prevent_default();
    }
    has_files
}

/// Fields and text win: cells of a spreadsheet come with a picture of themselves.
fn is_for_text(event: &ClipboardEvent) -> bool {
    let target = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok());
    let in_field = target.is_some_and(|target| {
        let field = target.closest("input, textarea, select, [contenteditable]");
        field.ok().flatten().is_some()
    });
    let data = event.clipboard_data();
    in_field || data.is_some_and(|data| data.types().includes(&"text/plain".into(), 0))
}

fn files(data: Option<DataTransfer>) -> Vec<File> {
    let list = data.and_then(|data| data.files());
    list.map(|list| (0..list.length()).filter_map(|at| list.item(at)).collect())
        .unwrap_or_default()
}
