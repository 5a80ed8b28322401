use std::ops::Deref;
use std::sync::Arc;

use sea_orm::DatabaseConnection;
use tintype_storage::Store;

use crate::accounts::{Passwords, Tokens};
use crate::clock::Clock;
use crate::config::Config;
use crate::uploads::Workshop;
use crate::urls::Urls;

/// What every handler works with. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// The parts of [`App`].
pub struct Parts {
    /// The database.
    pub db: DatabaseConnection,
    /// The objects.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// The settings.
    pub config: Config,
    /// The public addresses.
    pub urls: Urls,
    /// Makes and checks session tokens.
    pub tokens: Tokens,
    /// Hashes and checks passwords.
    pub passwords: Passwords,
    /// Where images are checked and rendered.
    pub workshop: Workshop,
}

impl App {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
