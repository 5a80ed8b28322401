#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
//! Pictures with everything in them that gives an owner away, and pictures made to hurt.

mod bombs;
mod cleaning;
mod fixtures;
mod fuzz;
mod hostile;
mod mended;
mod orientation;
mod pictures;
#[cfg(feature = "render")]
mod rendering;
mod second_reader;
mod tiff;
mod verdicts;
