//! Accounts: registration, login, usage and deletion.

mod delete;
mod device;
mod email;
mod log_in;
mod login_attempt;
pub mod queries;
mod recent;
mod register;
mod session;
pub mod sessions;

pub use delete::delete;
pub use device::device;
pub use log_in::{LogInError, ask_again, log_in, register};
pub use login_attempt::name_nobody_has;
pub use recent::{RecentCredentials, USED, was_used};
pub use register::{NewAccount, RegisterError};
pub use session::{By, SessionError, SessionKey};
