//! The root component: which page belongs to which route.

use leptos::prelude::*;

use crate::components::{Announcements, ToastStack, provide_copy_format};
use crate::pages::{LaterModule, LogIn, NotFound, Register, SignedIn};
use crate::prepare::provide_cleaning;
use crate::router::{Route, provide_router};
use crate::session::provide_session;
use crate::theme::provide_theme;
use crate::toasts::provide_toasts;
use crate::upload::{provide_copy_at_end, provide_uploads};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Page {
    SignedIn,
    LogIn,
    Register,
    #[cfg(feature = "design")]
    Design,
    NotFound,
}

/// The whole app.
#[component]
pub fn App(later: LaterModule) -> impl IntoView {
    provide_context(later);
    let router = provide_router();
    provide_session();
    provide_theme();
    provide_cleaning();
    provide_toasts();
    provide_copy_format();
    provide_copy_at_end();
    provide_uploads();
    // The gallery stays mounted below an open picture.
    let page = Memo::new(move |_| match router.route() {
        Route::Gallery | Route::Albums | Route::Image(_) | Route::Settings | Route::Trash => {
            Page::SignedIn
        }
        Route::LogIn => Page::LogIn,
        Route::Register => Page::Register,
        #[cfg(feature = "design")]
        Route::Design => Page::Design,
        Route::NotFound => Page::NotFound,
    });
    view! {
        {move || match page.get() {
            Page::SignedIn => view! { <SignedIn /> }.into_any(),
            Page::LogIn => view! { <LogIn /> }.into_any(),
            Page::Register => view! { <Register /> }.into_any(),
            #[cfg(feature = "design")]
            Page::Design => view! { <crate::pages::Design /> }.into_any(),
            Page::NotFound => view! { <NotFound /> }.into_any(),
        }}
        // The signed-in pages have a dock of their own, with more in it.
        {move || (page.get() != Page::SignedIn).then(|| view! { <div class="dock"><ToastStack /></div> })}
        <Announcements />
    }
}
