//! The staging objects of many uploads, from one listing.

use std::collections::HashMap;

use tintype_storage::{ObjectInfo, StoreError};

use super::state_machine::Found;
use crate::db::ImageId;
use crate::db::upload::{Model, State};
use crate::services::Services;

/// From this many on, a listing costs less than one HEAD each: R2 bills it like twelve of them.
const MANY: usize = 16;
/// How many pages are read. Objects behind them are looked up one by one.
const PAGES: usize = 3;

/// The staging objects of uploads that wait for their file; empty if there are too few of them.
pub async fn check_many(
    services: &Services,
    uploads: &[Model],
) -> Result<HashMap<ImageId, Found>, StoreError> {
    let is_awaited = |upload: &&Model| {
        upload.state == State::Pending && !services.pipeline.is_in_line(upload.id)
    };
    let mut awaited: Vec<_> = uploads.iter().filter(is_awaited).collect();
    awaited.sort_unstable_by(|a, b| a.staging_key.cmp(&b.staging_key));
    let (Some(first), Some(last)) = (awaited.first(), awaited.last()) else {
        return Ok(HashMap::new());
    };
    if awaited.len() < MANY {
        return Ok(HashMap::new());
    }
    let folder = first
        .staging_key
        .split_inclusive('/')
        .next()
        .unwrap_or_default();
    let last = last.staging_key.clone();
    // Sorts before the first key, which begins with it.
    let mut after = first
        .staging_key
        .get(..first.staging_key.len() - 1)
        .unwrap_or_default()
        .to_owned();
    let mut listed = HashMap::new();
    let mut seen_to = None;
    for _ in 0..PAGES {
        let page = services.store.list(folder, Some(&after)).await?;
        listed.extend(page.items.into_iter().map(|object| {
            (
                object.key,
                ObjectInfo {
                    size_bytes: object.size_bytes,
                },
            )
        }));
        match page.next {
            Some(next) if next < last => after = next,
            _ => {
                seen_to = Some(last);
                break;
            }
        }
    }
    let seen_to = seen_to.unwrap_or(after);
    let seen = awaited
        .into_iter()
        .filter(|upload| upload.staging_key <= seen_to);
    Ok(seen
        .map(|upload| {
            (
                upload.id,
                Found::of(listed.get(&upload.staging_key).copied()),
            )
        })
        .collect())
}
