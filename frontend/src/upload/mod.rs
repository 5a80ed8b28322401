//! Uploading: the queue as a state machine, a driver that executes its commands, and the view.

mod browser;
mod copy_at_end;
mod driver;
mod drop_zone;
mod failure;
mod files;
mod fill_albums;
mod folders;
mod into_albums;
mod item;
mod meter;
mod put;
mod queue;
#[cfg(test)]
mod queue_tests;
mod row;
mod shared;
mod tray;
mod twins;
mod wake_lock;

pub use copy_at_end::{provide_copy_at_end, use_copy_at_end};
pub use driver::{Uploads, provide_uploads, use_uploads};
pub use fill_albums::fill_albums;
pub use queue::Queue;
pub use shared::Shared;
pub use tray::UploadTray;

use crate::text::upload as text;
