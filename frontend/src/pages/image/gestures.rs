//! Pointers and the wheel over a picture: they zoom and pan it, lead to its neighbours, and close it.

use js_sys::{Date, Math};
use leptos::html;
use leptos::prelude::*;
use web_sys::{Element, PointerEvent, ScrollBehavior, ScrollToOptions, WheelEvent};

use super::zoom::{Lens, View};

/// How far a finger moves, in CSS pixels, until it means something: sideways the next picture, down the gallery, up the details.
const SWIPE: f64 = 60.0;
/// A pointer that moves less than this only taps.
const TAP: f64 = 8.0;
/// Two taps within this time, in milliseconds, are a double tap.
const DOUBLE: f64 = 320.0;

/// What a gesture leads to beyond the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leads {
    Newer,
    Older,
    Away,
}

/// The pointers on a picture.
#[derive(Clone, Copy)]
pub struct Gestures {
    /// What the picture is fitted into.
    pub frame: NodeRef<html::Div>,
    pub lens: Memo<Lens>,
    pub view: RwSignal<View>,
    leads: Callback<Leads>,
    down: StoredValue<Vec<Finger>>,
    tapped: StoredValue<Option<(f64, (f64, f64))>>,
}

/// A pointer that is down.
#[derive(Clone, Copy)]
struct Finger {
    id: i32,
    touches: bool,
    from: (f64, f64),
    at: (f64, f64),
    /// Whether it was alone from first to last: of two fingers none swipes.
    alone: bool,
}

impl Gestures {
    pub fn new(
        frame: NodeRef<html::Div>,
        lens: Memo<Lens>,
        view: RwSignal<View>,
        leads: Callback<Leads>,
    ) -> Self {
        Self {
            frame,
            lens,
            view,
            leads,
            down: StoredValue::new(Vec::new()),
            tapped: StoredValue::new(None),
        }
    }

    /// A place in the window, from the middle of the frame.
    fn place(self, x: i32, y: i32) -> (f64, f64) {
        let Some(frame) = self.frame.get_untracked() else {
            return (0.0, 0.0);
        };
        let frame = frame.get_bounding_client_rect();
        (
            f64::from(x) - frame.left() - frame.width() / 2.0,
            f64::from(y) - frame.top() - frame.height() / 2.0,
        )
    }

    /// Scales around a place in the frame.
    pub fn zoom(self, at: (f64, f64), factor: f64) {
        let lens = self.lens.get_untracked();
        self.view
            .update(|view| *view = lens.zoom(*view, at, factor));
    }

    /// Between the opening view and the picture's own size.
    pub fn toggle(self, at: (f64, f64)) {
        let lens = self.lens.get_untracked();
        self.view.update(|view| *view = lens.toggle(*view, at));
    }

    fn pan(self, by: (f64, f64)) {
        let lens = self.lens.get_untracked();
        self.view.update(|view| *view = lens.pan(*view, by));
    }

    /// The wheel zooms; over a tall picture that is not zoomed it moves that, unless Ctrl is held, as when two fingers pinch on a pad.
    pub fn wheel(self, event: &WheelEvent) {
        event.prevent_default();
        let lines = if event.delta_mode() == WheelEvent::DOM_DELTA_LINE {
            32.0
        } else {
            1.0
        };
        let by = event.delta_y() * lines;
        let (lens, view) = (self.lens.get_untracked(), self.view.get_untracked());
        if lens.is_high(view) && !lens.is_zoomed(view) && !event.ctrl_key() {
            self.pan((0.0, -by));
        } else {
            let speed = if event.ctrl_key() { 0.01 } else { 0.002 };
            let at = self.place(event.client_x(), event.client_y());
            self.zoom(at, Math::exp(-by * speed));
        }
    }

    pub fn pointer_down(self, event: &PointerEvent) {
        if event.button() != 0 {
            return;
        }
        let (at, id) = (
            self.place(event.client_x(), event.client_y()),
            event.pointer_id(),
        );
        // A mouse that was let go outside the window.
        self.down
            .update_value(|down| down.retain(|finger| finger.id != id));
        let alone = self.down.with_value(Vec::is_empty);
        self.down.update_value(|down| {
            for finger in &mut *down {
                finger.alone = false;
            }
            down.push(Finger {
                id,
                touches: event.pointer_type() == "touch",
                from: at,
                at,
                alone,
            });
        });
        if let Some(stage) = self.stage() {
            stage.set_pointer_capture(id).ok();
        }
    }

