//! The routes.

use leptos::prelude::*;
use leptos_router::{
    components::{ParentRoute, Route, Router, Routes},
    path,
};

use crate::{
    components::ToastStack,
    pages::{ImageView, LogIn, NotFound, Register, SignedIn},
    session::provide_session,
    theme::provide_theme,
    toasts::provide_toasts,
    upload::provide_uploads,
};

/// The whole page.
#[component]
pub fn App() -> impl IntoView {
    provide_session();
    provide_theme();
    provide_toasts();
    provide_uploads();
    view! {
        <Router>
            <Routes fallback=NotFound>
                // The gallery stays below an open picture, where it was.
                <ParentRoute path=path!("") view=SignedIn>
                    <Route path=path!("") view=|| () />
                    <Route path=path!("images/:id") view=ImageView />
                </ParentRoute>
                <Route path=path!("login") view=LogIn />
                <Route path=path!("register") view=Register />
            </Routes>
        </Router>
        <ToastStack />
    }
}
