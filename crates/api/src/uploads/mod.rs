//! The life of an upload: presign, the client's PUT, confirm; or the worker, when no client confirms.

mod abort;
mod announce;
mod bench;
mod bulk;
mod estimate;
mod finish;
mod line;
mod looking;
pub mod machine;
mod present;
pub mod queries;
mod renew;
mod routes;
mod turn;
mod visit;
mod workshop;

pub use finish::FinalKeys;
pub use line::Weight;
pub use looking::look_at_many;
pub use renew::renew;
pub use routes::router;
pub use turn::check_in_turn;
pub use visit::visit;
pub use workshop::Workshop;
