//! The signed-in part of the page.

use leptos::prelude::*;
use uuid::Uuid;

use super::auth;
use super::gallery::{
    Gallery, SelectionBar, provide_selection, provide_wall_focus, show_new_uploads, use_selection,
};
use super::later::{Later, LaterPart, load_soon};
use crate::albums::{self, ChooseAlbum, provide_choice, provide_open_album, use_open_album};
use crate::api::Authed;
use crate::components::{
    Icon, PickerInput, Shortcuts, ToastStack, TopBar, page_title, provide_picker,
    provide_shortcuts, use_picker,
};
use crate::library::{Filter, provide_library};
use crate::router::{Route, use_router};
use crate::session::use_session;
use crate::sharing::{PrivateLinks, provide_sharing};
use crate::text;
use crate::upload::{Shared, UploadTray, fill_albums, use_uploads};
use crate::watch::watch_since;

/// The page below an open picture.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Below {
    Nothing,
    Gallery,
    Other(LaterPart),
}

/// Everything that needs a session: without one it redirects to the log in, and back afterwards.
#[component]
pub fn SignedIn() -> impl IntoView {
    let session = use_session();
    let router = use_router();
    watch_since(move |was_in: Option<bool>| {
        let signed_in = session.signed_in();
        if !signed_in {
            let here = router.address();
            // A user who logs out by hand does not want to return to this very picture.
            let left = was_in == Some(true) && !session.expired();
            let login = if left {
                "/login".into()
            } else {
                auth::with_next("/login", &here)
            };
            router.replace(&login);
        }
        signed_in
    });
    move || session.token().map(|token| view! { <Home token /> })
}

/// The gallery, the uploads and, above them, an open picture.
#[component]
fn Home(token: String) -> impl IntoView {
    provide_context(Authed::new(&token, use_session()));
    let router = use_router();
    provide_library(Filter::of(&router.address())).load_more();
    provide_sharing();
    provide_open_album();
    provide_choice();
    fill_albums();
    provide_selection();
    provide_wall_focus();
    show_new_uploads();
    provide_picker();
    provide_shortcuts();
    load_soon();
    let picture = Memo::new(move |_| match router.route() {
        Route::Image(id) => Some(id),
        _ => None,
    });
    let picture_open = Memo::new(move |_| picture.get().is_some());
    let below = Memo::new(move |last: Option<&Below>| match router.route() {
        Route::Settings => Below::Other(LaterPart::Settings),
        Route::Trash => Below::Other(LaterPart::Trash),
        Route::Albums => Below::Other(LaterPart::Albums),
        // A picture that is opened by its address loads before anything below it.
        Route::Image(_) => last.copied().unwrap_or(Below::Nothing),
        _ => Below::Gallery,
    });
    let open = use_open_album();
    page_title(move || {
        (!picture_open.get()).then(|| match below.get() {
            Below::Other(part) => part.title().into(),
            Below::Gallery | Below::Nothing => match open.album() {
                Some(Ok(album)) => albums::name(&album),
                _ => text::PICTURES.into(),
            },
        })
    });
    let uploads = use_uploads();
    let chosen = Callback::new(move |files| uploads.add_files(files));
    view! {
        <div inert=picture_open>
            <a class="button skip" href="#pictures" rel="external">
                {text::SKIP}
            </a>
            <TopBar />
            <main id="pictures" tabindex="-1">
                <PickerInput chosen />
                {move || match below.get() {
                    Below::Other(part) => view! { <Later part /> }.into_any(),
                    Below::Gallery => view! { <Gallery /> }.into_any(),
                    Below::Nothing => ().into_any(),
                }}
            </main>
        </div>
        <Shortcuts />
        <Shared />
        <PrivateLinks />
        <ChooseAlbum />
        <div class="over">
            {move || {
                let first = picture_open.get().then(|| picture.get_untracked()).flatten()?;
                let id = Memo::new(move |last: Option<&Uuid>| picture.get().or(last.copied()).unwrap_or(first));
                Some(view! { <Later part=LaterPart::Image(id) /> })
            }}
            <Dock />
        </div>
    }
}

/// What comes up from below, side by side: notices, the selection, the uploads. Over an open picture and beside a selection the uploads are
/// a slim pill.
#[component]
fn Dock() -> impl IntoView {
    let (router, selection, picker) = (use_router(), use_selection(), use_picker());
    let in_gallery = Memo::new(move |_| router.route() == Route::Gallery);
    let crowded = Memo::new(move |_| {
        matches!(router.route(), Route::Image(_)) || (in_gallery.get() && !selection.is_empty())
    });
    view! {
        <div class="dock">
            <ToastStack />
            <SelectionBar active=in_gallery />
            <div class="dock-end">
                <UploadTray crowded />
                <button type="button" class="fab" hidden=move || !in_gallery.get() aria-label=text::UPLOAD on:click=move |_| picker.open()>
                    {Icon::Plus.view()}
                </button>
            </div>
        </div>
    }
}
