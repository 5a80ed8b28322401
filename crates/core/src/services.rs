//! What the rules work with.

use std::sync::Arc;

use sea_orm::DatabaseConnection;

use crate::accounts::RecentCredentials;
use crate::clock::Clock;
use crate::known_addresses::KnownAddresses;
use crate::metrics::Metrics;
use crate::objects::Objects;
use crate::passwords::Passwords;
use crate::pipeline::ImagePipeline;
use crate::settings::Settings;
use crate::shutdown::Shutdown;

/// Database, storage, time and the rest. Cheap to clone.
#[derive(Clone)]
pub struct Services {
    /// The database.
    pub db: DatabaseConnection,
    /// The objects.
    pub store: Arc<Objects>,
    /// The time.
    pub clock: Clock,
    /// The operator's settings.
    pub settings: Arc<Settings>,
    /// Known addresses of accounts.
    pub known_addresses: Arc<KnownAddresses>,
    /// What is remembered of credentials.
    pub recent: Arc<RecentCredentials>,
    /// Hashes and checks passwords.
    pub passwords: Arc<Passwords>,
    /// Checks and renders images.
    pub pipeline: Arc<ImagePipeline>,
    /// The metrics.
    pub metrics: Arc<Metrics>,
    /// How far the process has shut down.
    pub shutdown: Shutdown,
}
