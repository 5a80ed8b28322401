//! The browser's `localStorage`. Without one (a strict privacy mode) nothing is stored, and that is no error.

use leptos::prelude::*;
use web_sys::Storage;

use crate::watch::watch_since;

/// The value of a key.
pub fn get(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}

/// Stores a value.
pub fn set(key: &str, value: &str) {
    if let Some(storage) = storage() {
        storage.set_item(key, value).ok();
    }
}

/// Removes a key.
pub fn remove(key: &str) {
    if let Some(storage) = storage() {
        storage.remove_item(key).ok();
    }
}

/// A switch that this browser remembers. `usual`: what it is until somebody changes it.
pub fn switch(key: &'static str, usual: bool) -> RwSignal<bool> {
    const ON: &str = "yes";
    const OFF: &str = "no";
    let stored = get(key);
    let now = match stored.as_deref() {
        Some(ON) => true,
        Some(OFF) => false,
        _ => usual,
    };
    let switch = RwSignal::new(now);
    watch_since(move |before: Option<bool>| {
        let now = switch.get();
        if before.is_some_and(|before| before != now) {
            set(key, if now { ON } else { OFF });
        }
        now
    });
    switch
}

fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}
