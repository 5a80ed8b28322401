//! What log in and register share: their layout, and the redirect afterwards.

use leptos::prelude::*;

use crate::components::Logo;
use crate::router::use_router;
use crate::session::use_session;
use crate::text;
use crate::watch::watch;

/// The layout of log in and register: artwork beside a form.
#[component]
pub fn AuthPage(children: Children) -> impl IntoView {
    view! {
        <div class="auth">
            <aside class="art" aria-label=text::NAME>
                <p>{text::SLOGAN}</p>
            </aside>
            <main>{children()}</main>
        </div>
    }
}

/// The name above the form.
#[component]
pub fn Brand() -> impl IntoView {
    view! {
        <span class="brand">
            <Logo />
            {text::NAME}
        </span>
    }
}

/// Goes on to `next` once a user is signed in.
pub fn redirect_when_signed_in() {
    let (session, router) = (use_session(), use_router());
    watch(move || {
        if session.signed_in() {
            let next = untrack(|| router.param("next")).filter(|next| is_local(next));
            router.replace(next.as_deref().unwrap_or("/"));
        }
    });
}

/// A link to `path` that keeps the `next` of this page.
pub fn keeping_next(path: &'static str) -> impl Fn() -> String {
    let router = use_router();
    move || match router.param("next").filter(|next| is_local(next)) {
        Some(next) => with_next(path, &next),
        None => path.into(),
    }
}

/// `path` with `next` in its query.
pub fn with_next(path: &str, next: &str) -> String {
    if next == "/" {
        path.into()
    } else {
        format!("{path}?next={}", js_sys::encode_uri_component(next))
    }
}

/// Whether this is a path of our own, and not another site's address in disguise.
fn is_local(next: &str) -> bool {
    next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains('\\')
        && !next.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::{is_local, with_next};

    #[wasm_bindgen_test]
    fn only_paths_of_this_page_are_followed_after_login() {
        assert!(is_local("/images/1"));
        for elsewhere in [
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "javascript:1",
            "/\n/evil.example",
            "",
        ] {
            assert!(!is_local(elsewhere), "{elsewhere:?}");
        }
    }

    #[wasm_bindgen_test]
    fn the_way_back_is_part_of_the_address() {
        assert_eq!(with_next("/login", "/"), "/login");
        assert_eq!(
            with_next("/login", "/images/1?a=b"),
            "/login?next=%2Fimages%2F1%3Fa%3Db"
        );
    }
}
