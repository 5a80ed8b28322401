//! How a process ends: first it takes nothing new, then what runs may end, then what still runs lets go.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How far a process is on its way down. Clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Shutdown {
    /// Nothing new is taken.
    pub draining: CancellationToken,
    /// Time is up: work gives its leases back.
    pub aborting: CancellationToken,
    /// Nothing runs any more.
    pub done: CancellationToken,
    /// Work that no request waits for.
    pub tasks: TaskTracker,
}

/// How long giving leases back may take: a write to the database.
const ABORT: Duration = Duration::from_secs(3);

impl Shutdown {
    /// Goes through the three steps. Work that needs longer than `patience` gives its leases back.
    pub async fn run(&self, patience: Duration) {
        self.draining.cancel();
        self.tasks.close();
        if tokio::time::timeout(patience, self.tasks.wait())
            .await
            .is_err()
        {
            self.aborting.cancel();
            if tokio::time::timeout(ABORT, self.tasks.wait())
                .await
                .is_err()
            {
                tracing::warn!(
                    "shutting down with work in progress: its leases expire by themselves"
                );
            }
        }
        self.done.cancel();
    }
}
