//! The title in the browser's tab.

use leptos::prelude::*;

use crate::text;

/// Sets the title in the browser's tab, while `title` returns one.
pub fn page_title(title: impl Fn() -> Option<String> + 'static) {
    Effect::new(move |_| {
        if let Some(title) = title() {
            document().set_title(&format!("{title} · {}", text::NAME));
        }
    });
}
