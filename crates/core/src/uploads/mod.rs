//! The life of an upload: announced, landed, checked, published; and what becomes of it when no client goes on.

mod abort;
mod announce;
mod finish;
mod looking;
pub mod machine;
pub mod queries;
mod renew;
mod turn;
mod visit;

pub use abort::abort;
pub use announce::{AnnounceError, Announced, announced, check, new_upload, presign};
pub use finish::CheckError;
pub use looking::look_at_many;
pub use renew::renew;
pub use turn::check_in_turn;
pub use visit::{end_aborted, give_up, visit};
