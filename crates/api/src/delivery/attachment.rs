//! What a download is called.

use axum::http::HeaderValue;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tintype_dto::is_called_a_picture;

use crate::problems::ApiError;

/// RFC 8187's attr-char.
const ATTR: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A file's name without the end that a picture's name has; any other dot belongs to the name.
pub fn stem(filename: &str) -> &str {
    filename
        .rsplit_once('.')
        .filter(|_| is_called_a_picture(filename))
        .map_or(filename, |(stem, _)| stem)
}

/// `Content-Disposition` with what the user calls it as display text alone: an ASCII fallback and RFC 8187, the extension from the type.
pub fn attachment(stem: &str, extension: &str) -> Result<HeaderValue, ApiError> {
    let stem = if stem.is_empty() { "image" } else { stem };
    let plain: String = stem
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || " -_.()".contains(c) {
                c
            } else {
                '_'
            }
        })
        .collect();
    let exact = utf8_percent_encode(stem, ATTR);
    HeaderValue::try_from(format!(
        "attachment; filename=\"{plain}.{extension}\"; filename*=UTF-8''{exact}.{extension}"
    ))
    .map_err(ApiError::internal)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn file_names_can_not_break_out_of_the_header() {
        let header = |name| {
            attachment(stem(name), "png")
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned()
        };
        assert_eq!(
            header("été.JPG"),
            "attachment; filename=\"_t_.png\"; filename*=UTF-8''%C3%A9t%C3%A9.png"
        );
        assert_eq!(
            header("a\"; x=\"\r\nb.png"),
            "attachment; filename=\"a__ x____b.png\"; filename*=UTF-8''a%22%3B%20x%3D%22%0D%0Ab.png"
        );
        assert_eq!(
            header(".png"),
            "attachment; filename=\"image.png\"; filename*=UTF-8''image.png"
        );
    }

    #[test]
    fn a_download_keeps_the_dots_of_a_name_without_an_extension() {
        for (name, shown) in [
            ("v1.2 final", "v1.2 final"),
            ("Dr.No", "Dr.No"),
            ("2026.05.01", "2026.05.01"),
            ("page.html", "page.html"),
            ("holiday.jpg.webp", "holiday.jpg"),
            ("v1.2.HEIC", "v1.2"),
        ] {
            let header = attachment(stem(name), "jpg").unwrap();
            assert!(
                header
                    .to_str()
                    .unwrap()
                    .starts_with(&format!("attachment; filename=\"{shown}.jpg\"; ")),
                "{header:?}"
            );
        }
    }
}