    pub fn pointer_moved(self, event: &PointerEvent) {
        let to = self.place(event.client_x(), event.client_y());
        let before = self.down.get_value();
        let Some(at) = before
            .iter()
            .position(|finger| finger.id == event.pointer_id())
        else {
            return;
        };
        self.down.update_value(|down| down[at].at = to);
        let moved = (to.0 - before[at].at.0, to.1 - before[at].at.1);
        if let Some(other) = before.iter().find(|finger| finger.id != before[at].id) {
            self.pinch(before[at].at, to, other.at);
            return;
        }
        let (lens, view) = (self.lens.get_untracked(), self.view.get_untracked());
        if lens.is_zoomed(view) || lens.is_high(view) {
            self.pan(moved);
        }
        if before[at].touches && !lens.is_zoomed(view) && self.view.get_untracked() == view {
            self.scroll(-moved.1);
        }
    }

    /// Two fingers: their distance scales, their middle moves.
    fn pinch(self, from: (f64, f64), to: (f64, f64), other: (f64, f64)) {
        let apart = |one: (f64, f64)| Math::hypot(one.0 - other.0, one.1 - other.1).max(1.0);
        let middle = (to.0.midpoint(other.0), to.1.midpoint(other.1));
        self.zoom(middle, apart(to) / apart(from));
        self.pan(((to.0 - from.0) / 2.0, (to.1 - from.1) / 2.0));
    }

    pub fn pointer_up(self, event: &PointerEvent) {
        self.pointer_moved(event);
        let mut down = self.down.get_value();
        let Some(at) = down
            .iter()
            .position(|finger| finger.id == event.pointer_id())
        else {
            return;
        };
        let finger = down.swap_remove(at);
        self.down.set_value(down);
        let moved = (finger.at.0 - finger.from.0, finger.at.1 - finger.from.1);
        if !finger.alone {
            return;
        }
        if Math::hypot(moved.0, moved.1) < TAP {
            self.tap(finger.at);
        } else if finger.touches {
            self.swipe(moved);
        }
    }

    pub fn pointer_cancelled(self) {
        self.down.set_value(Vec::new());
    }

    fn tap(self, at: (f64, f64)) {
        let now = Date::now();
        let last = self.tapped.get_value();
        let again = last.is_some_and(|(when, place)| {
            now - when < DOUBLE && Math::hypot(place.0 - at.0, place.1 - at.1) < 4.0 * TAP
        });
        self.tapped.set_value((!again).then_some((now, at)));
        if again {
            self.toggle(at);
        }
    }

    fn swipe(self, (right, down): (f64, f64)) {
        let (lens, view) = (self.lens.get_untracked(), self.view.get_untracked());
        let scrolled = self.scrolled();
        if lens.is_zoomed(view) {
            return;
        }
        if right.abs() > SWIPE && right.abs() > 2.0 * down.abs() {
            self.leads.run(if right > 0.0 {
                Leads::Newer
            } else {
                Leads::Older
            });
        } else if down > SWIPE && scrolled < 1.0 && view == lens.opening() {
            self.leads.run(Leads::Away);
        } else if down.abs() > 2.0 * right.abs() {
            self.settle(down < -SWIPE);
        }
    }

    /// On a phone the details are below the picture: a finger moves the whole.
    fn scroll(self, by: f64) {
        if let Some(viewer) = self.viewer() {
            viewer.scroll_by_with_x_and_y(0.0, by);
        }
    }

    fn scrolled(self) -> f64 {
        self.viewer()
            .map_or(0.0, |viewer| f64::from(viewer.scroll_top()))
    }

    /// Goes on to the details, or back to the picture.
    fn settle(self, on: bool) {
        let (Some(viewer), Some(stage)) = (self.viewer(), self.stage()) else {
            return;
        };
        let options = ScrollToOptions::new();
        options.set_behavior(ScrollBehavior::Smooth);
        options.set_top(if on {
            stage.get_bounding_client_rect().height() - 64.0
        } else {
            0.0
        });
        viewer.scroll_to_with_scroll_to_options(&options);
    }

    fn stage(self) -> Option<Element> {
        self.frame.get_untracked()?.parent_element()
    }

    fn viewer(self) -> Option<Element> {
        self.stage()?.parent_element()
    }
}
