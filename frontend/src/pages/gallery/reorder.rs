//! Pictures of an album that are carried to another place, by the pointer or by keys.

use leptos::prelude::*;
use uuid::Uuid;
use web_sys::PointerEvent;

use super::focus::{Wall, WallFocus, picture_of, use_wall_focus};
use super::layout::{Place, Step};
use super::pointer::element_at;
use super::selection::{Selection, use_selection};
use crate::albums::{OpenAlbum, use_open_album};
use crate::library::{Library, use_library};

/// A pointer that moves further than this, in CSS pixels, carries what it was pressed on.
const STILL: i32 = 6;
/// So close to the edge of the window, in CSS pixels, the wall scrolls.
const EDGE: i32 = 80;

/// What is carried. Copies are the same.
#[derive(Clone, Copy)]
pub struct Carry {
    open: OpenAlbum,
    library: Library,
    selection: Selection,
    focus: WallFocus,
    carried: RwSignal<Option<Carried>>,
}

#[derive(Clone, Copy, PartialEq)]
struct Carried {
    id: Uuid,
    from: (i32, i32),
    /// The picture beside which it would be put down, and whether behind it. `None`: the pointer has not moved.
    beside: Option<(Uuid, bool)>,
}

impl Carry {
    /// Nothing is carried.
    pub fn new() -> Self {
        Self {
            open: use_open_album(),
            library: use_library(),
            selection: use_selection(),
            focus: use_wall_focus(),
            carried: RwSignal::new(None),
        }
    }

    /// Whether the pictures have an order that their owner makes, not tracked.
    pub fn can(self) -> bool {
        self.open.id_untracked().is_some()
    }

    /// The pointer is pressed on a picture. Whether it can be carried: in an album it can, unless others are selected.
    pub fn press(self, id: Uuid, from: (i32, i32)) -> bool {
        let free = self.selection.is_empty_untracked() || untrack(|| self.selection.has(id));
        let can = free && self.can();
        if can {
            self.carried.set(Some(Carried {
                id,
                from,
                beside: None,
            }));
        }
        can
    }

    /// Whether something is carried, not tracked.
    pub fn is_carrying(self) -> bool {
        self.carried.with_untracked(Option::is_some)
    }

    /// The pointer moves.
    pub fn moved(self, event: &PointerEvent) {
        let Some(carried) = self.carried.get_untracked() else {
            return;
        };
        let (x, y) = (event.client_x(), event.client_y());
        let moved = (carried.from.0 - x).abs() > STILL || (carried.from.1 - y).abs() > STILL;
        if !moved && carried.beside.is_none() {
            return;
        }
        scroll_at_the_edge(y);
        let Some(over) = element_at(x, y) else { return };
        let Some(id) = picture_of(Some(over.as_ref())) else {
            return;
        };
        let tile = over.closest(".tile").ok().flatten();
        let behind = tile.is_some_and(|tile| {
            let place = tile.get_bounding_client_rect();
            f64::from(x) > place.left() + place.width() / 2.0
        });
        let beside = Some((id, behind));
        self.carried.maybe_update(|now| {
            let next = Some(Carried { beside, ..carried });
            let differs = *now != next;
            *now = next;
            differs
        });
    }

    /// The pointer is up: what was carried is put down. Whether something was, so that its click means nothing.
    pub fn put_down(self) -> bool {
        let Some(Carried {
            id,
            beside: Some((beside, behind)),
            ..
        }) = self.carried.try_update(Option::take).flatten()
        else {
            return false;
        };
        let before = if behind {
            untrack(|| self.library.neighbours(beside).1)
        } else {
            Some(beside)
        };
        let ids = self.together_with(id);
        if before.is_none_or(|before| !ids.contains(&before)) {
            self.open.move_before(ids, before);
        }
        true
    }

    /// What was carried stays where it was.
    pub fn let_go(self) {
        self.carried.try_set(None);
    }

    /// Where it would be put down, tracked: the place of the picture beside, and whether behind that.
    pub fn mark(self, wall: Wall) -> Option<(Place, bool)> {
        let (beside, behind) = self
            .carried
            .with(|carried| carried.and_then(|carried| carried.beside))?;
        let at = wall.position(beside)?;
        let place = wall.layout.with(|layout| layout.place(at))?;
        Some((place, behind))
    }

    /// A selected picture is moved with all that are selected.
    fn together_with(self, id: Uuid) -> Vec<Uuid> {
        untrack(|| {
            if self.selection.has(id) {
                let images = self.selection.images();
                images.iter().map(|image| image.id).collect()
            } else {
                vec![id]
            }
        })
    }

    /// Moves a picture of an album as an arrow key would move the focus.
    pub fn step(self, wall: Wall, id: Uuid, step: Step) {
        let before = untrack(|| {
            let from = wall.position(id)?;
            let to = wall.layout.with(|layout| layout.step(from, step))?;
            let behind = usize::from(to > from);
            self.library
                .with(|images| Some(images.get(to + behind).map(|listed| listed.image.id)))
        });
        let ids = self.together_with(id);
        if let Some(before) =
            before.filter(|before| before.is_none_or(|before| !ids.contains(&before)))
        {
            self.open.move_before(ids, before);
            self.focus.lead_to(id);
        }
    }
}

fn scroll_at_the_edge(y: i32) {
    let height = window()
        .inner_height()
        .ok()
        .and_then(|height| height.as_f64());
    let y = f64::from(y);
    let (top, bottom) = (
        f64::from(2 * EDGE),
        height.unwrap_or(f64::MAX) - f64::from(EDGE),
    );
    if y < top {
        window().scroll_by_with_x_and_y(0.0, -24.0);
    } else if y > bottom {
        window().scroll_by_with_x_and_y(0.0, 24.0);
    }
}
