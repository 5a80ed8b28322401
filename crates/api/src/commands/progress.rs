//! How far long work is, on standard error: a bar on a terminal, a line for each step elsewhere.

use std::io::{IsTerminal, Write, stderr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tintype_core::backup::{Progress, Step};

/// How often the bar is drawn.
const DRAWN: Duration = Duration::from_millis(200);
/// How long it is.
const WIDTH: u64 = 24;

/// See the module.
#[derive(Default)]
pub struct Bar(Mutex<Option<Running>>);

struct Running {
    step: Step,
    total: u64,
    done: u64,
    began: Instant,
    drawn: Option<Instant>,
}

impl Progress for Bar {
    fn begin(&self, step: Step, total: u64) {
        self.end();
        let running = Running {
            step,
            total,
            done: 0,
            began: Instant::now(),
            drawn: None,
        };
        if !stderr().is_terminal() {
            eprintln!("{step}.");
        }
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(running);
    }

    fn advance(&self, done: u64) {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = running.as_mut() {
            running.done += done;
            let is_due = running.drawn.is_none_or(|drawn| drawn.elapsed() >= DRAWN);
            if is_due && stderr().is_terminal() {
                running.drawn = Some(Instant::now());
                // Nobody may be looking any more.
                let _ = write!(stderr(), "\r\x1b[K{}", running.line());
            }
        }
    }
}

impl Bar {
    /// Clears it.
    pub fn end(&self) {
        let running = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if running.is_some() && stderr().is_terminal() {
            let _ = write!(stderr(), "\r\x1b[K");
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.end();
    }
}

impl Running {
    fn line(&self) -> String {
        if matches!(self.step, Step::Rows | Step::Load) {
            return format!("{}: {}", self.step, self.done);
        }
        let done = self.done.min(self.total);
        let full = (done * WIDTH).checked_div(self.total).unwrap_or(WIDTH);
        let bar: String = (0..WIDTH)
            .map(|place| if place < full { '#' } else { '.' })
            .collect();
        let seconds = self.began.elapsed().as_secs();
        let rate = self.done.checked_div(seconds).unwrap_or(0);
        let left = (self.total - done).checked_div(rate).unwrap_or(0);
        format!(
            "{} {bar} {} of {}, {}/s, {left} s left",
            self.step,
            size(done),
            size(self.total),
            size(rate)
        )
    }
}

/// A number of bytes for people.
pub fn size(bytes: u64) -> String {
    let (unit, name) = match bytes {
        0..1_000 => return format!("{bytes} B"),
        1_000..1_000_000 => (1_000, "KB"),
        1_000_000..1_000_000_000 => (1_000_000, "MB"),
        _ => (1_000_000_000, "GB"),
    };
    format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit)
}
