//! Published images, as their owners see them.

mod bulk;
mod change;
mod cursor;
mod filter;
mod many;
mod present;
pub mod queries;
mod routes;
mod visibility;
mod visit;

pub use present::{content_type, present};
pub use routes::router;
pub use visit::visit;
