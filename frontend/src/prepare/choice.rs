//! Whether pictures are cleaned before they leave this device. If not, the server cleans them.

use leptos::prelude::*;

const KEY: &str = "tintype.clean";
const NO: &str = "no";

/// Provides the choice, kept in this browser. Yes, unless somebody said no.
pub fn provide_cleaning() {
    let kept = storage().and_then(|storage| storage.get_item(KEY).ok().flatten());
    let choice = RwSignal::new(kept.as_deref() != Some(NO));
    provide_context(choice);
    Effect::new(move |before: Option<bool>| {
        let now = choice.get();
        if before.is_some_and(|before| before != now)
            && let Some(storage) = storage()
        {
            let kept = if now { storage.remove_item(KEY) } else { storage.set_item(KEY, NO) };
            kept.ok();
        }
        now
    });
}

/// The choice: read it, or set it.
pub fn use_cleaning() -> RwSignal<bool> {
    expect_context()
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}
