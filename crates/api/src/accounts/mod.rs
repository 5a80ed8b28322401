//! Accounts: registration, login, the current user, and changes to one's own account.

mod credentials;
mod me;
mod routes;
mod tokens;

pub use credentials::{
    Bearer, Checked, CurrentUser, ToDelete, ToRead, ToUpload, ToWrite, in_address,
};
pub use routes::router;
