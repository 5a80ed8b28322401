//! Which image is meant.

use tintype_dto::Image;
use uuid::Uuid;

use crate::address::origin;
use crate::api::Api;
use crate::error::Error;

/// The image with this id, this link, or this name in its links.
pub fn image(api: &Api, text: &str) -> Result<Image, Error> {
    if let Ok(id) = Uuid::parse_str(text) {
        return api.image(id);
    }
    let slug = slug(text)
        .ok_or_else(|| Error::Denied(format!("{text} is no image: give an id or a link.")))?;
    let image = api.image_by_slug(slug)?;
    if link(text).is_some_and(|link| !is_of(api, &image, &link)) {
        return Err(Error::Denied(format!(
            "{text} is no link to {}: give the id of an image to mean one there.",
            api.server.url("")
        )));
    }
    Ok(image)
}

/// What names a server; without a scheme, it has one of `https`.
fn link(text: &str) -> Option<String> {
    let (first, _) = text.split_once('/')?;
    if text.contains("://") {
        return Some(text.to_owned());
    }
    let is_host = first.contains(['.', ':']) || text.starts_with("//");
    is_host.then(|| format!("https://{}", text.trim_start_matches('/')))
}

/// Whether a link is on the server, or where the server says that its pages or pictures are.
fn is_of(api: &Api, image: &Image, link: &str) -> bool {
    let found = origin(link);
    let links = [Some(&image.links.original), image.links.page.as_ref()];
    let theirs = links.into_iter().flatten();
    api.server.has(link)
        || (found.is_some() && theirs.map(|own| origin(own)).any(|own| own == found))
}

/// `https://media.example.com/i/k3J9xQ2mVb7.jpg?exp=5` has `k3J9xQ2mVb7`.
fn slug(text: &str) -> Option<&str> {
    let path = text.split(['?', '#']).next()?;
    let name = path.rsplit('/').next()?;
    let slug = name.split('.').next()?;
    let is_one = !slug.is_empty()
        && slug
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    is_one.then_some(slug)
}

#[cfg(test)]
mod tests {
    use super::slug;

    #[test]
    fn a_slug_is_found_in_every_link() {
        for text in [
            "k3J9xQ2mVb7",
            "https://app.example/s/k3J9xQ2mVb7",
            "https://m.example/i/k3J9xQ2mVb7.jpg?exp=1&sig=x",
            "/i/k3J9xQ2mVb7.jpg#a",
        ] {
            assert_eq!(slug(text), Some("k3J9xQ2mVb7"), "{text}");
        }
        for bad in ["", "https://app.example/", "a b", "..", "%2e%2e"] {
            assert_eq!(slug(bad), None, "{bad}");
        }
    }
}
