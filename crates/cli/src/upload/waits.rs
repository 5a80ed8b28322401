//! Pauses, and the end of a run that would go on failing.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::thread::sleep;
use std::time::Duration;

use tintype_dto::ProblemCode;

use super::progress::Progress;
use crate::error::Error;

/// How long a file rests each time that its way breaks off, seconds.
const PAUSES: [u64; 3] = [1, 4, 12];
/// The longest that the server may let a file wait, all pauses together.
const PATIENCE: Duration = Duration::from_mins(30);
/// How many files in a row may find nobody.
const LOST: usize = 3;

/// What the files of a run know of each other's failures.
pub struct Waits<'a> {
    progress: &'a Progress,
    stopped: AtomicBool,
    /// Files in a row that found nobody.
    lost: AtomicUsize,
    told_of_break: AtomicBool,
    told_of_pause: AtomicBool,
}

impl<'a> Waits<'a> {
    pub fn new(progress: &'a Progress) -> Self {
        Self {
            progress,
            stopped: AtomicBool::new(false),
            lost: AtomicUsize::new(0),
            told_of_break: AtomicBool::new(false),
            told_of_pause: AtomicBool::new(false),
        }
    }

    /// Nothing more is begun, and nobody waits any longer. Whether that is new.
    pub fn stop(&self) -> bool {
        !self.stopped.swap(true, Relaxed)
    }

    pub fn has_stopped(&self) -> bool {
        self.stopped.load(Relaxed)
    }

    /// A file is done: the server is there.
    pub fn done(&self) {
        self.lost.store(0, Relaxed);
        self.told_of_break.store(false, Relaxed);
    }

    /// A file has failed. Whether its line is said: one is enough of what would befall every other.
    pub fn failed(&self, error: &Error) -> bool {
        let of_all = match error.code() {
            Some(
                ProblemCode::Unauthenticated
                | ProblemCode::AccountDisabled
                | ProblemCode::InsufficientScope
                | ProblemCode::QuotaExceeded,
            ) => true,
            _ => error.is_absence() && self.lost.fetch_add(1, Relaxed) + 1 >= LOST,
        };
        if of_all {
            self.stop()
        } else {
            // What waited when the run ended has nothing to add.
            !(self.has_stopped() && error.is_temporary())
        }
    }

    /// Tries again what breaks off, after a while each time; `call` is told whether it has broken off before.
    pub fn again<T>(&self, call: impl Fn(bool) -> Result<T, Error>) -> Result<T, Error> {
        let (mut pauses, mut broke_off) = (PAUSES.into_iter(), false);
        loop {
            let error = match call(broke_off) {
                Err(error) if error.is_temporary() => error,
                ended => return ended,
            };
            let Some(pause) = pauses.next().filter(|_| !self.has_stopped()) else {
                return Err(error);
            };
            if !self.told_of_break.swap(true, Relaxed) {
                let all: u64 = PAUSES.iter().sum();
                self.progress
                    .say(&format!("{error} Trying again for {all} s."));
            }
            if !self.rest(Duration::from_secs(pause)) {
                return Err(error);
            }
            broke_off = true;
        }
    }

    /// Waits as the server asks for it, as long as that is bearable.
    pub fn patiently<T>(&self, call: impl Fn() -> Result<T, Error>) -> Result<T, Error> {
        let mut waited = Duration::ZERO;
        loop {
            let (problem, wait) = match call() {
                Err(Error::Throttled(problem, wait)) => (problem, wait),
                ended => return ended,
            };
            waited = waited.saturating_add(wait);
            if waited <= PATIENCE && !self.told_of_pause.swap(true, Relaxed) {
                let seconds = wait.as_secs();
                self.progress
                    .say(&format!("waiting {seconds} s, as the server asks"));
            }
            if waited > PATIENCE || !self.rest(wait) {
                return Err(Error::Throttled(problem, wait));
            }
        }
    }

    /// Sleeps. `false`: it makes no sense any more.
    pub fn rest(&self, time: Duration) -> bool {
        let mut left = time;
        while !left.is_zero() && !self.has_stopped() {
            let some = left.min(Duration::from_millis(200));
            sleep(some);
            left -= some;
        }
        !self.has_stopped()
    }
}
