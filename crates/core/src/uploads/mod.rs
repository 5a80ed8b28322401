//! The life of an upload: announced, landed, checked, published; and what becomes of it when no client goes on.

mod abort;
mod announce;
mod finish;
pub mod queries;
mod reconcile;
mod renew;
mod staging;
pub mod state_machine;
mod turn;

pub use abort::abort;
pub use announce::{AnnounceError, Announced, announced, check, new_upload, presign};
pub use finish::CheckError;
pub use reconcile::{end_aborted, reconcile, reject_poisoned};
pub use renew::renew;
pub use staging::check_many;
pub use turn::check_in_turn;
