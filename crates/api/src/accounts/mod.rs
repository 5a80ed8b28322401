//! Accounts: registration, log-in, who is asking, and the end of sessions and accounts.

mod close;
mod email;
mod guess;
mod known;
mod open;
mod own;
mod passwords;
pub mod queries;
mod routes;
mod session;
mod tokens;

pub use close::close;
pub(crate) use guess::name_nobody_has;
pub use known::{KnownAddresses, forget as forget_addresses};
pub use open::NewAccount;
pub use passwords::{COSTS, Passwords};
pub use routes::router;
pub use session::CurrentUser;
pub use tokens::Tokens;
