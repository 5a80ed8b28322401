//! Accounts: registration, log-in, and who is asking.

mod email;
mod passwords;
mod queries;
mod routes;
mod session;
mod tokens;

pub use passwords::Passwords;
pub use routes::router;
pub use session::CurrentUser;
pub use tokens::Tokens;
