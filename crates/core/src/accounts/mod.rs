//! Accounts: what opens one, who may try a password, what an account holds, and its end.

mod close;
pub mod email;
mod guess;
mod open;
pub mod queries;

pub use close::close;
pub use guess::{Guess, account, name_nobody_has};
pub use open::{NewAccount, RegisterError};
