//! Tintype's page: a client-side app for browsers, compiled to `wasm32`.

mod api;
mod session;
mod text;

/// Puts the page into the document. Does nothing in a worker, which loads the same module.
pub fn start() {
    console_error_panic_hook::set_once();
}
