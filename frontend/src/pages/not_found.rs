//! The page at an address that is none.

use leptos::prelude::*;

use crate::components::{Logo, page_title};
use crate::text;

/// Every address that is none of the page's.
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
