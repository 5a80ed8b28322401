//! The life of an upload: presign, the client's PUT, confirm; or the worker, when no client confirms.

mod abort;
mod announce;
mod bulk;
mod estimate;
mod finish;
pub mod machine;
mod present;
pub mod queries;
mod routes;
mod visit;
mod workshop;

pub use finish::FinalKeys;
pub use routes::router;
pub use visit::visit;
pub use workshop::Workshop;
