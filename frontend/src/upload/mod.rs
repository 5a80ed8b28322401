//! Uploading: the queue as a state machine, a driver that executes its commands, and the view.

mod driver;
mod drop_zone;
mod failure;
mod files;
mod folders;
mod item;
mod meter;
mod put;
mod queue;
#[cfg(test)]
mod queue_tests;
mod row;
mod shared;
mod tray;

pub use driver::{Uploads, provide_uploads, use_uploads};
pub use shared::Shared;
pub use tray::UploadTray;

use crate::text::upload as text;
