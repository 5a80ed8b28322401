//! The life of an upload: announced, landed, checked, published; and its cleanup when no client continues.

mod abort;
mod announce;
mod confirm;
mod finish;
pub mod queries;
mod reconcile;
mod renew;
mod staging;
pub mod state_machine;
mod turn;
mod whole;

pub use abort::{AbortError, abort};
pub use announce::{AnnounceError, Announcement, announce, announce_many, presign};
pub use confirm::{ConfirmError, Confirmed, confirm, rejection};
pub use finish::CheckError;
pub use reconcile::reconcile;
pub use renew::renew;
pub use staging::check_many;
pub use turn::check_in_turn;
pub use whole::{Content, Whole, WholeFile, confirm_whole, resume_whole, store_whole};
