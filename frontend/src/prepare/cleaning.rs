//! Whether pictures are cleaned before they leave this device. If not, the server cleans them.

use leptos::prelude::*;

use crate::local_storage;

const KEY: &str = "tintype.clean";
const NO: &str = "no";

/// Provides the setting, stored in this browser. On by default.
pub fn provide_cleaning() {
    let choice = RwSignal::new(local_storage::get(KEY).as_deref() != Some(NO));
    provide_context(choice);
    Effect::new(move |before: Option<bool>| {
        let now = choice.get();
        match before {
            Some(true) if !now => local_storage::set(KEY, NO),
            Some(false) if now => local_storage::remove(KEY),
            _ => {}
        }
        now
    });
}

/// The setting, to read or to change.
pub fn use_cleaning() -> RwSignal<bool> {
    expect_context()
}
