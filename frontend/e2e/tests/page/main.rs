//! The page in headless Chromium against the real server, by what people see and do.
//!
//! Needs `target/debug/tintype`, `target/dist`, Chromium and ChromeDriver; `just test` brings them all.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod access;
mod browser;
mod collection;
mod driver;
mod exif;
mod files;
mod publishing;
mod server;
mod sessions;
mod settings;
mod uploading;
