//! The first responses, which `static/start.js` fetches while the app is still loading: half a second sooner on a slow line.

use gloo_net::http::Response;
use gloo_timers::future::TimeoutFuture;
use js_sys::{Function, Promise, Reflect};
use tintype_dto::Image;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::json;

const KEY: &str = "tintypePrefetched";

/// Begins to load what the page is about to show. Whether the other module is among it. Called from here, so that the browser knows what these
/// requests come after.
pub fn load_ahead() -> bool {
    let load = field(&js_sys::global(), KEY).and_then(|prefetched| field(&prefetched, "loadAhead"));
    let load = load.and_then(|load| load.dyn_into::<Function>().ok());
    load.and_then(|load| load.call0(&JsValue::UNDEFINED).ok())
        .is_some_and(|needs_later| needs_later.is_truthy())
}

/// The picture that the page was opened with, if it has come already.
pub fn first_image() -> Option<Image> {
    let prefetched = field(&js_sys::global(), KEY)?;
    json::read_parsed(field(&prefetched, "image")?)
}

/// Takes the prefetched response for this path and token. `None`: it was not fetched, did not arrive or was taken already.
pub async fn take(path: &str, token: Option<&str>) -> Option<Response> {
    let prefetched = field(&js_sys::global(), KEY).filter(JsValue::is_object)?;
    if field(&prefetched, "token")?.as_string().as_deref() != token {
        return None;
    }
    let answers = field(&prefetched, "answers")?;
    let answer: Promise = field(&answers, path)?.dyn_into().ok()?;
    Reflect::set(&answers, &path.into(), &JsValue::UNDEFINED).ok()?;
    let answer = JsFuture::from(answer).await.ok()?;
    // What it shows is drawn in a turn of its own: the browser answers in between.
    TimeoutFuture::new(0).await;
    answer
        .dyn_into::<web_sys::Response>()
        .ok()
        .map(Response::from)
}

fn field(of: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(of, &name.into()).ok()
}
