//! Copies the links of a batch by itself once all of it has arrived, for whoever has switched that on.

use leptos::prelude::*;
use leptos::task::spawn_local;
use tintype_dto::Visibility;

use super::item::images;
use super::queue::{Queue, Totals};
use super::{text, use_uploads};
use crate::clipboard;
use crate::components::{CopyFormat, use_copy_format};
use crate::local_storage;
use crate::text as common;
use crate::toasts::{Toasts, use_toasts};
use crate::watch::watch_since;

/// The setting. Copies are the same.
#[derive(Clone, Copy)]
struct CopyAtEnd(RwSignal<bool>);

/// Provides the setting, stored in this browser. Off by default.
pub fn provide_copy_at_end() {
    provide_context(CopyAtEnd(local_storage::switch(
        "tintype.copy-at-end",
        false,
    )));
}

/// The setting, to read or to change.
pub fn use_copy_at_end() -> RwSignal<bool> {
    expect_context::<CopyAtEnd>().0
}

/// Copies whenever the queue comes to its end.
pub fn copy_at_end(totals: Memo<Totals>) {
    let (uploads, wanted) = (use_uploads(), use_copy_at_end());
    let (format, toasts) = (use_copy_format(), use_toasts());
    watch_since(move |was_open: Option<bool>| {
        let is_open = totals.with(|totals| totals.open > 0);
        if was_open == Some(true) && !is_open && wanted.get_untracked() {
            uploads.with_untracked(|queue| copy(queue, format.get_untracked(), toasts));
        }
        is_open
    });
}

/// Links of private pictures would soon end: they are left out. Where the browser wants a click first, a notice offers one.
fn copy(queue: &Queue, format: CopyFormat, toasts: Toasts) {
    let images = images(queue.counted());
    let lasting = images
        .iter()
        .filter(|image| image.visibility == Visibility::Unlisted);
    let lines: Vec<_> = lasting.map(|image| format.write(image)).collect();
    if lines.is_empty() {
        return;
    }
    spawn_local(async move {
        if clipboard::copy(&lines.join("\n")).await {
            toasts.show(text::links_copied(lines.len()));
            return;
        }
        let again = move || {
            let lines = lines.join("\n");
            spawn_local(async move {
                let copied = clipboard::copy(&lines).await;
                toasts.show(if copied {
                    common::LINK_COPIED
                } else {
                    common::CANNOT_COPY
                });
            });
        };
        toasts.undoable(text::LINKS_READY, common::COPY_LINK, again);
    });
}
