//! The life of an upload, as its client sees it: presign, the client's PUT, confirm.

mod bulk;
mod present;
mod routes;

pub use routes::{announce_router, router};
