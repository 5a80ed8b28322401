//! Executes the queue's commands: calls to the API, PUTs to the storage, images to the gallery.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use gloo_timers::future::TimeoutFuture;
use leptos::ev;
use leptos::leptos_dom::helpers::window_event_listener;
use leptos::prelude::*;
use leptos::task::spawn_local;
use tintype_dto::{CreateUpload, Image, ProblemCode, PutTarget, RemovedCode};
use uuid::Uuid;
use web_sys::{Blob, File};

use super::browser::{BrowserState, prepare};
use super::failure::failure;
use super::into_albums::IntoAlbums;
use super::item::{Failure, FileId, PutOutcome};
use super::queue::{Command, Event, Queue};
use super::{files, put, shared, text};
use crate::api::{Authed, Confirmed, Public};
use crate::prepare::use_cleaning;
use crate::session::{SessionState, use_session};
use crate::watch::watch_since;

/// How many files are added before the page gets a chance to respond.
const PER_BATCH: usize = 100;

/// The upload queue. Copies are the same queue.
#[derive(Clone, Copy)]
pub struct Uploads {
    queue: RwSignal<Queue>,
    /// Images as they are published, in that order.
    pub published: RwSignal<Vec<Image>>,
    /// Which files go into which albums.
    pub into_albums: IntoAlbums,
    /// When the images of files that are announced now end.
    pub end: RwSignal<Option<DateTime<Utc>>>,
    /// Whether the last announcement found the account's storage full.
    pub full: RwSignal<bool>,
    session: SessionState,
    cleaning: RwSignal<bool>,
    browser: StoredValue<Rc<RefCell<BrowserState>>, LocalStorage>,
}

/// Whose files are in the queue: the session's token, and the user once it is known.
#[derive(Clone, Default)]
struct QueueOwner {
    token: Option<String>,
    user: Option<Uuid>,
}

/// Provides the queue to everything below. It outlives sessions: uploads left by an expired session continue after the next log in. Logging
/// out by hand cancels everything.
pub fn provide_uploads() -> Uploads {
    let session = use_session();
    let uploads = Uploads {
        queue: RwSignal::default(),
        published: RwSignal::default(),
        into_albums: IntoAlbums::default(),
        end: RwSignal::default(),
        full: RwSignal::new(false),
        session,
        cleaning: use_cleaning(),
        browser: StoredValue::new_local(Rc::default()),
    };
    provide_context(uploads);
    uploads.watch_network();
    uploads.ask_before_leaving();
    watch_since(move |before: Option<QueueOwner>| {
        let (token, user) = (session.token(), session.user().map(|user| user.id));
        uploads.follow_session(before.unwrap_or_default(), token, user, session.expired())
    });
    uploads
}

/// The queue.
#[must_use]
pub fn use_uploads() -> Uploads {
    expect_context()
}

impl Uploads {
    /// Adds files to the queue. Invalid ones are refused at once.
    pub fn add_files(self, files: Vec<File>) {
        if files.is_empty() {
            return;
        }
        let album = self.into_albums.here();
        spawn_local(async move {
            let Some(browser) = self.browser.try_get_value() else {
                return;
            };
            if browser.borrow().limits.is_none() {
                let limits = Public.limits().await.ok();
                browser.borrow_mut().limits = limits;
            }
            let added = browser.borrow_mut().add(files);
            if let Some((album, first)) = album.zip(added.first()) {
                self.into_albums.expect(first.batch, album);
            }
            for some in added.chunks(PER_BATCH) {
                self.step(Event::Added(some.to_vec()));
                // Between two batches the page can respond to its user.
                TimeoutFuture::new(0).await;
            }
        });
    }

    /// The queue, tracked.
    pub fn with<T>(self, read: impl FnOnce(&Queue) -> T) -> T {
        self.queue.with(read)
    }

    /// The queue, not tracked.
    pub fn with_untracked<T>(self, read: impl FnOnce(&Queue) -> T) -> T {
        self.queue.with_untracked(read)
    }

    /// The file behind a number, while the queue has it.
    pub fn file(self, id: FileId) -> Option<File> {
        self.browser.try_get_value()?.borrow().file(id)
    }

