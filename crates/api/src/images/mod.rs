//! Published images, as their owners see them.

mod cursor;
mod present;
pub mod queries;
mod routes;
mod visit;

pub use present::{content_type, present};
pub use routes::router;
pub use visit::visit;
