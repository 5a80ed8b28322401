//! Shutdown in three steps: accept nothing new, let running work end, then make the rest release its leases.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How far a process has shut down. Clones share the state.
#[derive(Clone, Debug, Default)]
pub struct Shutdown {
    /// Nothing new is accepted.
    pub draining: CancellationToken,
    /// Time is up: work releases its leases.
    pub aborting: CancellationToken,
    /// Everything has stopped.
    pub done: CancellationToken,
    /// Background work.
    pub tasks: TaskTracker,
}

/// How long releasing leases may take: one write to the database.
const ABORT: Duration = Duration::from_secs(3);

impl Shutdown {
    /// Runs the three steps. Work that takes longer than `patience` releases its leases.
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
