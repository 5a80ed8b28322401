//! Progress on standard error: a bar for everything and one for each file on its way, where that is a terminal; a line for each file that has ended.

use std::borrow::Cow;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::files::Source;
use crate::terminal::{shown, tell};

const FILE: &str = "{bytes:>10}/{total_bytes:<10} {bar:20} {wide_msg}";
const ALL: &str = "{msg}: {bytes}/{total_bytes} {wide_bar} {bytes_per_sec}, {eta} left";

/// See the module.
pub struct Progress {
    bars: MultiProgress,
    all: ProgressBar,
    quiet: bool,
}

impl Progress {
    /// Of so many files.
    pub fn new(files: &[Source], quiet: bool) -> Self {
        let bars = MultiProgress::new();
        if quiet {
            bars.set_draw_target(ProgressDrawTarget::hidden());
        }
        let all = ProgressBar::new(
            files
                .iter()
                .fold(0, |all, file| file.size.saturating_add(all)),
        );
        let count = match files.len() {
            1 => "1 file".into(),
            count => format!("{count} files"),
        };
        let all = bars.add(all).with_style(style(ALL)).with_message(count);
        Self { bars, all, quiet }
    }

    /// A bar for a file, before that of everything.
    pub fn begin(&self, file: &Source) -> ProgressBar {
        let bar = self
            .bars
            .insert_before(&self.all, ProgressBar::new(file.size));
        bar.with_style(style(FILE))
            .with_message(Cow::from(shown(&file.name)))
    }

    /// The file has ended, however it did.
    pub fn end(&self, bar: &ProgressBar, file: &Source) {
        bar.finish_and_clear();
        self.bars.remove(bar);
        self.all.inc(file.size);
    }

    /// A line about a file.
    pub fn say(&self, line: &str) {
        if !self.quiet {
            self.complain(line);
        }
    }

    /// A line about what went wrong, which is said in any case.
    pub fn complain(&self, line: &str) {
        self.bars.suspend(|| tell(line));
    }

    /// Writes somewhere else that may be the same terminal.
    pub fn quietly<T>(&self, write: impl FnOnce() -> T) -> T {
        self.bars.suspend(write)
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
