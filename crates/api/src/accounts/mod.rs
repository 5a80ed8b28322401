//! Accounts: registration, log-in, who is asking, and what people do to their own account.

mod me;
mod routes;
mod session;

pub use routes::router;
pub use session::{Bearer, CurrentUser};
