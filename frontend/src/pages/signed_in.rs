//! The signed-in part of the page.

use leptos::prelude::*;
use uuid::Uuid;

use super::auth;
use super::gallery::{Gallery, SelectionBar, provide_selection, show_new_uploads};
use super::image::ImageView;
use super::settings::Settings;
use crate::api::Authed;
use crate::components::{PickerInput, Shortcuts, TopBar, page_title, provide_picker};
use crate::library::provide_library;
use crate::router::{Route, use_router};
use crate::session::use_session;
use crate::text;
use crate::upload::{UploadTray, use_uploads};

/// Everything that needs a session: without one it redirects to the log in, and back afterwards.
#[component]
pub fn SignedIn() -> impl IntoView {
    let session = use_session();
    let router = use_router();
    Effect::new(move |was_in: Option<bool>| {
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
    provide_library().load_more();
    provide_selection();
    show_new_uploads();
    provide_picker();
    let router = use_router();
    let picture = Memo::new(move |_| match router.route() {
        Route::Image(id) => Some(id),
        _ => None,
    });
    let picture_open = Memo::new(move |_| picture.get().is_some());
    let in_settings = Memo::new(move |_| router.route() == Route::Settings);
    page_title(move || {
        (!picture_open.get()).then(|| {
            if in_settings.get() {
                text::SETTINGS.into()
            } else {
                text::PICTURES.into()
            }
        })
    });
    // A picture that is opened by its address loads before anything below it.
    let has_gallery =
        Memo::new(move |had: Option<&bool>| had == Some(&true) || !picture_open.get());
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
                {move || match (in_settings.get(), has_gallery.get()) {
                    (true, _) => view! { <Settings /> }.into_any(),
                    (false, true) => view! { <Gallery /> }.into_any(),
                    (false, false) => ().into_any(),
                }}
            </main>
            <SelectionBar />
            <UploadTray />
        </div>
        <Shortcuts />
        {move || {
            let first = picture_open.get().then(|| picture.get_untracked()).flatten()?;
            let id = Memo::new(move |last: Option<&Uuid>| picture.get().or(last.copied()).unwrap_or(first));
            Some(view! { <ImageView id /> })
        }}
    }
}
