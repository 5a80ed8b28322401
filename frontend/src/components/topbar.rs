//! The bar at the top of every signed-in page.

use leptos::prelude::*;

use super::account::Account;
use super::{Logo, use_picker};
use crate::text;

/// Home, upload and the account.
#[component]
pub fn TopBar() -> impl IntoView {
    let picker = use_picker();
    view! {
        <header class="topbar">
            <a class="brand" href="/" aria-label=text::HOME>
                <Logo />
                {text::NAME}
            </a>
            <button type="button" class="button primary upload-button" on:click=move |_| picker.open()>
                {text::UPLOAD}
            </button>
            <Account />
        </header>
    }
}
