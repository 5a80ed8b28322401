//! The image that is open: from the list or from the API, with links that work.

use std::time::Duration;

use leptos::ev;
use leptos::leptos_dom::helpers::window_event_listener;
use leptos::prelude::*;
use leptos::task::spawn_local;
use tintype_dto::{Image, ProblemCode};
use uuid::Uuid;

use crate::api::{ApiError, Authed, server_now, use_api};
use crate::library::{Library, use_library};
use crate::watch::watch_since;

/// Links that end sooner than this, in seconds, are made anew.
const SOON: i64 = 45;

/// The image of the route.
#[derive(Clone, Copy)]
pub struct Opened {
    id: Memo<Uuid>,
    /// `None` while it is loading.
    pub image: Memo<Option<Result<Image, ApiError>>>,
    answer: RwSignal<Option<(Uuid, Result<Image, ApiError>)>>,
    library: Library,
    api: StoredValue<Authed>,
}

impl Opened {
    /// Loads the image, unless the list has it, and keeps its links fresh while it is open.
    pub fn new(id: Memo<Uuid>) -> Self {
        let (library, answer) = (use_library(), RwSignal::new(None));
        let image = Memo::new(move |_| {
            let id = id.get();
            let answered = answer
                .get()
                .filter(|(answered, _)| *answered == id)
                .map(|(_, answer)| answer);
            library
                .find(id)
                .filter(|image| seconds_left(image).is_none_or(|left| left > 0))
                .map(Ok)
                .or(answered)
        });
        let opened = Self {
            id,
            image,
            answer,
            library,
            api: StoredValue::new(use_api()),
        };
        opened.keep_fresh();
        // Another tab may have deleted it.
        let shown = window_event_listener(ev::visibilitychange, move |_| {
            if !document().hidden() {
                opened.look_again();
            }
        });
        on_cleanup(move || shown.remove());
        opened
    }

    /// Reads the image again when it is missing or its links are about to end, by the server's clock.
    fn keep_fresh(self) {
        let due = StoredValue::new(None::<leptos::leptos_dom::helpers::TimeoutHandle>);
        let stop = move || {
            if let Some(timer) = due.try_update_value(Option::take).flatten() {
                timer.clear();
            }
        };
        watch_since(move |shown| {
            stop();
            let id = self.id.get();
            let left = self.image.with(|image| match image {
                // It was deleted here, and the view is about to close.
                None if shown == Some(Some(id)) && self.library.find_untracked(id).is_none() => {
                    None
                }
                None => Some(0),
                Some(image) => image.as_ref().ok().and_then(seconds_left),
            });
            match left.map(|left| u64::try_from(left - SOON).unwrap_or(0)) {
                None => {}
                Some(0) => self.look_again(),
                Some(seconds) => due.set_value(
                    set_timeout_with_handle(
                        move || self.look_again(),
                        Duration::from_secs(seconds),
                    )
                    .ok(),
                ),
            }
            self.image.with_untracked(Option::is_some).then_some(id)
        });
        on_cleanup(stop);
    }

    /// Reads the image anew. One that is gone leaves the list, and the view says so.
    pub fn look_again(self) {
        let (Some(id), Some(api)) = (self.id.try_get_untracked(), self.api.try_get_value()) else {
            return;
        };
        spawn_local(async move {
            let answer = api.get_image(id).await;
            match &answer {
                Ok(image) if self.library.find_untracked(id).is_some() => {
                    return self.library.put(image.clone());
                }
                Err(error) if error.code() == Some(ProblemCode::NotFound) => {
                    if let Some(image) = self.library.find_untracked(id) {
                        self.library.remove(&[&image]);
                    }
                }
                // What is shown stays: the network may be back soon.
                Err(_) if self.image.try_with_untracked(Option::is_some) == Some(true) => return,
                _ => {}
            }
            self.answer.try_set(Some((id, answer)));
        });
    }
}

/// How long the image's links work, in seconds. `None`: as long as the image is there.
fn seconds_left(image: &Image) -> Option<i64> {
    let end = image.links.expires_at?;
    Some(end.timestamp() - server_now())
}
