//! The time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

/// The time, as every rule sees it. Tests move it forward.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    ahead_ms: Arc<AtomicI64>,
}

impl Clock {
    /// Now, at microseconds: that is what PostgreSQL keeps.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        (Utc::now() + TimeDelta::milliseconds(self.ahead_ms.load(Ordering::Relaxed)))
            .trunc_subsecs(6)
    }

    /// Moves this clock and its clones forward, by as many milliseconds as it takes at least.
    pub fn advance(&self, by: TimeDelta) {
        let least = by + TimeDelta::microseconds(999);
        self.ahead_ms
            .fetch_add(least.num_milliseconds(), Ordering::Relaxed);
    }
}
