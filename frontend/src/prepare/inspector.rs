//! The page's side of the worker.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use js_sys::{Array, Function, Promise, Uint8Array};
use leptos::prelude::document;
use tintype_dto::{Limits, RemovedCode};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, File, MessageEvent, Worker, WorkerOptions, WorkerType};

use super::{Message, Request, Verdict};
use crate::json;

/// A file that is ready to be announced and sent.
#[derive(Clone)]
pub struct PreparedFile {
    /// What is sent.
    pub body: Blob,
    /// The type detected from the bytes.
    pub media_type: String,
    /// SHA-256 of what is sent, as hex, where the browser can.
    pub sha256: Option<String>,
    /// What was cut.
    pub removed: Vec<RemovedCode>,
}

/// Sends files to the worker. Copies share one worker.
#[derive(Clone)]
pub struct Inspector(Rc<RefCell<Inner>>);

struct Inner {
    worker: Option<Worker>,
    /// Settles when the worker has started or failed.
    started: Promise,
    settle: Function,
    next: u32,
    /// Resolves the promise of each pending request.
    waiting: HashMap<u32, Function>,
}

impl Inspector {
    /// Starts the worker. If that fails, files are sent unchanged.
    pub fn start() -> Self {
        let mut settle = None;
        let started = Promise::new(&mut |resolve, _| settle = Some(resolve));
        let inner = Inner {
            worker: spawn(),
            started,
            settle: settle.unwrap_or_default(),
            next: 0,
            waiting: HashMap::new(),
        };
        let inspector = Self(Rc::new(RefCell::new(inner)));
        let worker = inspector.0.borrow().worker.clone();
        match worker {
            None => inspector.shut_down(),
            Some(worker) => {
                let this = inspector.clone();
                let on_message =
                    Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
                        this.receive(&event.data());
                    });
                worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
                let this = inspector.clone();
                let on_error = Closure::<dyn Fn()>::new(move || this.shut_down());
                worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
                // They live as long as the page.
                on_message.forget();
                on_error.forget();
            }
        }
        inspector
    }

    /// Inspects a file. `None`: there is no worker. `Some(Err)`: why the server would refuse it.
    pub async fn inspect(
        &self,
        file: &File,
        limits: &Limits,
        clean: bool,
    ) -> Option<Result<PreparedFile, String>> {
        let started = self.0.borrow().started.clone();
        JsFuture::from(started).await.ok()?;
        let answer = {
            let mut inner = self.0.borrow_mut();
            let worker = inner.worker.clone()?;
            let id = inner.next;
            inner.next += 1;
            let request = serde_json::to_string(&Request {
                id,
                limits: limits.clone(),
                clean,
            })
            .ok()?;
            worker
                .post_message(&Array::of2(&request.into(), file))
                .ok()?;
            let waiting = &mut inner.waiting;
            Promise::new(&mut |resolve, _| drop(waiting.insert(id, resolve)))
        };
        let answer = JsFuture::from(answer).await.ok()?;
        let (message, bytes) = open(&answer)?;
        match message {
            Message::Done {
                verdict:
                    Verdict::Picture {
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
                Some(Ok(PreparedFile {
                    body,
                    media_type,
                    sha256,
                    removed,
                }))
            }
            Message::Done {
                verdict: Verdict::Refused(why),
                ..
            } => Some(Err(why)),
            Message::Ready => None,
        }
    }

    fn receive(&self, data: &JsValue) {
        let (settle, answers) = match open(data) {
            Some((Message::Ready, _)) => (Some(self.0.borrow().settle.clone()), None),
            Some((Message::Done { id, .. }, _)) => (None, self.0.borrow_mut().waiting.remove(&id)),
            None => (None, None),
        };
        if let Some(settle) = settle {
            settle.call0(&JsValue::NULL).ok();
        }
        if let Some(answer) = answers {
            answer.call1(&JsValue::NULL, data).ok();
        }
    }

    /// Ends the worker: pending and later requests go on without it.
    fn shut_down(&self) {
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

/// Its script's address stands beside that of the page's own.
fn spawn() -> Option<Worker> {
    let script = document().query_selector("script[data-worker]").ok()??;
    let address = script.get_attribute("data-worker")?;
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    Worker::new_with_options(&address, &options).ok()
}

/// A message, and bytes beside it.
fn open(data: &JsValue) -> Option<(Message, Option<Uint8Array>)> {
    let parts = data.dyn_ref::<Array>()?;
    let message = json::read(&parts.get(0).as_string()?)?;
    Some((message, parts.get(1).dyn_into().ok()))
}

fn blob(bytes: &Uint8Array, media_type: &str) -> Option<Blob> {
    let options = BlobPropertyBag::new();
    options.set_type(media_type);
    Blob::new_with_u8_array_sequence_and_options(&Array::of1(bytes), &options).ok()
}
