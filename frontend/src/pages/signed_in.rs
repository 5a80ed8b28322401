use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    components::Outlet,
    hooks::{use_location, use_navigate},
};

use super::{entrance, gallery::Gallery};
use crate::{
    api::Authed,
    components::{PickerInput, TopBar, page_title, provide_picker},
    library::provide_library,
    session::use_session,
    text,
    upload::{UploadTray, use_uploads},
};

/// Everything that needs a session: without one it leads to the log in, and back afterwards.
#[component]
pub fn SignedIn() -> impl IntoView {
    let session = use_session();
    let (location, navigate) = (use_location(), use_navigate());
    Effect::new(move |was_in: Option<bool>| {
        let signed_in = session.signed_in();
        if !signed_in {
            let here = location.pathname.get_untracked();
            // Whoever logs out by hand does not mean to come back to this very picture.
            let left = was_in == Some(true) && !session.expired();
            let login = if left { "/login".into() } else { entrance::address("/login", &here) };
            navigate(&login, NavigateOptions { replace: true, ..Default::default() });
        }
        signed_in
    });
    move || session.token().map(|token| view! { <Home token /> })
}

/// The gallery, the uploads and, above them, an open picture.
#[component]
fn Home(token: String) -> impl IntoView {
    provide_context(Authed::new(&token, use_session()));
    provide_library();
    provide_picker();
    let location = use_location();
    let picture_open = Memo::new(move |_| location.pathname.with(|path| path.starts_with("/images/")));
    page_title(move || (!picture_open.get()).then(|| text::PICTURES.into()));
    let uploads = use_uploads();
    let chosen = Callback::new(move |files| uploads.add_files(files));
    view! {
        <div inert=picture_open>
            <a class="button skip" href="#pictures" rel="external">
                {text::SKIP}
            </a>
            <TopBar />
            <PickerInput chosen />
            <main id="pictures" tabindex="-1">
                <Gallery />
            </main>
            <UploadTray />
        </div>
        <Outlet />
    }
}
