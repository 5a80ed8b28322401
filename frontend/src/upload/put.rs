//! One PUT to the storage with `XMLHttpRequest`: `fetch` reports no upload progress.

use js_sys::Promise;
use tintype_dto::PutTarget;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, ProgressEvent, XmlHttpRequest};

use super::item::PutOutcome;
use super::text;

/// Opens the request and sets the signed headers.
pub fn open(target: &PutTarget) -> Result<XmlHttpRequest, JsValue> {
    let request = XmlHttpRequest::new()?;
    request.open(&target.method, &target.url)?;
    for (name, value) in &target.headers {
        request.set_request_header(name, value)?;
    }
    Ok(request)
}

/// Sends the body and waits for the end, which may be an abort or a broken connection.
pub async fn send(
    request: &XmlHttpRequest,
    body: &Blob,
    on_progress: impl Fn(u64) + 'static,
) -> PutOutcome {
    let on_progress = Closure::<dyn Fn(ProgressEvent)>::new(move |event: ProgressEvent| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a count of bytes is never negative"
        )]
        on_progress(event.loaded() as u64);
    });
    let upload = request.upload().ok();
    if let Some(upload) = &upload {
        upload.set_onprogress(Some(on_progress.as_ref().unchecked_ref()));
    }
    let ended = Promise::new(&mut |resolve, _| request.set_onloadend(Some(&resolve)));
    let sent =
        request.send_with_opt_blob(Some(body)).is_ok() && JsFuture::from(ended).await.is_ok();
    if let Some(upload) = &upload {
        upload.set_onprogress(None);
    }
    match request.status().unwrap_or(0) {
        // 412: these bytes were stored before.
        200..=299 | 412 if sent => PutOutcome::Stored,
        401 | 403 => PutOutcome::Expired,
        status @ (0 | 408 | 425 | 429 | 500..=506 | 508..) => {
            PutOutcome::Broken(text::put_failed(status))
        }
        status => PutOutcome::Failed(text::put_failed(status)),
    }
}
