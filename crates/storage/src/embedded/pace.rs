//! The slowest rate for request bodies.

use std::time::Duration;

/// The slowest rate for the body of a PUT. A slower one gets 400 `RequestTimeout`, and nothing is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// The longest pause between two pieces.
    pub pause: Duration,
    /// The time that any body has, however small.
    pub least: Duration,
    /// Every this many bytes of its announced size give a body a second more.
    pub bytes_per_second: u64,
}

impl Default for Pace {
    /// Pauses of 30 s, a minute for any body, and 16 KiB a second beyond that: 25 MB may take 26 minutes.
    fn default() -> Self {
        Self {
            pause: Duration::from_secs(30),
            least: Duration::from_mins(1),
            bytes_per_second: 16 * 1024,
        }
    }
}

impl Pace {
    /// The total time for a body of `size` bytes.
    pub(super) fn limit(&self, size: u64) -> Duration {
        self.least
            .saturating_add(Duration::from_secs(size / self.bytes_per_second.max(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_larger_body_may_take_longer() {
        let pace = Pace {
            bytes_per_second: 100,
            ..Pace::default()
        };
        assert_eq!(
            [0, 99, 1000].map(|size| pace.limit(size).as_secs()),
            [60, 60, 70]
        );
        assert!(
            Pace {
                bytes_per_second: 0,
                ..pace
            }
            .limit(u64::MAX)
                >= Duration::from_secs(u64::MAX)
        );
    }
}
