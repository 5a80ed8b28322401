//! The settings' section that hands over everything that the account has.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::use_api;
use crate::text;
use crate::toasts::use_toasts;

/// Downloads all pictures, and what they and the albums are, in one archive.
#[component]
pub fn TakeAlong() -> impl IntoView {
    let (toasts, api) = (use_toasts(), StoredValue::new(use_api()));
    let download = move |_| {
        spawn_local(async move {
            match api.get_value().export().await {
                // The answer is to be kept, not shown: the page stays.
                Ok(url) => drop(window().location().assign(&url)),
                Err(error) => toasts.show(error.message()),
            }
        });
    };
    view! {
        <section>
            <h2>{text::TAKE_ALONG}</h2>
            <p class="hint">{text::TAKE_ALONG_HINT}</p>
            <button type="button" class="button" on:click=download>
                {text::TAKE_ALONG_NOW}
            </button>
        </section>
    }
}
