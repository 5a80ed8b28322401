//! Which stretch of the wall is in the document. What is in the window comes at once, what is around it frame by frame: whoever flies over a
//! hundred thousand pictures waits for a window of them each time, and the first look has nothing beside it to wait for.

use js_sys::Date;
use leptos::leptos_dom::helpers::window_event_listener;
use leptos::prelude::*;
use leptos::{ev, html};

/// How far beyond the window pictures are kept ready, in CSS pixels.
const MARGIN: f64 = 1000.0;
/// Milliseconds after a jump, and after the first look, before anything is made ready around the window: whoever flies on does not need it, and
/// the line belongs to the pictures in the window.
const CALM: f64 = 200.0;
/// Stretches begin and end at multiples of this, so that scrolling computes little.
const STEP: f64 = 100.0;
/// So much is made ready with each frame, above and below.
const GROWTH: f64 = 200.0;

/// A stretch of the wall, in CSS pixels from its top.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Stretch {
    pub from: f64,
    pub to: f64,
}

impl Stretch {
    fn around(top: f64, bottom: f64) -> Self {
        Self {
            from: (top / STEP).floor() * STEP,
            to: (bottom / STEP).ceil() * STEP,
        }
    }

    fn with_margin(self) -> Self {
        Self {
            from: self.from - MARGIN,
            to: self.to + MARGIN,
        }
    }

    fn with(self, other: Self) -> Self {
        Self {
            from: self.from.min(other.from),
            to: self.to.max(other.to),
        }
    }

    /// `clamp` would bring its words for bounds in the wrong order, and with them all of float formatting, into the page.
    fn within(self, whole: Self) -> Self {
        Self {
            from: self.from.max(whole.from),
            to: self.to.min(whole.to),
        }
    }

    fn is_apart(self, other: Self) -> bool {
        self.to < other.from || self.from > other.to
    }

    /// What stays of this when the window is moved to `seen`: all of `seen`, and what was ready near it.
    fn moved_to(self, seen: Self) -> Self {
        if self.is_apart(seen) {
            seen
        } else {
            self.with(seen).within(seen.with_margin())
        }
    }

    /// A little more on both sides, up to the margin around `seen`.
    fn grown(self, seen: Self) -> Self {
        Self {
            from: self.from - GROWTH,
            to: self.to + GROWTH,
        }
        .within(seen.with_margin())
    }
}

/// What is in the window, and what should be in the document, both followed.
pub fn watch_stretch(wall: NodeRef<html::Div>) -> (Memo<Stretch>, ReadSignal<Stretch>) {
    let moved = Trigger::new();
    let notify = move || moved.notify();
    let scroll = window_event_listener(ev::scroll, move |_| notify());
    let resize = window_event_listener(ev::resize, move |_| notify());
    on_cleanup(move || {
        scroll.remove();
        resize.remove();
    });
    let seen = Memo::new(move |_| {
        moved.track();
        let top = wall
            .get()
            .map_or(0.0, |element| -element.get_bounding_client_rect().top());
        let height = window()
            .inner_height()
            .ok()
            .and_then(|height| height.as_f64())
            .unwrap_or(1000.0);
        Stretch::around(top, top + height)
    });
    let (ready, set_ready) = signal(Stretch::default());
    let jumped_at = StoredValue::new(0.0);
    Effect::new(move |before: Option<Stretch>| {
        let seen = seen.get();
        if before.is_none_or(|before| before.is_apart(seen)) {
            jumped_at.set_value(Date::now());
        }
        set_ready.maybe_update(|ready| replace(ready, ready.moved_to(seen)));
        seen
    });
    let is_growing = StoredValue::new(false);
    Effect::new(move |_| {
        if ready.get() != seen.get().with_margin() && !is_growing.get_value() {
            is_growing.set_value(true);
            grow(seen, set_ready, jumped_at, is_growing);
        }
    });
    (seen, ready)
}

/// With the next frame, or once it is calm.
fn grow(
    seen: Memo<Stretch>,
    ready: WriteSignal<Stretch>,
    jumped_at: StoredValue<f64>,
    is_growing: StoredValue<bool>,
) {
    request_animation_frame(move || {
        let (Some(seen_now), Some(jumped_at_last)) =
            (seen.try_get_untracked(), jumped_at.try_get_value())
        else {
            return;
        };
        if Date::now() < jumped_at_last + CALM {
            return grow(seen, ready, jumped_at, is_growing);
        }
        is_growing.set_value(false);
        ready.maybe_update(|ready| replace(ready, ready.moved_to(seen_now).grown(seen_now)));
    });
}

/// Whether it changed.
fn replace(stretch: &mut Stretch, by: Stretch) -> bool {
    let differs = *stretch != by;
    *stretch = by;
    differs
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::Stretch;

    #[wasm_bindgen_test]
    fn the_window_comes_at_once_and_the_rest_step_by_step() {
        let seen = Stretch::around(10_050.0, 10_950.0);
        assert_eq!(
            seen,
            Stretch {
                from: 10_000.0,
                to: 11_000.0
            }
        );
        let mut ready = Stretch::default().moved_to(seen);
        assert_eq!(ready, seen);
        for _ in 0..5 {
            ready = ready.grown(seen);
        }
        assert_eq!(ready, seen.with_margin());
        assert_eq!(ready.grown(seen), ready);
    }

    #[wasm_bindgen_test]
    fn what_is_ready_near_the_window_stays_and_the_rest_goes() {
        let ready = Stretch {
            from: 0.0,
            to: 3000.0,
        };
        assert_eq!(
            ready.moved_to(Stretch {
                from: 1200.0,
                to: 2200.0
            }),
            Stretch {
                from: 200.0,
                to: 3000.0
            }
        );
        assert_eq!(
            ready.moved_to(Stretch {
                from: 2600.0,
                to: 3600.0
            }),
            Stretch {
                from: 1600.0,
                to: 3600.0
            }
        );
        let far = Stretch {
            from: 9000.0,
            to: 10_000.0,
        };
        assert_eq!(ready.moved_to(far), far);
    }
}
