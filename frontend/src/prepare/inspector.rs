//! The page's side of the worker.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use js_sys::{Array, Function, Promise, Uint8Array};
use tintype_dto::{Limits, RemovedCode};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, BlobPropertyBag, File, HtmlScriptElement, MessageEvent, Worker, WorkerOptions, WorkerType,
};

use super::{Found, Order, Report};
use crate::json;

/// A file that is ready to be announced and sent.
#[derive(Clone)]
pub struct Ready {
    /// What is sent.
    pub body: Blob,
    /// As found in the bytes.
    pub media_type: String,
    /// SHA-256 of what is sent, as hex, where the browser can.
    pub sha256: Option<String>,
    /// What was cut.
    pub removed: Vec<RemovedCode>,
}

/// Has files looked at. Copies have the same worker.
#[derive(Clone)]
pub struct Inspector(Rc<RefCell<Inner>>);

struct Inner {
    worker: Option<Worker>,
    /// Settles when the worker listens, or is broken.
    listens: Promise,
    settle: Function,
    next: u32,
    /// Who waits for which answer.
    waiting: HashMap<u32, Function>,
}

impl Inspector {
    /// Starts the worker. Where there can be none, files are sent as they are.
    pub fn start() -> Self {
        let mut settle = None;
        let listens = Promise::new(&mut |resolve, _| settle = Some(resolve));
        let inner = Inner {
            worker: spawn(),
            listens,
            settle: settle.unwrap_or_default(),
            next: 0,
            waiting: HashMap::new(),
        };
        let inspector = Self(Rc::new(RefCell::new(inner)));
        let worker = inspector.0.borrow().worker.clone();
        match worker {
            None => inspector.break_down(),
            Some(worker) => {
                let this = inspector.clone();
                let on_message =
                    Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
                        this.hear(&event.data());
                    });
                worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
                let this = inspector.clone();
                let on_error = Closure::<dyn Fn()>::new(move || this.break_down());
                worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
                // As long as the page.
                on_message.forget();
                on_error.forget();
            }
        }
        inspector
    }

    /// Looks at a file. `None`: there is no worker. `Some(Err)`: the server would not take it, and why.
    pub async fn look(
        &self,
        file: &File,
        limits: &Limits,
        clean: bool,
    ) -> Option<Result<Ready, String>> {
        let listens = self.0.borrow().listens.clone();
        JsFuture::from(listens).await.ok()?;
        let answer = {
            let mut inner = self.0.borrow_mut();
            let worker = inner.worker.clone()?;
            let id = inner.next;
            inner.next += 1;
            let order = serde_json::to_string(&Order {
                id,
                limits: limits.clone(),
                clean,
            })
            .ok()?;
            worker.post_message(&Array::of2(&order.into(), file)).ok()?;
            let waiting = &mut inner.waiting;
            Promise::new(&mut |resolve, _| drop(waiting.insert(id, resolve)))
        };
        let answer = JsFuture::from(answer).await.ok()?;
        let (report, bytes) = open(&answer)?;
        match report {
            Report::Done {
                found:
                    Found::Picture {
                        media_type,
                        sha256,
                        removed,
                    },
                ..
            } => {
                let body = match bytes {
                    Some(bytes) => blob(&bytes, &media_type)?,
                    None => file.clone().into(),
                };
                Some(Ok(Ready {
                    body,
                    media_type,
                    sha256,
                    removed,
                }))
            }
            Report::Done {
                found: Found::Refused(why),
                ..
            } => Some(Err(why)),
            Report::Ready => None,
        }
    }

    fn hear(&self, data: &JsValue) {
        let (settle, answers) = match open(data) {
            Some((Report::Ready, _)) => (Some(self.0.borrow().settle.clone()), None),
            Some((Report::Done { id, .. }, _)) => (None, self.0.borrow_mut().waiting.remove(&id)),
            None => (None, None),
        };
        if let Some(settle) = settle {
            settle.call0(&JsValue::NULL).ok();
        }
        if let Some(answer) = answers {
            answer.call1(&JsValue::NULL, data).ok();
        }
    }

    /// Everybody who waits goes on without it.
    fn break_down(&self) {
        let (settle, waiting) = {
            let mut inner = self.0.borrow_mut();
            if let Some(worker) = inner.worker.take() {
                worker.terminate();
            }
            (inner.settle.clone(), std::mem::take(&mut inner.waiting))
        };
        settle.call0(&JsValue::NULL).ok();
        for answer in waiting.into_values() {
            answer.call1(&JsValue::NULL, &JsValue::NULL).ok();
        }
    }
}

/// The script that starts the page starts the worker too.
fn spawn() -> Option<Worker> {
    let script = web_sys::window()?
        .document()?
        .query_selector("script[type=module][src]")
        .ok()??;
    let address = script.dyn_into::<HtmlScriptElement>().ok()?.src();
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    Worker::new_with_options(&address, &options).ok()
}

/// A report, and bytes beside it.
fn open(data: &JsValue) -> Option<(Report, Option<Uint8Array>)> {
    let parts = data.dyn_ref::<Array>()?;
    let report = json::read(&parts.get(0).as_string()?)?;
    Some((report, parts.get(1).dyn_into().ok()))
}

fn blob(bytes: &Uint8Array, media_type: &str) -> Option<Blob> {
    let options = BlobPropertyBag::new();
    options.set_type(media_type);
    Blob::new_with_u8_array_sequence_and_options(&Array::of1(bytes), &options).ok()
}
