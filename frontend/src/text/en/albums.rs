//! Albums.

use super::pictures;

pub const ALBUMS: &str = "Albums";
pub const NEW: &str = "New album";
pub const NONE_YET: &str = "No albums yet. Select pictures and give them one link, or make an album and drop pictures into it.";
pub const EMPTY_TITLE: &str = "Drop pictures into this album";
pub const ADD_DESCRIPTION: &str = "Say something about it";
pub const ONLY_YOU: &str = " · only you can see it";
pub const OVER: &str = " · it has ended: only you can see it, until you choose another end";
pub const DROP_HERE: &str = "Drop pictures to put them into this album";
pub const COPY_ALL: &str = "Copy all";
pub const DOWNLOAD: &str = "Download all";
pub const NOW_PRIVATE: &str = "The album's link has stopped working. Links to its pictures go on.";
pub const NOW_UNLISTED: &str = "Anyone with the link can see the album.";
pub const DELETE: &str = "Delete album";
pub const DELETE_NOW: &str = "Delete it, keep the pictures";
pub const DELETED: &str = "The album is gone. Its pictures are still here.";
pub const ADD_TO: &str = "Add to an album";
pub const ADD: &str = "Add to album";
pub const OPEN: &str = "Open it";
pub const REMOVE: &str = "Take out";
pub const FIRST: &str = "To the start";
pub const COVER: &str = "Use as cover";
pub const COVER_CHOSEN: &str = "This picture stands for the album now.";

/// Pictures were put into an album, which may have a title.
pub fn added(count: usize, title: Option<&str>) -> String {
    let pictures = pictures(count);
    match title {
        Some(title) => format!("{pictures} added to \u{201c}{title}\u{201d}."),
        None => format!("{pictures} added to the album."),
    }
}

/// What is said when an album has got an end, or none any more.
pub fn now_ends(moment: Option<String>) -> String {
    moment.map_or_else(
        || "It never ends.".into(),
        |moment| format!("It ends {moment}: its link stops working then. Its pictures stay."),
    )
}

/// An album was made of pictures.
pub fn made(count: usize) -> String {
    format!("{} in a new album.", pictures(count))
}

/// Pictures were taken out of an album.
pub fn removed(count: usize) -> String {
    format!("{} taken out of the album.", pictures(count))
}

/// Where a picture stands now, from 1.
pub fn moved(to: usize) -> String {
    format!("Moved to place {to}.")
}
