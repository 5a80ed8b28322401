//! Accounts: registration, login, the current user, and changes to one's own account.

mod credentials;
mod device;
mod me;
mod routes;
mod sessions;
mod tokens;

pub use credentials::{
    Bearer, Checked, CurrentUser, SentToken, ToDelete, ToRead, ToUpload, ToWrite, for_address,
    in_address,
};
pub use routes::router;
