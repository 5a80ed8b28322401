//! Accounts: registration, login, the current user, and changes to one's own account.

mod me;
mod routes;
mod session;

pub use routes::router;
pub use session::{Bearer, CurrentUser};
