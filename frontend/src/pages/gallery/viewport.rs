//! Which part of the grid is in the document. The visible part is rendered at once, the overscan around it frame by frame: a jump through a
//! hundred thousand pictures, and the first view, wait for one window of them only.

use js_sys::Date;
use leptos::leptos_dom::helpers::window_event_listener;
use leptos::prelude::*;
use leptos::{ev, html};

use crate::watch::{watch, watch_since};

/// How far beyond the window pictures stay rendered, in CSS pixels.
const OVERSCAN: f64 = 1000.0;
/// Milliseconds after a jump, and after the first view, before the overscan is rendered: a user who jumps on does not need it, and the pictures
/// in the window come first on the network.
const SETTLE: f64 = 200.0;
/// Ranges begin and end at multiples of this, so that scrolling recomputes little.
pub const STEP: f64 = 100.0;
/// How much each frame renders above and below, in CSS pixels.
const GROWTH: f64 = 200.0;

/// A range of the grid, in CSS pixels from its top.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct VerticalRange {
    pub from: f64,
    pub to: f64,
}

impl VerticalRange {
    fn around(top: f64, bottom: f64) -> Self {
        Self {
            from: (top / STEP).floor() * STEP,
            to: (bottom / STEP).ceil() * STEP,
        }
    }

    fn with_overscan(self) -> Self {
        Self {
            from: self.from - OVERSCAN,
            to: self.to + OVERSCAN,
        }
    }

    fn union(self, other: Self) -> Self {
        Self {
            from: self.from.min(other.from),
            to: self.to.max(other.to),
        }
    }

    /// `clamp` would link its panic message, and with it all of float formatting, into the page.
    fn intersection(self, whole: Self) -> Self {
        Self {
            from: self.from.max(whole.from),
            to: self.to.min(whole.to),
        }
    }

    fn is_disjoint(self, other: Self) -> bool {
        self.to < other.from || self.from > other.to
    }

    /// The rendered range after the window moved to `visible`: all of `visible`, and what was rendered near it.
    fn moved_to(self, visible: Self) -> Self {
        if self.is_disjoint(visible) {
            visible
        } else {
            self.union(visible).intersection(visible.with_overscan())
        }
    }

    /// A little more on both sides, up to the overscan around `visible`.
    fn grown(self, visible: Self) -> Self {
        Self {
            from: self.from - GROWTH,
            to: self.to + GROWTH,
        }
        .intersection(visible.with_overscan())
    }
}

/// Tracks the range in the window and the range to render.
pub fn watch_viewport(
    grid: NodeRef<html::Div>,
) -> (Memo<VerticalRange>, ReadSignal<VerticalRange>) {
    let moved = Trigger::new();
    let notify = move || moved.notify();
    let scroll = window_event_listener(ev::scroll, move |_| notify());
    let resize = window_event_listener(ev::resize, move |_| notify());
    on_cleanup(move || {
        scroll.remove();
        resize.remove();
    });
    let visible = Memo::new(move |_| {
        moved.track();
        let top = grid
            .get()
            .map_or(0.0, |element| -element.get_bounding_client_rect().top());
        let height = window()
            .inner_height()
            .ok()
            .and_then(|height| height.as_f64())
            .unwrap_or(1000.0);
        VerticalRange::around(top, top + height)
    });
    let (rendered, set_rendered) = signal(VerticalRange::default());
    let jumped_at = StoredValue::new(0.0);
    watch_since(move |before: Option<VerticalRange>| {
        let visible = visible.get();
        if before.is_none_or(|before| before.is_disjoint(visible)) {
            jumped_at.set_value(Date::now());
        }
        set_rendered.maybe_update(|rendered| replace(rendered, rendered.moved_to(visible)));
        visible
    });
    let is_growing = StoredValue::new(false);
    watch(move || {
        if rendered.get() != visible.get().with_overscan() && !is_growing.get_value() {
            is_growing.set_value(true);
            grow(visible, set_rendered, jumped_at, is_growing);
        }
    });
    (visible, rendered)
}

/// Grows the rendered range in the next frame, or once scrolling has settled.
fn grow(
    visible: Memo<VerticalRange>,
    rendered: WriteSignal<VerticalRange>,
    jumped_at: StoredValue<f64>,
    is_growing: StoredValue<bool>,
) {
    request_animation_frame(move || {
        let (Some(visible_now), Some(jumped_at_last)) =
            (visible.try_get_untracked(), jumped_at.try_get_value())
        else {
            return;
        };
        if Date::now() < jumped_at_last + SETTLE {
            return grow(visible, rendered, jumped_at, is_growing);
        }
        is_growing.set_value(false);
        rendered.maybe_update(|rendered| {
            replace(rendered, rendered.moved_to(visible_now).grown(visible_now))
        });
    });
}

/// Whether it changed.
fn replace(range: &mut VerticalRange, by: VerticalRange) -> bool {
    let differs = *range != by;
    *range = by;
    differs
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::VerticalRange;

    #[wasm_bindgen_test]
    fn the_window_comes_at_once_and_the_rest_step_by_step() {
        let visible = VerticalRange::around(10_050.0, 10_950.0);
        assert_eq!(
            visible,
            VerticalRange {
                from: 10_000.0,
                to: 11_000.0
            }
        );
        let mut rendered = VerticalRange::default().moved_to(visible);
        assert_eq!(rendered, visible);
        for _ in 0..5 {
            rendered = rendered.grown(visible);
        }
        assert_eq!(rendered, visible.with_overscan());
        assert_eq!(rendered.grown(visible), rendered);
    }

    #[wasm_bindgen_test]
    fn what_is_rendered_near_the_window_stays_and_the_rest_goes() {
        let rendered = VerticalRange {
            from: 0.0,
            to: 3000.0,
        };
        assert_eq!(
            rendered.moved_to(VerticalRange {
                from: 1200.0,
                to: 2200.0
            }),
            VerticalRange {
                from: 200.0,
                to: 3000.0
            }
        );
        assert_eq!(
            rendered.moved_to(VerticalRange {
                from: 2600.0,
                to: 3600.0
            }),
            VerticalRange {
                from: 1600.0,
                to: 3600.0
            }
        );
        let far = VerticalRange {
            from: 9000.0,
            to: 10_000.0,
        };
        assert_eq!(rendered.moved_to(far), far);
    }
}
