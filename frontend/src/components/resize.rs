//! Sizes that change.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, ResizeObserver};

/// Calls `changed` whenever the size of an element does, until the current owner is cleaned up.
pub fn on_resize(element: &Element, changed: impl Fn() + 'static) {
    let changed = Closure::<dyn Fn()>::new(changed);
    let Ok(observer) = ResizeObserver::new(changed.as_ref().unchecked_ref()) else {
        return;
    };
    observer.observe(element);
    let held = StoredValue::new_local((observer, changed));
    on_cleanup(move || held.with_value(|(observer, _)| observer.disconnect()));
}
