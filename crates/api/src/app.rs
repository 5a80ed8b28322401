use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::DatabaseConnection;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::accounts::{KnownAddresses, Passwords, Tokens};
use crate::clock::Clock;
use crate::config::Config;
use crate::delivery::SignedLinks;
use crate::metrics::Metrics;
use crate::objects::Objects;
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
    pub store: Objects,
    /// The time.
    pub clock: Clock,
    /// The settings.
    pub config: Config,
    /// The public addresses.
    pub urls: Urls,
    /// Signs the addresses of private images.
    pub links: SignedLinks,
    /// Names who signed in from where.
    pub known_addresses: KnownAddresses,
    /// Makes and checks session tokens.
    pub tokens: Tokens,
    /// Hashes and checks passwords.
    pub passwords: Passwords,
    /// Where images are checked and rendered.
    pub workshop: Workshop,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// How far the process is on its way down.
    pub life: Life,
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

/// How a process ends: first nothing new is taken, then what runs may end, then what still runs lets go.
#[derive(Clone, Debug, Default)]
pub struct Life {
    /// Take nothing new.
    pub stopping: CancellationToken,
    /// Time is up: give leases back.
    pub letting_go: CancellationToken,
    /// Nothing runs any more.
    pub gone: CancellationToken,
    /// Work that no request waits for.
    pub work: TaskTracker,
}

/// How long letting go may take: a write to the database.
const LET_GO: Duration = Duration::from_secs(3);

impl Life {
    /// Goes through the three steps. Work that needs longer than `patience` lets go.
    pub async fn stop(&self, patience: Duration) {
        self.stopping.cancel();
        self.work.close();
        if tokio::time::timeout(patience, self.work.wait()).await.is_err() {
            self.letting_go.cancel();
            if tokio::time::timeout(LET_GO, self.work.wait()).await.is_err() {
                tracing::warn!("some work did not end; its leases run out");
            }
        }
        self.gone.cancel();
    }
}
