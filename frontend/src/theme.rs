//! Light, dark or the system's theme. `static/start.js` applies the stored choice before the first paint.

use leptos::ev;
use leptos::leptos_dom::helpers::window_event_listener;
use leptos::prelude::*;

use crate::local_storage;
use crate::watch::watch_since;

const KEY: &str = "tintype.theme";

/// The choice of colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    System,
    Light,
    Dark,
}

impl Theme {
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    fn stored() -> Self {
        let stored = local_storage::get(KEY);
        Self::ALL
            .into_iter()
            .find(|theme| stored.as_deref() == Some(theme.name()))
            .unwrap_or(Self::System)
    }
}

/// Provides the choice and applies it whenever it changes.
pub fn provide_theme() {
    let theme = RwSignal::new(Theme::stored());
    provide_context(theme);
    // Other tabs follow.
    let changed = window_event_listener(ev::storage, move |event| {
        if event.key().as_deref() == Some(KEY) {
            theme.set(Theme::stored());
        }
    });
    on_cleanup(move || changed.remove());
    watch_since(move |before: Option<Theme>| {
        let now = theme.get();
        if before.is_some_and(|before| before != now) {
            apply(now);
        }
        now
    });
}

/// The choice, to read or to change.
pub fn use_theme() -> RwSignal<Theme> {
    expect_context()
}

fn apply(theme: Theme) {
    local_storage::set(KEY, theme.name());
    let Some(root) = document().document_element() else {
        return;
    };
    match theme {
        Theme::System => root.remove_attribute("data-theme"),
        Theme::Light | Theme::Dark => root.set_attribute("data-theme", theme.name()),
    }
    .ok();
}
