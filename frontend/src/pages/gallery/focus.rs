//! Where the focus is in the wall: one stop for Tab, arrow keys from picture to picture.

use leptos::html;
use leptos::prelude::*;
use uuid::Uuid;
use wasm_bindgen::JsCast;
use web_sys::{Element, FocusOptions, HtmlElement, KeyboardEvent, ScrollToOptions};

use super::layout::{Layout, Step};
use super::reorder::Carry;
use super::selection::{Selection, use_selection};
use super::viewport::{STEP, VerticalRange};
use crate::components::{CopyFormat, CopyLabel};
use crate::deletion::use_deletion;
use crate::library::{Library, use_library};
use crate::sharing::use_sharing;
use crate::text;
use crate::watch::watch;

/// The space above and below a picture that is scrolled into the window: the top bar and the name of a day, and a gap.
const MARGINS: (f64, f64) = (116.0, 24.0);
/// How many frames a picture may take until it is in the document.
const FRAMES: u8 = 8;

/// The picture that has the wall's one tab stop, and the one that is to be focused.
#[derive(Clone, Copy)]
pub struct WallFocus {
    stop: RwSignal<Option<Uuid>>,
    wanted: RwSignal<Option<Uuid>>,
}

/// Provides it to everything below.
pub fn provide_wall_focus() {
    provide_context(WallFocus {
        stop: RwSignal::default(),
        wanted: RwSignal::default(),
    });
}

/// The wall's focus.
pub fn use_wall_focus() -> WallFocus {
    expect_context()
}

impl WallFocus {
    /// Focuses a picture, wherever it is in the wall.
    pub fn lead_to(self, id: Uuid) {
        // A view that closes because its session is over leads nowhere.
        self.stop.try_set(Some(id));
        self.wanted.try_set(Some(id));
    }

    /// Focuses the page: there is no picture left.
    pub fn lead_to_page(self) {
        self.stop.set(None);
        request_animation_frame(|| {
            focus_by_id("pictures");
        });
    }

    /// The picture that the focus is on.
    pub fn is_on(self, id: Uuid) {
        self.stop.set(Some(id));
    }
}

/// The wall, as far as the focus moves in it.
#[derive(Clone, Copy)]
pub struct Wall {
    pub grid: NodeRef<html::Div>,
    pub layout: Memo<Layout>,
    pub rendered: ReadSignal<VerticalRange>,
    pub visible: Memo<VerticalRange>,
    pub library: Library,
}

impl Wall {
    /// The picture that Tab leads to: the last one that had the focus, or the first one in the window while that is not in the document.
    pub fn tab_stop(self) -> Memo<Option<Uuid>> {
        let (focus, library) = (use_wall_focus(), use_library());
        Memo::new(move |_| {
            let stop = focus.stop.get();
            let (rendered, visible) = (self.rendered.get(), self.visible.get());
            self.layout.with(|layout| {
                let at = stop.and_then(|id| position(library, id));
                let place = at.and_then(|at| layout.place(at));
                let is_there = place.is_some_and(|place| {
                    place.top <= rendered.to && place.top + place.height >= rendered.from
                });
                if is_there {
                    return stop;
                }
                let first = layout.first_between(visible.from, visible.to)?;
                library.with(|images| Some(images.get(first)?.image.id))
            })
        })
    }

    /// The number of the last picture in the first row of the window, tracked: a month that begins in a row has been reached.
    pub fn first_row_in_window(self) -> usize {
        let VerticalRange { from, to } = self.visible.get();
        // What is below the bar and the name of the day; ranges begin up to a step above the window.
        let from = from + MARGINS.0 + STEP;
        let last = self.layout.with(|layout| {
            let first = layout.first_between(from, to)?;
            Some(layout.row_end(first))
        });
        last.unwrap_or_default()
    }

    /// Focuses what is wanted, once it is known where it is.
    pub fn follow_focus(self) {
        let (focus, library) = (use_wall_focus(), use_library());
        watch(move || {
            let Some(id) = focus.wanted.get() else { return };
            if self.layout.with(|layout| layout.places.is_empty()) {
                return;
            }
            let place =
                position(library, id).and_then(|at| self.layout.with(|layout| layout.place(at)));
            if let Some(place) = place {
                self.scroll_to(place.top, place.height);
                focus_soon(id, FRAMES);
            }
            focus.wanted.set(None);
        });
    }

