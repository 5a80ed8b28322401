//! The selected pictures, and the actions on all of them.

use std::collections::BTreeSet;
use std::sync::Arc;

use leptos::ev;
use leptos::leptos_dom::helpers::window_event_listener;
use leptos::prelude::*;
use leptos::task::spawn_local;
use tintype_dto::{BulkUpdateImages, Image, MAX_BULK_IMAGES, UpdateImage, Visibility};
use uuid::Uuid;

use crate::api::{Authed, use_api};
use crate::components::{CopyLabel, copy_with_notice};
use crate::deletion::use_deletion;
use crate::library::{Library, ListedImage, use_library};
use crate::text;
use crate::toasts::{Toasts, use_toasts};

/// The selected pictures. Copies are the same selection.
#[derive(Clone, Copy)]
pub struct Selection {
    ids: RwSignal<BTreeSet<Uuid>>,
    /// The picture that was clicked last: a click with Shift selects from here.
    last: RwSignal<Option<Uuid>>,
    library: Library,
}

/// Provides an empty selection to everything below. Escape clears it.
pub fn provide_selection() {
    let selection = Selection {
        ids: RwSignal::default(),
        last: RwSignal::default(),
        library: use_library(),
    };
    provide_context(selection);
    let escape = window_event_listener(ev::keydown, move |event| {
        if event.key() == "Escape" && !event.default_prevented() && !selection.is_empty() {
            selection.clear();
        }
    });
    on_cleanup(move || escape.remove());
}

/// The selection.
pub fn use_selection() -> Selection {
    expect_context()
}

impl Selection {
    /// Whether a picture is selected, tracked.
    pub fn has(self, id: Uuid) -> bool {
        self.ids.with(|ids| ids.contains(&id))
    }

    /// Whether nothing is selected, tracked.
    pub fn is_empty(self) -> bool {
        self.ids.with(BTreeSet::is_empty)
    }

    /// Selects or deselects a picture; with `range`, all from the last one to this.
    pub fn toggle(self, id: Uuid, range: bool) {
        let selects = !self.ids.with_untracked(|ids| ids.contains(&id));
        let from = self.last.get_untracked().filter(|_| range).unwrap_or(id);
        let between = self.library.with_untracked(|images| {
            let at = |id| images.iter().position(|listed| listed.image.id == id);
            match (at(from), at(id)) {
                (Some(a), Some(b)) => images[a.min(b)..=a.max(b)]
                    .iter()
                    .map(|listed| listed.image.id)
                    .collect(),
                _ => vec![id],
            }
        });
        self.ids.update(|ids| {
            for id in between {
                if selects {
                    ids.insert(id);
                } else {
                    ids.remove(&id);
                }
            }
        });
        self.last.set(Some(id));
    }

    fn clear(self) {
        self.ids.set(BTreeSet::new());
        self.last.set(None);
    }

    /// The selected pictures that are loaded, newest first.
    fn images(self) -> Vec<Arc<Image>> {
        let ids = self.ids.get_untracked();
        let selected = |listed: &&ListedImage| ids.contains(&listed.image.id);
        self.library.with_untracked(|images| {
            images
                .iter()
                .filter(selected)
                .map(|listed| listed.image.clone())
                .collect()
        })
    }
}

/// Changes the visibility of pictures, announces it, and offers to undo it.
fn set_visibility(api: Authed, library: Library, toasts: Toasts, ids: Vec<Uuid>, to: Visibility) {
    spawn_local(async move {
        for some in ids.chunks(MAX_BULK_IMAGES) {
            let request = BulkUpdateImages {
                ids: some.to_vec(),
                change: UpdateImage {
                    visibility: Some(to),
                    ..UpdateImage::default()
                },
            };
            match api.update_images(&request).await {
                Ok(changed) => changed
                    .items
                    .into_iter()
                    .filter_map(|item| item.image)
                    .for_each(|image| library.put(image)),
                Err(error) => return toasts.show(error.message()),
            }
        }
        let (words, back) = match to {
            Visibility::Private => (text::NOW_PRIVATE, Visibility::Unlisted),
            Visibility::Unlisted => (text::NOW_UNLISTED, Visibility::Private),
        };
        toasts.undoable(words, text::UNDO, move || {
            set_visibility(api.clone(), library, toasts, ids.clone(), back);
        });
    });
}

/// The actions on the selected pictures; hidden while there are none.
#[component]
pub fn SelectionBar() -> impl IntoView {
    let (selection, library, toasts) = (use_selection(), use_library(), use_toasts());
    let api = StoredValue::new(use_api());
    let count = Memo::new(move |_| selection.ids.with(BTreeSet::len));
    let label = CopyLabel::new(text::COPY_LINKS);
    let copy = move |_| {
        let links: Vec<_> = selection
            .images()
            .iter()
            .map(|image| image.links.original.clone())
            .collect();
        copy_with_notice(links.join("\n"), label, toasts, || ());
    };
    let set_all = move |visibility| {
        let images = selection.images();
        selection.clear();
        let others = images.iter().filter(|image| image.visibility != visibility);
        let ids: Vec<_> = others.map(|image| image.id).collect();
        if !ids.is_empty() {
            set_visibility(api.get_value(), library, toasts, ids, visibility);
        }
    };
    let deletion = StoredValue::new(use_deletion());
    let delete = move |_| {
        let images = selection.images();
        selection.clear();
        deletion.get_value().delete(images);
    };
    view! {
        <section class="selection" aria-label=text::SELECTION hidden=move || count.get() == 0>
            <p role="status">{move || text::selected(count.get())}</p>
            <button type="button" class="button" on:click=copy>
                {move || label.get()}
            </button>
            <button type="button" class="button" on:click=move |_| set_all(Visibility::Private)>
                {text::MAKE_PRIVATE}
            </button>
            <button type="button" class="button" on:click=move |_| set_all(Visibility::Unlisted)>
                {text::MAKE_UNLISTED}
            </button>
            <button type="button" class="button danger" on:click=delete>
                {text::DELETE}
            </button>
            <button type="button" class="button quiet" on:click=move |_| selection.clear()>
                {text::CLEAR_SELECTION}
            </button>
        </section>
    }
}
