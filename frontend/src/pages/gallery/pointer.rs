//! Clicks, long presses and pointers that are drawn over pictures.

use std::time::Duration;

use leptos::ev;
use leptos::leptos_dom::helpers::{TimeoutHandle, window_event_listener};
use leptos::prelude::*;
use uuid::Uuid;
use wasm_bindgen::JsCast;
use web_sys::{Element, MouseEvent, PointerEvent};

use super::focus::picture_of;
use super::reorder::Carry;
use super::selection::{Selection, use_selection};

/// How long a finger rests on a picture to select it.
const LONG: Duration = Duration::from_millis(450);
/// A finger that moves further than this, in CSS pixels, scrolls.
const STILL: i32 = 10;

/// The pointer over the wall.
#[derive(Clone, Copy)]
pub struct WallPointer {
    selection: Selection,
    /// What it carries to another place of an album.
    pub carry: Carry,
    press: StoredValue<Option<Press>>,
    /// The next click belongs to what the pointer did before, and means nothing.
    spent: StoredValue<bool>,
}

/// A finger that rests on a picture.
struct Press {
    at: (i32, i32),
    timer: Option<TimeoutHandle>,
}

impl WallPointer {
    /// Follows the pointer, also where it leaves the wall.
    pub fn new() -> Self {
        let pointer = Self {
            selection: use_selection(),
            carry: Carry::new(),
            press: StoredValue::new(None),
            spent: StoredValue::new(false),
        };
        let up = window_event_listener(ev::pointerup, move |_| pointer.end());
        let cancelled = window_event_listener(ev::pointercancel, move |_| {
            pointer.carry.let_go();
            pointer.end();
        });
        on_cleanup(move || {
            up.remove();
            cancelled.remove();
            pointer.release();
        });
        pointer
    }

    /// The pointer goes down.
    pub fn down(self, event: &PointerEvent) {
        self.spent.set_value(false);
        let Some(id) = picture_of(event.target().as_ref()).filter(|_| event.is_primary()) else {
            return;
        };
        let at = (event.client_x(), event.client_y());
        if event.pointer_type() == "touch" {
            self.press(id, at);
        } else if event.button() == 0 && !event.shift_key() {
            let on_tick = is_in(event, ".tick");
            let carries = !on_tick && self.carry.press(id, at);
            if !carries && (on_tick || !self.selection.is_empty_untracked()) {
                self.selection.begin_drag(id);
            }
        }
    }

    fn press(self, id: Uuid, at: (i32, i32)) {
        self.release();
        let hold = move || {
            self.press.set_value(None);
            self.spent.set_value(true);
            self.hold(id, at);
        };
        let timer = set_timeout_with_handle(hold, LONG).ok();
        self.press.set_value(Some(Press { at, timer }));
    }

    /// A finger has rested on a picture: it selects it, and those over which it is drawn; in an album it carries what is selected.
    fn hold(self, id: Uuid, at: (i32, i32)) {
        let carries = self.carry.can();
        if !carries || untrack(|| !self.selection.has(id)) {
            self.selection.begin_drag_selected(id);
        }
        if carries {
            self.selection.end_drag();
            self.carry.press(id, at);
        }
    }

    /// Whether a finger selects or carries while it moves, and so does not scroll.
    pub fn is_at_work(self) -> bool {
        self.selection.is_dragging() || self.carry.is_carrying()
    }

    /// Whether a finger rests on a picture, or did until it selected it: no menu opens for it.
    pub fn is_pressing(self) -> bool {
        self.press.with_value(Option::is_some) || (self.is_at_work() && self.spent.get_value())
    }

    /// The pointer moves.
    pub fn moved(self, event: &PointerEvent) {
        let (x, y) = (event.client_x(), event.client_y());
        let scrolls = self.press.with_value(|press| {
            press.as_ref().is_some_and(|press| {
                (press.at.0 - x).abs() > STILL || (press.at.1 - y).abs() > STILL
            })
        });
        if scrolls {
            self.release();
        }
        self.carry.moved(event);
        if self.selection.is_dragging() {
            let over = element_at(x, y);
            if let Some(id) = over.and_then(|over| picture_of(Some(over.as_ref()))) {
                self.selection.drag_to(id, false);
            }
        }
    }

    fn end(self) {
        self.release();
        if self.carry.put_down() || self.selection.end_drag() {
            self.spent.set_value(true);
        }
    }

    fn release(self) {
        let press = self.press.try_update_value(Option::take).flatten();
        if let Some(timer) = press.and_then(|press| press.timer) {
            timer.clear();
        }
    }

    /// A click opens a picture. With Shift it selects up to there, and while something is selected it selects or deselects.
    pub fn click(self, event: &MouseEvent) {
        if self.spent.try_update_value(std::mem::take) == Some(true) {
            event.prevent_default();
            event.stop_propagation();
            return;
        }
        let Some(id) = picture_of(event.target().as_ref()).filter(|_| !is_in(event, ".copy"))
        else {
            return;
        };
        let selects = is_in(event, ".tick") || !self.selection.is_empty_untracked();
        if event.shift_key() {
            self.selection.extend(id);
        } else if selects {
            self.selection.toggle(id);
        } else {
            return;
        }
        event.prevent_default();
    }
}

/// What is under the pointer there, in CSS pixels of the window.
#[expect(
    clippy::cast_precision_loss,
    reason = "a window is a few thousand pixels wide"
)]
pub fn element_at(x: i32, y: i32) -> Option<Element> {
    document().element_from_point(x as f32, y as f32)
}

fn is_in(event: &MouseEvent, selector: &str) -> bool {
    let element = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok());
    element.is_some_and(|element| element.closest(selector).ok().flatten().is_some())
}
