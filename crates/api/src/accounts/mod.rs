//! Accounts: registration, log-in, and who is asking.

mod email;
mod open;
mod passwords;
pub mod queries;
mod routes;
mod session;
mod tokens;

pub use open::NewAccount;
pub use passwords::Passwords;
pub use routes::router;
pub use session::CurrentUser;
pub use tokens::Tokens;
