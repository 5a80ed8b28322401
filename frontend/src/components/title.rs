//! The title in the browser's tab.

use leptos::prelude::*;

use crate::text;
use crate::watch::watch;

/// Sets the title in the browser's tab, while `title` returns one.
pub fn page_title(title: impl Fn() -> Option<String> + 'static) {
    watch(move || {
        if let Some(title) = title() {
            document().set_title(&format!("{title} · {}", text::NAME));
        }
    });
}
