//! The page for unknown addresses.

use leptos::prelude::*;

use crate::components::{Logo, page_title};
use crate::text;

/// Any unknown address.
#[component]
pub fn NotFound() -> impl IntoView {
    page_title(|| Some(text::LOST_TITLE.into()));
    view! {
        <main class="lost">
            <Logo />
            <h1>{text::LOST_TITLE}</h1>
            <p>{text::LOST_HINT}</p>
            <a class="button primary" href="/">
                {text::GO_HOME}
            </a>
        </main>
    }
}
