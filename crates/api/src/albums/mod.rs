//! Albums, as their owners see them.

mod contents;
mod present;
mod routes;

use present::{members, present};
pub use routes::router;
