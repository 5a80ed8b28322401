//! The page, in two modules: what few open is loaded when it is opened first.
#![expect(
    clippy::unnecessary_wraps,
    reason = "what is cut off returns an error in the place of the loader"
)]

use leptos::prelude::AnyView;
use leptos::wasm_split::{SplitLoaderError, wasm_split};
use tintype_frontend::{LaterModule, LaterPart};

fn main() {
    tintype_frontend::start(LaterModule {
        load: || Box::pin(async { load().await.is_ok() }),
        draw: |part| Box::pin(async move { draw(part).await.ok() }),
    });
}

#[wasm_split(later, wasm_split_path = leptos::wasm_split, preload(load), fallible)]
fn draw(part: LaterPart) -> Result<AnyView, SplitLoaderError> {
    Ok(tintype_frontend::draw(part))
}
