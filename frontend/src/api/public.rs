//! The calls that need no token.

use gloo_net::http::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tintype_dto::{Limits, LogIn, RegisterUser, Session};

use super::{ApiError, transport, urls};

/// The calls that anyone may make.
#[derive(Clone, Copy, Debug, Default)]
pub struct Public;

impl Public {
    /// Opens an account and a session.
    pub async fn register(self, account: &RegisterUser) -> Result<Session, ApiError> {
        call(Method::POST, &urls::register(), Some(account)).await
    }

    /// Opens a session.
    pub async fn log_in(self, credentials: &LogIn) -> Result<Session, ApiError> {
        call(Method::POST, &urls::log_in(), Some(credentials)).await
    }

    /// What an upload may be, and whether accounts can be made.
    pub async fn limits(self) -> Result<Limits, ApiError> {
        call(Method::GET, &urls::limits(), None::<&()>).await
    }
}

async fn call<T: DeserializeOwned>(
    method: Method,
    url: &str,
    body: Option<&impl Serialize>,
) -> Result<T, ApiError> {
    transport::send(method, url, None, body).await?.json().await
}
