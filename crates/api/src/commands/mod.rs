//! What each subcommand does.

mod audit;
mod by_hand;
mod doctor;
mod processes;
mod sweep;

pub use audit::{Audit, audit};
pub use by_hand::{Image, Migrate, User, image, migrate, user};
pub use doctor::doctor;
pub use processes::{healthcheck, serve, storage, worker};
pub use sweep::{Sweep, sweep};
