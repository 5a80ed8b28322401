//! Accounts: registration, login, usage and deletion.

mod delete;
mod email;
mod log_in;
mod login_attempt;
pub mod queries;
mod register;
mod session;

pub use delete::delete;
pub use log_in::{LogInError, ask_again, log_in, register};
pub use login_attempt::name_nobody_has;
pub use register::{NewAccount, RegisterError};
pub use session::{By, SessionError, SessionKey};
