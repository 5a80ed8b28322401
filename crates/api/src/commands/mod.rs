//! What each subcommand does.

mod by_hand;
mod doctor;
mod processes;

pub use by_hand::{Image, Migrate, User, image, migrate, user};
pub use doctor::doctor;
pub use processes::{healthcheck, serve, storage, worker};
