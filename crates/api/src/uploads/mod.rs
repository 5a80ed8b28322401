//! The life of an upload, as its client sees it: presign, the client's PUT, confirm.

mod bulk;
mod present;
mod repeat;
mod routes;
mod whole;

pub use routes::{announce_router, router};
pub use whole::{WholePlaces, router as whole_router};
