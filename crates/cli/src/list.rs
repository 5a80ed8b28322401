//! `tt list`.

use tintype_dto::{Image, MAX_PAGE_LIMIT};

use crate::args::List;
use crate::credentials;
use crate::error::Error;
use crate::terminal::{print, size, tell};

/// Prints images, the newest first, page by page.
pub fn run(list: &List) -> Result<(), Error> {
    let api = credentials::api()?;
    let (mut left, mut cursor) = (list.limit, None::<String>);
    while left > 0 {
        let limit = left.min(MAX_PAGE_LIMIT.into()).to_string();
        let parameters = [
            ("limit", Some(&limit)),
            ("q", list.search.as_ref()),
            ("cursor", cursor.as_ref()),
        ];
        let given = parameters
            .into_iter()
            .filter_map(|(name, value)| Some(format!("{name}={}", encoded(value?))));
        let query = given.collect::<Vec<_>>().join("&");
        let page = api.list(&query)?;
        for image in &page.items {
            print(
                &list
                    .format
                    .map_or_else(|| row(image), |format| format.write(image)),
            )?;
        }
        left = left.saturating_sub(page.items.len());
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(());
        }
    }
    let limit = list.limit;
    if limit > 0 {
        tell(&format!(
            "there are more than these {limit}: `--limit N` shows more"
        ));
    }
    Ok(())
}

fn row(image: &Image) -> String {
    format!(
        "{}  {}  {:>11}  {:>8}  {}  {}",
        image.id,
        image.created_at.format("%Y-%m-%d"),
        format!("{}x{}", image.width, image.height),
        size(image.size_bytes),
        image.links.original,
        image.title.as_ref().unwrap_or(&image.filename),
    )
}

/// Text in a query.
fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
