//! What log in and register share: their frame, and where one goes from there.

use leptos::prelude::*;

use crate::components::Logo;
use crate::router::use_router;
use crate::session::use_session;
use crate::text;

/// The frame of log in and register: artwork, and a form beside it.
#[component]
pub fn Entrance(children: Children) -> impl IntoView {
    view! {
        <div class="entrance">
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

/// Goes on to where one wanted to be as soon as someone is signed in.
pub fn leave_when_signed_in() {
    let (session, router) = (use_session(), use_router());
    Effect::new(move |_| {
        if session.signed_in() {
            let next = untrack(|| router.next()).filter(|next| is_local(next));
            router.replace(next.as_deref().unwrap_or("/"));
        }
    });
}

/// The address of a page at the entrance that leads on to the same place as this one.
pub fn sibling(path: &'static str) -> impl Fn() -> String {
    let router = use_router();
    move || match router.next().filter(|next| is_local(next)) {
        Some(next) => address(path, &next),
        None => path.into(),
    }
}

/// The address of a page at the entrance that leads on to `next`.
pub fn address(path: &str, next: &str) -> String {
    if next == "/" {
        path.into()
    } else {
        format!("{path}?next={}", js_sys::encode_uri_component(next))
    }
}

/// Whether this is a path of this page, and not another site's address in disguise.
fn is_local(next: &str) -> bool {
    next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains('\\')
        && !next.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::{address, is_local};

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
        assert_eq!(address("/login", "/"), "/login");
        assert_eq!(
            address("/login", "/images/1?a=b"),
            "/login?next=%2Fimages%2F1%3Fa%3Db"
        );
    }
}