    /// What was removed from a file before it is sent.
    pub fn removed(self, id: FileId) -> Vec<RemovedCode> {
        self.browser
            .try_get_value()
            .and_then(|browser| Some(browser.borrow().ready(id)?.removed.clone()))
            .unwrap_or_default()
    }

    /// The bytes to send.
    fn body(self, id: FileId) -> Option<Blob> {
        Some(
            self.browser
                .try_get_value()?
                .borrow()
                .ready(id)?
                .body
                .clone(),
        )
    }

    /// Applies an event and executes the commands. A failure without a network is not the file's fault: the file waits.
    pub fn step(self, event: Event) {
        let broke_off = matches!(
            event,
            Event::AnnounceFailed(..)
                | Event::PutEnded(_, PutOutcome::Failed(_) | PutOutcome::Broken(_))
                | Event::ConfirmFailed(..)
        );
        if broke_off && !window().navigator().on_line() {
            self.dispatch(Event::Offline);
        }
        self.dispatch(event);
    }

    fn dispatch(self, event: Event) {
        let commands = self
            .queue
            .try_update(|queue| queue.step(event))
            .unwrap_or_default();
        for command in commands {
            self.execute(command);
        }
    }

    fn watch_network(self) {
        if !window().navigator().on_line() {
            self.step(Event::Offline);
        }
        let offline = window_event_listener(ev::offline, move |_| self.step(Event::Offline));
        let online = window_event_listener(ev::online, move |_| self.step(Event::Online));
        on_cleanup(move || {
            [offline, online]
                .into_iter()
                .for_each(WindowListenerHandle::remove);
        });
    }

    /// Whatever page is open, also while the files wait for a log in.
    fn ask_before_leaving(self) {
        let listener = window_event_listener(ev::beforeunload, move |event| {
            if self.queue.with_untracked(Queue::is_open) {
                event.prevent_default();
            }
        });
        on_cleanup(move || listener.remove());
    }

    /// Continues, waits or cancels as sessions end and begin: uploads left by one user are never sent by another.
    fn follow_session(
        self,
        before: QueueOwner,
        token: Option<String>,
        user: Option<Uuid>,
        expired: bool,
    ) -> QueueOwner {
        let same_session = before.token == token;
        match (&token, user) {
            (None, _) if expired => {
                self.step(Event::SessionLost);
                // The next gallery asks the server, which knows what has been deleted since.
                self.published.try_set(Vec::new());
                return QueueOwner { token, ..before };
            }
            (None, _) => {
                // What was shared before anybody signed in waits for who does.
                if before.token.is_some() {
                    shared::forget();
                }
                self.give_up();
                return QueueOwner::default();
            }
            (Some(_), Some(_)) if !same_session && before.user != user => self.give_up(),
            (Some(_), None)
                if !same_session
                    && self.queue.with_untracked(|queue| !queue.items().is_empty()) =>
            {
                self.step(Event::SessionLost);
                return before;
            }
            (Some(_), _) => {}
        }
        self.step(Event::SessionBack);
        QueueOwner { token, user }
    }

    /// No session may abort the uploads any more: they expire on the server.
    fn give_up(self) {
        for event in [Event::SessionLost, Event::CancelAll, Event::ClearEnded] {
            let commands = self
                .queue
                .try_update(|queue| queue.step(event))
                .unwrap_or_default();
            commands
                .into_iter()
                .filter(|command| !matches!(command, Command::Abandon(_)))
                .for_each(|command| self.execute(command));
        }
        self.published.try_set(Vec::new());
    }

    fn execute(self, command: Command) {
        match command {
            Command::Announce(id) => spawn_local(async move { self.step(self.announce(id).await) }),
            Command::Put(id, target) => spawn_local(async move { self.put(id, &target).await }),
            Command::StopPut(id) => {
                let request = self
                    .browser
                    .try_get_value()
                    .and_then(|browser| browser.borrow_mut().requests.remove(&id));
                if let Some(request) = request {
                    let _ = request.abort();
                }
            }
            Command::Confirm(id, upload, wait) => {
                spawn_local(async move { self.step(self.confirm(id, upload, wait).await) });
            }
            Command::Abandon(upload) => {
                // If this fails, the upload expires on the server.
                if let Some(api) = self.api() {
                    spawn_local(async move { drop(api.abort_upload(upload).await) });
                }
            }
            Command::Publish(image) => drop(
                self.published
                    .try_update(|published| published.push(*image)),
            ),
            Command::Wake(wait) => self.step_after(wait, Event::Woken),
            Command::Rest(id, wait) => self.step_after(wait, Event::Rested(id)),
            Command::Release(id) => {
                if let Some(browser) = self.browser.try_get_value() {
                    browser.borrow_mut().release(id);
                }
            }
        }
    }

