//! Values that are never shown.

use std::fmt;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use hmac::{Hmac, KeyInit, Mac};
use rand::RngExt;
use serde::Deserialize;
use sha2::Sha256;

use crate::private;

/// A value that is never printed.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The value itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Derives a key for this purpose: a signature made for one is worthless for another.
    #[must_use]
    pub fn key(&self, purpose: &[u8]) -> Hmac<Sha256> {
        let mut mac = keyed(self.0.as_bytes());
        mac.update(purpose);
        keyed(&mac.finalize().into_bytes())
    }

    /// Reads the secret in this file, which no other user can read; creates it first if it is missing.
    ///
    /// # Errors
    /// When the file can't be read or written.
    pub fn kept_in(path: &Path) -> std::io::Result<Self> {
        private::existing_file(path)?;
        match std::fs::read_to_string(path) {
            Ok(text) if text.trim().len() >= 32 => Ok(Self(text.trim().to_owned())),
            Ok(_) => Err(std::io::Error::other(format!(
                "{} holds no secret; delete it to have a new one made",
                path.display()
            ))),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Self::make(path),
            Err(e) => Err(e),
        }
    }

    fn make(path: &Path) -> std::io::Result<Self> {
        let secret = hex::encode(rand::rng().random::<[u8; 32]>());
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)?;
        file.write_all(secret.as_bytes())?;
        file.sync_all()?;
        Ok(Self(secret))
    }
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    let Ok(mac) = Hmac::new_from_slice(key) else {
        unreachable!("HMAC takes keys of every length")
    };
    mac
}

impl From<String> for Secret {
    fn from(value: String) -> Self {
        Self(value)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}
