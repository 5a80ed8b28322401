#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
//! Pictures with everything in them that gives an owner away, and pictures made to hurt.

mod alone;
#[cfg(feature = "render")]
mod blocks;
mod bombs;
mod cleaning;
#[cfg(feature = "render")]
mod colours;
#[cfg(feature = "render")]
mod ends;
mod fixtures;
mod frames;
mod hostile;
mod inspecting;
mod jpeg_scans;
mod large;
mod limits;
#[cfg(feature = "render")]
mod memory;
mod mended;
mod orientation;
mod palettes;
mod pictures;
mod pixel_data;
mod profiles;
#[cfg(feature = "render")]
mod rendering;
#[cfg(feature = "render")]
mod sampling;
mod second_reader;
mod seeds;
mod tiff;
mod verdicts;
mod webp;
