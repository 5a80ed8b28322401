//! How far long work is, on standard error: a bar on a terminal, a line for each step elsewhere.

use std::sync::{Mutex, PoisonError};

use indicatif::{ProgressBar, ProgressStyle};
use tintype_api::imports;
use tintype_core::backup::{Progress, Step};

const BYTES: &str = "{msg}: {bytes}/{total_bytes} {wide_bar} {bytes_per_sec}, {eta} left";
const FILES: &str = "{msg}: {pos}/{len} {wide_bar} {eta} left";
/// How many there are is known at the end.
const ROWS: &str = "{msg}: {pos}";

/// See the module. The bar goes with it.
pub struct Bar(Mutex<ProgressBar>);

impl Default for Bar {
    fn default() -> Self {
        Self(Mutex::new(ProgressBar::hidden()))
    }
}

impl Progress for Bar {
    fn begin(&self, step: Step, total: u64) {
        let template = match step {
            Step::Rows | Step::Load | Step::Rebuild => ROWS,
            Step::Objects | Step::Check | Step::PutBack => BYTES,
        };
        self.turn_to(template, &step.to_string(), total);
    }

    fn advance(&self, done: u64) {
        self.go_on(done);
    }
}

impl imports::Progress for Bar {
    fn begin(&self, files: u64) {
        self.turn_to(FILES, "Importing", files);
    }

    fn advance(&self) {
        self.go_on(1);
    }
}

impl Bar {
    fn turn_to(&self, template: &str, step: &str, total: u64) {
        let style = ProgressStyle::with_template(template);
        let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
        let next = ProgressBar::new(total).with_style(style);
        if next.is_hidden() {
            eprintln!("{step}.");
        }
        let mut bar = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        bar.finish_and_clear();
        *bar = next.with_message(step.to_owned());
    }

    fn go_on(&self, done: u64) {
        let bar = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        bar.inc(done);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        let bar = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        bar.finish_and_clear();
    }
}
