//! Accounts: registration, log-in, who is asking, and the end of sessions and accounts.

mod close;
mod email;
mod guess;
mod open;
mod own;
mod passwords;
pub mod queries;
mod routes;
mod session;
mod tokens;

pub use close::close;
pub use open::NewAccount;
pub use passwords::Passwords;
pub use routes::router;
pub use session::CurrentUser;
pub use tokens::Tokens;
