//! The screen stays awake while files are on their way, where the browser has such a lock.

use js_sys::{Function, Promise, Reflect};
use leptos::ev;
use leptos::leptos_dom::helpers::window_event_listener;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::watch::watch;

/// Holds the lock while `busy`. The browser takes it back whenever the page is hidden.
pub fn keep_screen_awake(busy: Memo<bool>) {
    let lock = StoredValue::new_local(None::<JsValue>);
    let is_wanted = move || busy.try_get_untracked() == Some(true) && !document().hidden();
    let adjust = move || {
        spawn_local(async move {
            if is_wanted()
                && lock.try_with_value(Option::is_none) == Some(true)
                && let Ok(taken) = request().await
            {
                lock.try_set_value(Some(taken));
            }
            if !is_wanted()
                && let Some(held) = lock.try_update_value(Option::take).flatten()
            {
                release(&held).ok();
            }
        });
    };
    watch(move || {
        busy.track();
        adjust();
    });
    let shown = window_event_listener(ev::visibilitychange, move |_| adjust());
    on_cleanup(move || shown.remove());
}

async fn request() -> Result<JsValue, JsValue> {
    let locks = Reflect::get(&window().navigator(), &"wakeLock".into())?;
    let request: Function = Reflect::get(&locks, &"request".into())?.dyn_into()?;
    let lock: Promise = request.call1(&locks, &"screen".into())?.dyn_into()?;
    JsFuture::from(lock).await
}

fn release(lock: &JsValue) -> Result<(), JsValue> {
    let release: Function = Reflect::get(lock, &"release".into())?.dyn_into()?;
    release.call0(lock).map(drop)
}
