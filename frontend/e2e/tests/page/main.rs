//! The page in headless Chromium against the real server, by what people see and do.
//!
//! Needs the server that `TINTYPE_BIN` names, or `target/debug/tintype` and `target/dist`, Chromium and ChromeDriver; `just test` brings them all.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod access;
mod albums;
mod browser;
mod clipboard;
mod collection;
mod driver;
mod ends;
mod exif;
mod files;
mod focus;
mod hands;
mod jumping;
mod keyboard;
mod later;
mod layers;
mod lightbox;
mod lighthouse;
mod looking;
mod main_thread;
mod modules;
mod moving;
mod one_link;
mod phone;
mod publishing;
mod review;
mod scale;
mod screenshots;
mod selecting;
mod server;
mod sessions;
mod settings;
mod startup;
mod storage;
mod tabs;
mod tour;
mod trash;
mod tray;
mod uploading;
mod viewer;
mod wall;
mod wire;
