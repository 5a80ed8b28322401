//! Published images, as their owners see them.

mod bulk;
mod present;
mod routes;

pub use bulk::check_ids;
pub use present::present;
pub use routes::{after, deletion, router};
