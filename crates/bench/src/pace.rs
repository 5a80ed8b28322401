//! Arrivals at a fixed rate, whatever becomes of those before.

use std::cell::Cell;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

use crate::numbers::float;

/// More than ever wait for an arrival.
const ALL: usize = 1 << 20;

/// A clock that says when the next job is due. The runtime's own timer counts in milliseconds, so a thread sleeps for it.
pub struct Pace {
    due: Arc<Semaphore>,
    timetable: Timetable,
    next: Cell<u64>,
}

#[derive(Clone, Copy)]
struct Timetable {
    start: Instant,
    interval: Duration,
    end: Instant,
}

impl Timetable {
    fn at(&self, turn: u64) -> Instant {
        self.start + self.interval.mul_f64(float(turn))
    }
}

impl Pace {
    /// So many a second, for this time. Those that are due within `grain` come together: waking for each would take the machine from
    /// what is measured.
    pub fn begin(per_second: f64, time: Duration, grain: Duration) -> Self {
        // A moment for the thread to start.
        let start = Instant::now() + Duration::from_millis(2);
        let timetable = Timetable {
            start,
            interval: Duration::from_secs_f64(1.0 / per_second.clamp(0.1, 1e6)),
            end: start + time,
        };
        let due = Arc::new(Semaphore::new(0));
        let ticket = due.clone();
        thread::spawn(move || tick(&ticket, timetable, grain));
        Self {
            due,
            timetable,
            next: Cell::new(0),
        }
    }

    /// Waits for the next one that nobody else has: its number and when it is due. `None`: there is none left.
    pub async fn next(&self) -> Option<(u64, Instant)> {
        self.due.acquire().await.ok()?.forget();
        let turn = self.next.get();
        self.next.set(turn + 1);
        let due = self.timetable.at(turn);
        (due < self.timetable.end).then_some((turn, due))
    }
}

fn tick(due: &Arc<Semaphore>, timetable: Timetable, grain: Duration) {
    let mut turn = 0;
    // The others have gone when this holds the last one.
    while timetable.at(turn) < timetable.end && Arc::strong_count(due) > 1 {
        let until = timetable.at(turn).saturating_duration_since(Instant::now());
        thread::sleep(until.max(grain));
        let now = Instant::now();
        let mut arrived = 0;
        while timetable.at(turn) <= now.min(timetable.end) {
            arrived += 1;
            turn += 1;
        }
        due.add_permits(arrived);
    }
    due.add_permits(ALL);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn as_many_arrive_as_the_rate_says_and_none_early() {
        for grain in [Duration::ZERO, Duration::from_millis(5)] {
            fifty_in_a_tenth_of_a_second(grain).await;
        }
    }

    async fn fifty_in_a_tenth_of_a_second(grain: Duration) {
        let pace = Pace::begin(500.0, Duration::from_millis(100), grain);
        let mut turns = 0;
        while let Some((turn, due)) = pace.next().await {
            assert_eq!(turn, turns);
            assert!(due <= Instant::now());
            turns += 1;
        }
        assert_eq!(turns, 50);
    }
}
