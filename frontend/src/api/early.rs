//! The first answer, which `static/start.js` asks for while the app is on its way: on a slow line half a second sooner.

use gloo_net::http::Response;
use js_sys::{Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

const KEY: &str = "tintypeEarly";

/// The answer for this address and token, if that was asked for; once. `None` as well: it did not arrive.
pub async fn take(url: &str, token: Option<&str>) -> Option<Response> {
    let window = web_sys::window()?;
    let early = Reflect::get(&window, &KEY.into()).ok().filter(JsValue::is_object)?;
    let field = |name: &str| Reflect::get(&early, &name.into()).ok();
    if field("url")?.as_string()? != url || field("token")?.as_string().as_deref() != token {
        return None;
    }
    Reflect::delete_property(&window, &KEY.into()).ok();
    let answer = JsFuture::from(field("answer")?.dyn_into::<Promise>().ok()?).await.ok()?;
    answer.dyn_into::<web_sys::Response>().ok().map(Response::from)
}
