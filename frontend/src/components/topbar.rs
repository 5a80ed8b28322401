//! The bar at the top of every signed-in page.

use leptos::prelude::*;

use super::account::Account;
use super::{Logo, use_picker};
use crate::router::{ALBUMS, GALLERY, use_router};
use crate::text;

/// Home, the albums, upload and the account.
#[component]
pub fn TopBar() -> impl IntoView {
    let (picker, router) = (use_picker(), use_router());
    let tab = move |to: &'static str, name: &'static str| {
        let is_here = Memo::new(move |_| router.is_at(to));
        view! {
            <a href=to aria-current=move || is_here.get().then_some("page")>
                {name}
            </a>
        }
    };
    view! {
        <header class="topbar">
            <a class="brand" href="/" aria-label=text::HOME>
                <Logo />
                {text::NAME}
            </a>
            <nav>{tab(GALLERY, text::PICTURES)} {tab(ALBUMS, text::albums::ALBUMS)}</nav>
            <button type="button" class="button primary upload-button" on:click=move |_| picker.open()>
                {text::UPLOAD}
            </button>
            <Account />
        </header>
    }
}