    fn step_after(self, wait: Duration, event: Event) {
        spawn_local(async move {
            sleep(wait).await;
            self.step(event);
        });
    }

    fn api(self) -> Option<Authed> {
        self.session
            .token_untracked()
            .map(|token| Authed::new(&token, self.session))
    }

    async fn announce(self, id: FileId) -> Event {
        let Some(file) = self.file(id) else {
            return Event::AnnounceFailed(id, Failure::Refused(text::UNREADABLE.into()));
        };
        // Taken before hashing: a user who signs in meanwhile has nothing to do with this file.
        let Some(api) = self.api() else {
            return Event::SessionLost;
        };
        let Some(browser) = self.browser.try_get_value() else {
            return Event::SessionLost;
        };
        let ready = match prepare(&browser, id, &file, self.cleaning.get_untracked()).await {
            Ok(ready) => ready,
            Err(why) => return Event::AnnounceFailed(id, Failure::Refused(why)),
        };
        let request = CreateUpload {
            filename: file.name(),
            content_type: ready.media_type.clone(),
            size_bytes: files::size(&ready.body),
            sha256: ready.sha256.clone(),
            removed_by_client: ready.removed.clone(),
            visibility: None,
            created_at: browser.borrow().created_at(id),
            expires_at: self.end.get_untracked(),
        };
        // A file cancelled meanwhile has been released.
        browser.borrow_mut().keep(id, ready);
        if let Some(hash) = &request.sha256 {
            let is_open = |id| self.with_untracked(|queue| queue.is_open_file(id));
            if browser.borrow_mut().twins.has_other(hash, id, is_open) {
                return Event::AnnounceFailed(id, Failure::Twin);
            }
        }
        match api.create_upload(&request).await {
            Ok(upload) => Event::Announced(id, Box::new(upload)),
            Err(error) => {
                let is_full = error.code() == Some(ProblemCode::QuotaExceeded);
                self.full.try_update(|full| *full |= is_full);
                Event::AnnounceFailed(id, failure(&error))
            }
        }
    }

    async fn put(self, id: FileId, target: &PutTarget) {
        let (Some(browser), Some(body), Ok(request)) = (
            self.browser.try_get_value(),
            self.body(id),
            put::open(target),
        ) else {
            return self.step(Event::PutEnded(
                id,
                PutOutcome::Failed(text::UNREADABLE.into()),
            ));
        };
        browser.borrow_mut().requests.insert(id, request.clone());
        let ended = put::send(&request, &body, move |sent| {
            self.step(Event::Progress(id, sent));
        })
        .await;
        // A stopped request is not in the map any more, and the queue may have started another one.
        let is_current = browser
            .borrow()
            .requests
            .get(&id)
            .is_some_and(|current| *current == request);
        if is_current {
            browser.borrow_mut().requests.remove(&id);
            self.step(Event::PutEnded(id, ended));
        }
    }

    async fn confirm(self, id: FileId, upload: Uuid, wait: Duration) -> Event {
        sleep(wait).await;
        let Some(api) = self.api() else {
            return Event::SessionLost;
        };
        match api.confirm_upload(upload).await {
            Ok(Confirmed::Image(image)) => Event::Confirmed(id, image),
            Ok(Confirmed::Processing(_, wait)) => Event::StillChecking(id, wait),
            Err(error) => Event::ConfirmFailed(id, failure(&error)),
        }
    }
}

async fn sleep(time: Duration) {
    TimeoutFuture::new(u32::try_from(time.as_millis()).unwrap_or(u32::MAX)).await;
}
