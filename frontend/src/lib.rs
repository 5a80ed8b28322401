//! Tintype's page: a client-side app for browsers, compiled to `wasm32`.

mod albums;
mod api;
mod app;
mod clipboard;
mod components;
mod dates;
mod deletion;
mod focus;
mod json;
mod library;
mod local_storage;
mod pages;
mod prepare;
mod router;
mod session;
mod sharing;
mod text;
mod theme;
mod toasts;
mod upload;
mod watch;

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;

use std::time::Duration;

use leptos::mount::mount_to_body;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

pub use pages::{LaterModule, LaterPart, draw};

/// Mounts the page. `later`: where the parts are that few open.
pub fn start(later: LaterModule) {
    console_error_panic_hook::set_once();
    if api::load_ahead() {
        let load = (later.load)();
        spawn_local(async move {
            load.await;
        });
    }
    // In a turn of its own: the browser answers in between.
    set_timeout(move || mount(later), Duration::ZERO);
}

fn mount(later: LaterModule) {
    mount_to_body(move || view! { <app::App later /> });
    if let Some(shell) = document().get_element_by_id("shell") {
        shell.remove();
    }
}

/// Waits for files, in a worker.
pub fn start_worker() {
    console_error_panic_hook::set_once();
    prepare::listen();
}
