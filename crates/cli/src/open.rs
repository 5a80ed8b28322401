//! `tt open`.

use std::env;
use std::process::Command;

use tintype_dto::ImageLinks;
use ureq::http::Uri;
use ureq::http::uri::PathAndQuery;

use crate::api::Api;
use crate::error::Error;
use crate::{address, chosen, credentials};

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
        Some(text) => of(&api, &chosen::image(&api, text)?.links)?,
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

/// A browser opens anything, files too, and programs by schemes of their own: what the server says is opened only on the server itself, or, as
/// a private picture has no page, at an address that anything may be sent to.
fn of(api: &Api, links: &ImageLinks) -> Result<String, Error> {
    let address = links.page.as_ref().unwrap_or(&links.original);
    let uri: Option<Uri> = address.parse().ok();
    let opened = uri.filter(|uri| address::check(uri).is_ok()).map(|uri| {
        let path = uri.path_and_query().map_or("/", PathAndQuery::as_str);
        match links.page {
            Some(_) => api.server.url(path),
            None => uri.to_string(),
        }
    });
    opened.ok_or_else(|| Error::Denied(format!("{address} is no address to open.")))
}
