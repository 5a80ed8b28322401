//! What happens to a file on this device before it is announced: it is looked at, cleaned and hashed, in a worker that loads the same
//! module as the page, so that the page stays quick. The server does all of it again.

mod choice;
mod inspector;
#[cfg(test)]
mod tests;
mod worker;

use serde::{Deserialize, Serialize};
use tintype_dto::{Limits, RemovedCode};

pub use choice::{provide_cleaning, use_cleaning};
pub use inspector::{Inspector, Ready};
pub use worker::listen;

/// What the worker is asked, with the file beside it.
#[derive(Deserialize, Serialize)]
struct Order {
    id: u32,
    limits: Limits,
    /// Whether what gives the owner away is cut.
    clean: bool,
}

/// What the worker answers, with the cleaned bytes beside it where something was cut.
#[derive(Deserialize, Serialize)]
enum Report {
    /// It listens.
    Ready,
    /// It has looked.
    Done { id: u32, found: Found },
}

/// What was found in a file.
#[derive(Deserialize, Serialize)]
enum Found {
    /// A picture.
    Picture {
        /// As found in the bytes.
        media_type: String,
        /// SHA-256 of what is sent, as hex, where the browser can.
        sha256: Option<String>,
        /// What was cut.
        removed: Vec<RemovedCode>,
    },
    /// It can't be read, or is nothing that the server would take: why, in words.
    Refused(String),
}
