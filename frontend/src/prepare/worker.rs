//! The worker's side: one message in, one out.

use js_sys::{Array, Object, Reflect, Uint8Array};
use tintype_imaging::{Limits, clean, inspect};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, Crypto, DedicatedWorkerGlobalScope, MessageEvent};

use super::{Message, Request, Verdict};
use crate::{json, text};

/// Larger files are sent without a hash: `crypto.subtle` needs the whole file at once.
const MOST_HASHED: usize = 64_000_000;

/// Starts to listen in a worker; does nothing elsewhere.
pub fn listen() {
    let Ok(scope) = js_sys::global().dyn_into::<DedicatedWorkerGlobalScope>() else {
        return;
    };
    let reply_to = scope.clone();
    let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        spawn_local(answer(reply_to.clone(), event.data()));
    });
    scope.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
    send(&scope, &Message::Ready, None);
}

async fn answer(scope: DedicatedWorkerGlobalScope, data: JsValue) {
    let Some((request, file)) = open(&data) else {
        return;
    };
    let (verdict, bytes) = match read(&file).await {
        None => (Verdict::Refused(text::UNREADABLE.into()), None),
        Some(bytes) => prepare(&scope, bytes, &request).await,
    };
    send(
        &scope,
        &Message::Done {
            id: request.id,
            verdict,
        },
        bytes.as_deref(),
    );
}

fn open(data: &JsValue) -> Option<(Request, Blob)> {
    let parts = data.dyn_ref::<Array>()?;
    Some((
        json::read(&parts.get(0).as_string()?)?,
        parts.get(1).dyn_into().ok()?,
    ))
}

async fn read(file: &Blob) -> Option<Vec<u8>> {
    Some(Uint8Array::new(&JsFuture::from(file.array_buffer()).await.ok()?).to_vec())
}

/// The verdict on a file, and the bytes to send instead if something was removed.
async fn prepare(
    scope: &DedicatedWorkerGlobalScope,
    bytes: Vec<u8>,
    request: &Request,
) -> (Verdict, Option<Vec<u8>>) {
    let given = &request.limits;
    let limits = Limits {
        max_bytes: given.max_bytes,
        max_pixels: given.max_pixels,
        max_side: given.max_side,
        ..Limits::default()
    };
    let inspected = if request.clean {
        clean(&bytes, &limits).map(|cleaned| (cleaned.inspection.clone(), Some(cleaned)))
    } else {
        inspect(&bytes, &limits).map(|inspection| (inspection, None))
    };
    let (inspection, cleaned) = match inspected {
        Ok(inspected) => inspected,
        Err(refusal) => return (Verdict::Refused(refusal.detail()), None),
    };
    let (removed, bytes, is_new) = match cleaned {
        Some(cleaned) if cleaned.bytes != bytes => (cleaned.removed, cleaned.bytes, true),
        _ => (Vec::new(), bytes, false),
    };
    let media_type = inspection.content_type.media_type().to_owned();
    let sha256 = sha256(scope.crypto().ok(), &bytes).await;
    (
        Verdict::Picture {
            media_type,
            sha256,
            removed,
        },
        is_new.then_some(bytes),
    )
}

/// As hex, where the browser offers it (not on plain http outside localhost).
async fn sha256(crypto: Option<Crypto>, bytes: &[u8]) -> Option<String> {
    let crypto = crypto.filter(|crypto| {
        Reflect::get(crypto, &"subtle".into()).is_ok_and(|subtle| subtle.is_object())
    })?;
    if bytes.len() > MOST_HASHED {
        return None;
    }
    let input: Object = Uint8Array::from(bytes).into();
    let digest = JsFuture::from(
        crypto
            .subtle()
            .digest_with_str_and_buffer_source("SHA-256", &input)
            .ok()?,
    )
    .await
    .ok()?;
    let digest = Uint8Array::new(&digest).to_vec();
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or_default();
    Some(
        digest
            .iter()
            .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
            .collect(),
    )
}

/// Bytes are transferred, not copied again.
fn send(scope: &DedicatedWorkerGlobalScope, message: &Message, bytes: Option<&[u8]>) {
    let Ok(message) = serde_json::to_string(message) else {
        return;
    };
    let sent = match bytes.map(Uint8Array::from) {
        Some(bytes) => scope.post_message_with_transfer(
            &Array::of2(&message.into(), &bytes),
            &Array::of1(&bytes.buffer()),
        ),
        None => scope.post_message(&Array::of1(&message.into())),
    };
    if sent.is_err() {
        web_sys::console::error_1(&"a message could not be sent".into());
    }
}
