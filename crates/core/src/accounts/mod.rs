//! Accounts: what opens one, who may try a password, what an account holds, and its end.

mod delete;
pub mod email;
mod login_attempt;
pub mod queries;
mod register;

pub use delete::delete;
pub use login_attempt::{LoginAttempt, account, name_nobody_has};
pub use register::{NewAccount, RegisterError};
