//! A round tick: what is selected has a mark in it.

use leptos::prelude::*;

use crate::components::Icon;

/// A tick beside a picture or a day. No tab stop: the keyboard selects with Space. Clicks are their parents' concern.
#[component]
pub fn Tick(
    /// `true`, `false` or `mixed`, tracked.
    checked: Signal<&'static str>,
    /// Its accessible name.
    name: String,
) -> impl IntoView {
    view! {
        <button type="button" class="tick" role="checkbox" tabindex="-1" aria-checked=move || checked.get() aria-label=name>
            <span>{Icon::Tick.view()}</span>
        </button>
    }
}
