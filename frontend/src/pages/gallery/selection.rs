//! Which pictures are selected.

use std::collections::BTreeSet;
use std::sync::Arc;

use leptos::prelude::*;
use tintype_dto::Image;
use uuid::Uuid;

use crate::library::{Library, ListedImage, Loading, use_library};
use crate::watch::watch;

/// The selected pictures. Copies are the same selection.
#[derive(Clone, Copy)]
pub struct Selection {
    ids: RwSignal<BTreeSet<Uuid>>,
    /// Where a range begins: the picture that was chosen last.
    anchor: RwSignal<Option<Uuid>>,
    /// Whether everything is selected: also what is still to be loaded.
    all: RwSignal<bool>,
    drag: StoredValue<Option<Drag>>,
    library: Library,
}

/// A pointer that is drawn over pictures.
#[derive(Clone)]
struct Drag {
    from: Uuid,
    selects: bool,
    /// What was selected before.
    before: BTreeSet<Uuid>,
    has_moved: bool,
}

/// Provides an empty selection to everything below.
pub fn provide_selection() {
    let selection = Selection {
        ids: RwSignal::default(),
        anchor: RwSignal::default(),
        all: RwSignal::new(false),
        drag: StoredValue::new(None),
        library: use_library(),
    };
    provide_context(selection);
    selection.load_all();
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

    /// Whether nothing is selected, not tracked.
    pub fn is_empty_untracked(self) -> bool {
        self.ids.with_untracked(BTreeSet::is_empty)
    }

    /// Whether more is being loaded to be selected, tracked.
    pub fn is_growing(self) -> bool {
        self.all.get() && self.library.loading() != Loading::Done
    }

    /// Selects or deselects a picture.
    pub fn toggle(self, id: Uuid) {
        let selects = !self.ids.with_untracked(|ids| ids.contains(&id));
        self.set(&[id], selects);
        self.anchor.set(Some(id));
    }

    /// Selects all from the picture that was chosen last to this one.
    pub fn extend(self, id: Uuid) {
        let from = self.anchor.get_untracked().unwrap_or(id);
        self.set(&self.between(from, id), true);
        self.anchor.set(Some(from));
    }

    /// Selects or deselects pictures.
    pub fn set(self, some: &[Uuid], selects: bool) {
        if !selects {
            self.all.set(false);
        }
        self.ids.update(|ids| put(ids, some, selects));
    }

    /// Selects everything, what is not loaded yet too.
    pub fn select_all(self) {
        self.all.set(true);
    }

    /// Selects nothing.
    pub fn clear(self) {
        self.all.set(false);
        self.ids.set(BTreeSet::new());
    }

    /// The picture that was chosen last.
    pub fn anchor(self) -> Option<Uuid> {
        self.anchor.get_untracked()
    }

    /// The selected pictures that are listed, newest first, tracked.
    pub fn images(self) -> Vec<Arc<Image>> {
        self.ids.with(|ids| {
            if ids.is_empty() {
                return Vec::new();
            }
            let selected = |listed: &&ListedImage| ids.contains(&listed.image.id);
            self.library.with(|images| {
                let images = images.iter().filter(selected);
                images.map(|listed| listed.image.clone()).collect()
            })
        })
    }

    /// A pointer that may be drawn over pictures is on this one.
    pub fn begin_drag(self, id: Uuid) {
        let before = self.ids.get_untracked();
        self.drag.set_value(Some(Drag {
            from: id,
            selects: !before.contains(&id),
            before,
            has_moved: false,
        }));
    }

    /// The picture of a long press is selected at once.
    pub fn begin_drag_selected(self, id: Uuid) {
        self.begin_drag(id);
        self.drag_to(id, true);
    }

    /// Whether a pointer may be drawn over pictures.
    pub fn is_dragging(self) -> bool {
        self.drag.with_value(Option::is_some)
    }

    /// The pointer is over this picture now: everything between is as the first one. A pointer that has never left the first one (unless
    /// `at_once`) only clicks.
    pub fn drag_to(self, id: Uuid, at_once: bool) {
        let Some(mut drag) = self.drag.get_value() else {
            return;
        };
        if id == drag.from && !drag.has_moved && !at_once {
            return;
        }
        drag.has_moved = true;
        let mut ids = drag.before.clone();
        put(&mut ids, &self.between(drag.from, id), drag.selects);
        self.anchor.set(Some(drag.from));
        self.ids.maybe_update(|now| {
            let differs = *now != ids;
            *now = ids;
            differs
        });
        self.drag.set_value(Some(drag));
    }

    /// The pointer is up. Whether it was drawn over pictures, so that its click means nothing.
    pub fn end_drag(self) -> bool {
        let drag = self.drag.try_update_value(Option::take).flatten();
        drag.is_some_and(|drag| drag.has_moved)
    }

    fn between(self, from: Uuid, to: Uuid) -> Vec<Uuid> {
        self.library.with_untracked(|images| {
            let at = |id| images.iter().position(|listed| listed.image.id == id);
            match (at(from), at(to)) {
                (Some(a), Some(b)) => images[a.min(b)..=a.max(b)]
                    .iter()
                    .map(|listed| listed.image.id)
                    .collect(),
                _ => vec![to],
            }
        })
    }

    /// While everything is selected, loads page after page and selects what comes.
    fn load_all(self) {
        watch(move || {
            if !self.all.get() {
                return;
            }
            let listed: Vec<_> = self
                .library
                .with(|images| images.iter().map(|listed| listed.image.id).collect());
            self.ids.update(|ids| put(ids, &listed, true));
            if matches!(self.library.loading(), Loading::More(_)) {
                self.library.load_more();
            }
        });
    }
}

fn put(ids: &mut BTreeSet<Uuid>, some: &[Uuid], selects: bool) {
    for id in some {
        if selects {
            ids.insert(*id);
        } else {
            ids.remove(id);
        }
    }
}
