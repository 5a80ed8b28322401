//! The calls that need no token.

use gloo_net::http::Method;
use serde::de::DeserializeOwned;
use tintype_dto::{Limits, LogIn, RegisterUser, Session, UploadClients, paths};

use super::ApiError;
use super::transport::{self, body};

/// The calls that anyone may make.
#[derive(Clone, Copy, Debug, Default)]
pub struct Public;

impl Public {
    /// Registers an account and starts a session.
    pub async fn register(self, account: &RegisterUser) -> Result<Session, ApiError> {
        call(Method::POST, paths::REGISTER, body(account)).await
    }

    /// Logs in.
    pub async fn log_in(self, credentials: &LogIn) -> Result<Session, ApiError> {
        call(Method::POST, paths::LOG_IN, body(credentials)).await
    }

    /// What an upload may be, and whether accounts can be made.
    pub async fn limits(self) -> Result<Limits, ApiError> {
        call(Method::GET, paths::LIMITS, None).await
    }

    /// The programs that settings are made for.
    pub async fn clients(self) -> Result<UploadClients, ApiError> {
        call(Method::GET, paths::CLIENTS, None).await
    }

    /// The file that sets a program up with this API token.
    pub async fn client(self, name: &str, token: &str) -> Result<String, ApiError> {
        let path = paths::CLIENT.replace("{name}", name);
        let answer = transport::send(Method::GET, &path, Some(token), None, None).await?;
        answer.text().await
    }
}

async fn call<T: DeserializeOwned>(
    method: Method,
    path: &str,
    body: Option<String>,
) -> Result<T, ApiError> {
    transport::send(method, path, None, body, None)
        .await?
        .json()
        .await
}