    /// Scrolls as little as shows this part of the grid.
    fn scroll_to(self, top: f64, height: f64) {
        let Some(grid) = self.grid.get_untracked() else {
            return;
        };
        let top = grid.get_bounding_client_rect().top() + top;
        let inner = window()
            .inner_height()
            .ok()
            .and_then(|height| height.as_f64());
        let below = top + height + MARGINS.1 - inner.unwrap_or(800.0);
        let above = top - MARGINS.0;
        let by = if above < 0.0 {
            above
        } else if below > 0.0 {
            below.min(above)
        } else {
            return;
        };
        let options = ScrollToOptions::new();
        options.set_top(by);
        window().scroll_by_with_scroll_to_options(&options);
    }

    /// Where a picture is among the others, tracked.
    pub fn position(self, id: Uuid) -> Option<usize> {
        position(self.library, id)
    }

    /// Handles a key that is pressed on a picture.
    pub fn keys(self, carry: &Carry) -> impl Fn(KeyboardEvent) + 'static {
        let carry = *carry;
        let (focus, library, selection) = (use_wall_focus(), use_library(), use_selection());
        let act = actions(focus, library, selection);
        move |event| {
            let Some(id) = picture_of(event.target().as_ref()) else {
                return;
            };
            let moves = event.alt_key() && carry.can();
            let modified = event.ctrl_key() || event.meta_key() || event.alt_key();
            if (modified && !moves) || event.default_prevented() {
                return;
            }
            let step = match event.key().as_str() {
                "ArrowLeft" => Step::Left,
                "ArrowRight" => Step::Right,
                "ArrowUp" => Step::Up,
                "ArrowDown" => Step::Down,
                "Home" => Step::First,
                "End" => Step::Last,
                key => {
                    if !moves && act(key, id) {
                        event.prevent_default();
                    }
                    return;
                }
            };
            if moves {
                event.prevent_default();
                return carry.step(self, id, step);
            }
            let to = untrack(|| {
                let to = self
                    .layout
                    .with(|layout| layout.step(position(library, id)?, step))?;
                library.with(|images| Some(images.get(to)?.image.id))
            });
            event.prevent_default();
            if let Some(to) = to {
                if event.shift_key() {
                    if selection.is_empty_untracked() {
                        selection.toggle(id);
                    }
                    selection.extend(to);
                }
                focus.lead_to(to);
            }
        }
    }
}

/// What the other keys do to the picture that has the focus. Whether the key is one of them.
fn actions(
    focus: WallFocus,
    library: Library,
    selection: Selection,
) -> impl Fn(&str, Uuid) -> bool {
    let (sharing, deletion) = (use_sharing(), StoredValue::new(use_deletion()));
    let copied = CopyLabel::new(text::COPY_LINK);
    move |key, id| {
        let image = || library.find_untracked(id).map(std::sync::Arc::new);
        match key {
            " " | "x" => selection.toggle(id),
            "c" => {
                if let Some(image) = image() {
                    sharing.copy(&[image], CopyFormat::LINK, copied);
                }
            }
            // With a selection, it is deleted.
            "Delete" if selection.is_empty_untracked() => {
                let (newer, older) = untrack(|| library.neighbours(id));
                if let Some(image) = image() {
                    deletion.get_value().delete(vec![image]);
                }
                match older.or(newer) {
                    Some(next) => focus.lead_to(next),
                    None => focus.lead_to_page(),
                }
            }
            _ => return false,
        }
        true
    }
}

fn position(library: Library, id: Uuid) -> Option<usize> {
    library.with(|images| images.iter().position(|listed| listed.image.id == id))
}

/// The picture that an element is a part of.
pub fn picture_of(target: Option<&web_sys::EventTarget>) -> Option<Uuid> {
    let tile = target?.dyn_ref::<Element>()?.closest(".tile").ok()??;
    tile.get_attribute("data-id")?.parse().ok()
}

/// The id of a picture's link in the document.
pub fn link_id(id: Uuid) -> String {
    format!("tile-{id}")
}

/// A picture that was scrolled to is in the document a frame or two later.
fn focus_soon(id: Uuid, frames: u8) {
    request_animation_frame(move || {
        if !focus_by_id(&link_id(id)) && frames > 0 {
            focus_soon(id, frames - 1);
        }
    });
}

/// Whether there is such an element.
fn focus_by_id(id: &str) -> bool {
    let element = document().get_element_by_id(id);
    let element = element.and_then(|element| element.dyn_into::<HtmlElement>().ok());
    let options = FocusOptions::new();
    options.set_prevent_scroll(true);
    element.is_some_and(|element| element.focus_with_options(&options).is_ok())
}
