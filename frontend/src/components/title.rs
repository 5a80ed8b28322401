//! The page's name in the browser's tab.

use leptos::prelude::*;

use crate::text;

/// Names the page in the browser's tab, while `title` gives a name.
pub fn page_title(title: impl Fn() -> Option<String> + 'static) {
    Effect::new(move |_| {
        if let Some(title) = title() {
            document().set_title(&format!("{title} · {}", text::NAME));
        }
    });
}
