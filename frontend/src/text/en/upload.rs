//! The texts of the upload queue.

use tintype_dto::RemovedCode;

use crate::text;
pub use crate::text::{UNREADABLE, UPLOADS};

pub const DISCARD: &str = "Discard";
pub const DROP_HERE: &str = "Drop pictures to upload them";
pub const WAITING: &str = "Waiting";
pub const PREPARING: &str = "Getting ready";
pub const CHECKING: &str = "Checking the picture";
pub const CANCELLED: &str = "Cancelled";
pub const ALREADY_UPLOADED: &str = "Already uploaded";
pub const DONE: &str = "Done";
pub const STALLED: &str = "stalled";
pub const RETRY: &str = "Retry";
pub const RETRY_ALL: &str = "Retry failed";
pub const CANCEL: &str = "Cancel";
pub const CANCEL_ALL: &str = "Cancel all";
pub const COPY_ALL: &str = "Copy all";
pub const PAUSE: &str = "Pause";
pub const RESUME: &str = "Resume";
pub const PAUSED: &str = "Paused";
pub const TRYING_AGAIN: &str = "The connection broke off. Trying again.";
pub const TWIN: &str = "The same picture is already on its way.";
pub const LINKS_READY: &str = "Your links are ready.";
pub const FULL: &str = "Your storage is full.";
pub use crate::text::EMPTY_TRASH;
pub const THROTTLED: &str = "Many files are being checked. Uploads continue by themselves.";
pub const OFFLINE: &str = "No connection. Uploads continue when it's back.";
pub const NO_PICTURES: &str = "There are no pictures in that folder.";
pub const CLEAR: &str = "Clear";
pub const SHRINK: &str = "Hide the list of uploads";
pub const GROW: &str = "Show the list of uploads";
pub const NO_URL: &str = "The server gave no address to send to. Try again in a moment.";
pub const PUT_EXPIRED: &str =
    "The address to send to no longer works. Check this computer's clock, then retry.";
pub const PUT_BROKEN: &str = "The connection broke off. Check it and retry.";
pub const EMPTY: &str = "The file is empty.";

/// Why the store refused the file.
pub fn put_failed(status: u16) -> String {
    match status {
        0 => PUT_BROKEN.into(),
        507 => "The storage is full. Ask the operator, then retry.".into(),
        500.. => "The storage is busy. Retry in a moment.".into(),
        _ => format!(
            "The storage did not take the file (status {status}). Retry, or ask the operator."
        ),
    }
}

/// `Upload these 3 pictures?`
pub fn upload_shared(count: usize) -> String {
    let these = if count == 1 { "this" } else { "these" };
    let pictures = text::pictures(count);
    format!("Upload {these} {}?", pictures.trim_start_matches("1 "))
}

/// `Upload 3 pictures`.
pub fn upload_these(count: usize) -> String {
    format!("Upload {}", text::pictures(count))
}

/// `3 links copied`.
pub fn links_copied(count: usize) -> String {
    match count {
        1 => text::LINK_COPIED.into(),
        _ => format!("{count} links copied"),
    }
}

/// `Uploading 4 of 12`.
pub fn uploading(ended: usize, files: usize) -> String {
    format!("Uploading {} of {files}", (ended + 1).min(files))
}

/// `3 pictures uploaded`, `14 uploaded, 15 already uploaded, 1 not`.
pub fn ended(done: usize, already: usize, failed: usize) -> String {
    match (done, already, failed) {
        (_, 0, 0) => return format!("{} uploaded", text::pictures(done)),
        (0, _, 0) => return format!("{} already uploaded", text::pictures(already)),
        (0, 0, _) => return format!("{} not uploaded", text::pictures(failed)),
        _ => {}
    }
    let part = |count: usize, words| (count > 0).then(|| format!("{count} {words}"));
    let parts = [
        part(done, "uploaded"),
        part(already, "already uploaded"),
        part(failed, "not"),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// What is on its way when the queue is paused.
pub fn finishing(active: usize) -> String {
    format!("Finishing {active}, then paused")
}

/// How many files wait for a log in.
pub fn wait_for_log_in(count: usize) -> String {
    if count == 1 {
        "1 file waits, and is uploaded once you have logged in.".into()
    } else {
        format!("{count} files wait, and are uploaded once you have logged in.")
    }
}

/// How many other files a folder has.
pub fn left_out(others: usize) -> String {
    match others {
        1 => "1 other file in that folder was left out.".into(),
        _ => format!("{others} other files in that folder were left out."),
    }
}

/// `8 waiting`.
pub fn waiting(count: usize) -> String {
    format!("{count} waiting")
}

/// `8.2 MB/s · 14 s left`.
pub fn speed(bytes_per_second: u64, seconds_left: Option<u64>) -> String {
    let speed = format!("{}/s", text::file_size(bytes_per_second));
    match seconds_left {
        Some(seconds) if seconds >= 90 => format!("{speed} · {} min left", seconds.div_ceil(60)),
        Some(seconds) => format!("{speed} · {} s left", seconds.max(1)),
        None => speed,
    }
}

/// `64 %`.
pub fn percent(percent: u64) -> String {
    format!("{percent} %")
}

/// `location and serial number removed`; `None` if nothing was.
pub fn removed(codes: impl Iterator<Item = RemovedCode>) -> Option<String> {
    let words: Vec<_> = codes.map(RemovedCode::words).collect();
    match words.as_slice() {
        [] => None,
        [a, b, rest @ ..] if rest.len() > 1 => {
            Some(format!("{a}, {b} and {} more removed", rest.len()))
        }
        words => Some(format!("{} removed", text::list(words))),
    }
}

/// `Cancel summer.jpg`, for screen readers.
pub fn named(action: &str, name: &str) -> String {
    format!("{action} {name}")
}

/// The file's size, and how large it may be.
pub fn too_large(size: u64, most: u64) -> String {
    format!(
        "The file is {}; at most {} are accepted. Save it smaller.",
        text::file_size(size),
        text::file_size(most)
    )
}
