//! The session: a token in `localStorage`, shared by all tabs.

mod store;

use leptos::ev;
use leptos::leptos_dom::helpers::window_event_listener;
use leptos::prelude::*;
use tintype_dto::{Session, User};

/// The session of this tab. Copies are the same session.
#[derive(Clone, Copy)]
pub struct SessionState {
    token: RwSignal<Option<String>>,
    user: RwSignal<Option<User>>,
    expired: RwSignal<bool>,
}

/// Reads the stored session, provides it to everything below and follows changes in other tabs.
pub fn provide_session() -> SessionState {
    let session = SessionState::new(store::load());
    provide_context(session);
    let listener = window_event_listener(ev::storage, move |event| {
        if event.key().is_none_or(|key| key == store::KEY) {
            session.follow(store::load());
        }
    });
    on_cleanup(move || listener.remove());
    session
}

/// The session.
#[must_use]
pub fn use_session() -> SessionState {
    expect_context()
}

impl SessionState {
    fn new(token: Option<String>) -> Self {
        Self {
            token: RwSignal::new(token),
            user: RwSignal::new(None),
            expired: RwSignal::new(false),
        }
    }

    /// The token, tracked.
    #[must_use]
    pub fn token(self) -> Option<String> {
        self.token.get()
    }

    /// The token, not tracked.
    #[must_use]
    pub fn token_untracked(self) -> Option<String> {
        self.token.get_untracked()
    }

    /// Whether a user is signed in, tracked.
    #[must_use]
    pub fn signed_in(self) -> bool {
        self.token.with(Option::is_some)
    }

    /// Whether the last session expired, tracked.
    #[must_use]
    pub fn expired(self) -> bool {
        self.expired.get()
    }

    /// The account, once it is known, tracked.
    #[must_use]
    pub fn user(self) -> Option<User> {
        self.user.get()
    }

    /// Updates the account.
    pub fn set_user(self, user: User) {
        self.user.set(Some(user));
    }

    /// Starts a session, for every tab.
    pub fn begin(self, session: Session) {
        store::save(&session.token);
        self.expired.set(false);
        self.user.set(Some(session.user));
        self.token.set(Some(session.token));
    }

    /// Logs out, in every tab.
    pub fn log_out(self) {
        store::clear();
        self.expired.set(false);
        self.end();
    }

    /// Ends the session because the API no longer accepts `token`. A newer session stays.
    pub fn expire(self, token: &str) {
        if self
            .token
            .with_untracked(|current| current.as_deref() == Some(token))
        {
            if store::load().as_deref() == Some(token) {
                store::clear();
            }
            self.expired.set(true);
            self.end();
        }
    }

    fn end(self) {
        self.user.set(None);
        self.token.set(None);
    }

    fn follow(self, token: Option<String>) {
        if self.token.with_untracked(|current| *current != token) {
            self.expired.set(false);
            self.user.set(None);
            self.token.set(token);
        }
    }
}
