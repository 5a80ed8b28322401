//! `tt open`.

use std::env;
use std::process::Command;

use crate::error::Error;
use crate::{chosen, credentials};

/// What a desktop opens addresses with.
const OPENER: &str = if cfg!(target_os = "macos") {
    "open"
} else {
    "xdg-open"
};

/// Opens an image's page, a private one's picture, or the gallery.
pub fn run(image: Option<&str>) -> Result<(), Error> {
    let api = credentials::api()?;
    let address = match image {
        None => api.server.url("/"),
        Some(text) => {
            let links = chosen::image(&api, text)?.links;
            links.page.unwrap_or(links.original)
        }
    };
    let browser = env::var("BROWSER")
        .ok()
        .filter(|browser| !browser.is_empty());
    let program = browser.unwrap_or_else(|| OPENER.into());
    let ended = Command::new(&program).arg(&address).status();
    let ended = ended.map_err(Error::local(format!(
        "{program} can't be started; open {address} yourself"
    )))?;
    if ended.success() {
        Ok(())
    } else {
        Err(Error::Denied(format!(
            "{program} could not open it; open {address} yourself."
        )))
    }
}
