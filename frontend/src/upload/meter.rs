//! The upload speed, and the remaining time.

/// A reading is smoothed over about this many seconds.
const SMOOTH: f64 = 4.0;
/// After this many seconds without a byte, the upload has stalled.
const STALL: f64 = 8.0;

/// Measures the speed from samples of the sent bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Meter {
    at: f64,
    sent: u64,
    moved_at: f64,
    rate: f64,
}

impl Meter {
    /// Adds a sample at a time in seconds. If the count has gone down, it starts anew.
    pub fn read(&mut self, now: f64, sent: u64) {
        if self.at == 0.0 || sent < self.sent {
            *self = Self {
                at: now,
                sent,
                moved_at: now,
                rate: 0.0,
            };
            return;
        }
        let passed = now - self.at;
        if passed <= 0.0 {
            return;
        }
        #[expect(
            clippy::cast_precision_loss,
            reason = "a speed needs no more than a few digits"
        )]
        let rate = (sent - self.sent) as f64 / passed;
        let weight = if self.rate == 0.0 {
            1.0
        } else {
            (passed / SMOOTH).min(1.0)
        };
        self.rate += (rate - self.rate) * weight;
        if sent > self.sent {
            self.moved_at = now;
        }
        (self.at, self.sent) = (now, sent);
    }

    /// Bytes a second.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a speed is never negative and needs no fraction"
    )]
    pub fn rate(&self) -> u64 {
        self.rate as u64
    }

    /// Seconds for this many more bytes.
    pub fn seconds_for(&self, bytes: u64) -> Option<u64> {
        bytes.checked_div(self.rate())
    }

    /// Whether nothing was sent for a while.
    pub fn has_stalled(&self) -> bool {
        self.at - self.moved_at > STALL
    }
}
