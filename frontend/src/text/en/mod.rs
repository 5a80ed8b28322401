//! English.

pub mod albums;
mod ends;
pub mod upload;

pub use self::ends::*;

use tintype_dto::{Scope, Visibility};

pub const NAME: &str = "Tintype";
pub const SLOGAN: &str = "Drop pictures.\nGet links.\nNothing else leaves with them.";

pub const NETWORK_ERROR: &str = "No answer from the server. Check your connection and try again.";
pub const UNEXPECTED_ERROR: &str = "The server isn't responding properly. Try again in a moment.";
pub const TRY_AGAIN: &str = "Try again";

pub const SKIP: &str = "Skip to the pictures";
pub const HOME: &str = "Tintype, all pictures";
pub const UPLOAD: &str = "Upload";
pub const ACCOUNT: &str = "Account";
pub const SETTINGS: &str = "Settings";
pub const TRASH: &str = "Trash";
pub const TRASH_HINT: &str = "What you delete, and what has ended, stays here for some days and takes up storage until then. Its links have stopped working.";
pub const TRASH_EMPTY: &str = "The trash is empty.";
pub const EMPTY_TRASH: &str = "Empty the trash";
pub const EMPTY_TRASH_HINT: &str = "This can't be undone.";
pub const EMPTY_TRASH_NOW: &str = "Delete everything for good";
pub const KEEP: &str = "Keep";
pub const RESTORE: &str = "Restore";
pub const DELETE_FOR_GOOD: &str = "Delete for good";
pub const DELETE_NOW: &str = "Delete now";
pub const SHOW_MORE: &str = "Show more";
pub const UPLOADS: &str = "Uploads";
pub const UNREADABLE: &str =
    "The file can't be read. It may have been moved or changed: add it again.";
pub const CLEAN_HERE: &str = "Remove private details before sending";
pub const CLEAN_HERE_HINT: &str = "Location, camera, owner and other details are cut on this device. If you switch this off, the server cuts them: no link ever carries them.";
pub const COPY_AT_END: &str = "Copy the links when an upload ends";
pub const COPY_AT_END_HINT: &str = "In the form that you copied last.";
pub const CURRENT_PASSWORD: &str = "Current password";
pub const NEW_PASSWORD: &str = "New password";
pub const CHANGE_PASSWORD: &str = "Change password";
pub const PASSWORD_CHANGED: &str = "Password changed. You're logged out on all other devices.";
pub const EVERYWHERE_HINT: &str =
    "A new password logs out all the others. API tokens go on working until you revoke them.";
pub const LOG_OUT_EVERYWHERE: &str = "Log out everywhere";
pub const TAKE_ALONG: &str = "Take everything with you";
pub const TAKE_ALONG_HINT: &str = "All your pictures, with their titles and albums, in one archive. What is in the trash stays here.";
pub const TAKE_ALONG_NOW: &str = "Download everything";
pub const DELETE_ACCOUNT: &str = "Delete account";
pub const DELETE_ACCOUNT_HINT: &str =
    "All your pictures go with it and their links stop working. This can't be taken back.";
pub const DELETE_ACCOUNT_OPEN: &str = "I want to delete my account";
pub const DELETE_ACCOUNT_NOW: &str = "Delete my account and all pictures";
pub const ACCOUNT_DELETED: &str = "Your account is deleted.";
pub const API_TOKENS: &str = "API tokens";
pub const API_TOKENS_HINT: &str =
    "A program with a token works for you without your password, as far as you let it.";
pub const API_TOKENS_DOCS: &str = "How to use them";
pub const SESSIONS: &str = "Where you're logged in";
pub const SESSION_ENDED_THERE: &str = "Logged out there.";
pub const THIS_SESSION: &str = "this one";
pub const TOKEN_NEW: &str = "New token";
pub const TOKEN_NAME: &str = "Name";
pub const TOKEN_NAME_HINT: &str = "What it is for, as \u{201c}ShareX on the laptop\u{201d}.";
pub const TOKEN_MAY: &str = "It may";
pub const TOKEN_FOR: &str = "It works";
pub const TOKEN_NOTHING: &str = "Tick one at least.";
pub const TOKEN_ALWAYS: &str = "until you revoke it";
pub const TOKEN_WEEK: &str = "for a week";
pub const TOKEN_30_DAYS: &str = "for 30 days";
pub const TOKEN_YEAR: &str = "for a year";
pub const TOKEN_MAKE: &str = "Make the token";
pub const TOKEN_SECRET: &str = "Token";
pub const TOKEN_SECRET_HINT: &str = "Copy the token now: it is not shown again.";
pub const TOKEN_PROGRAM: &str = "Set up a program with it";
pub const TOKEN_NO_PROGRAM: &str = "Choose a program";
pub const TOKEN_FILE: &str = "Download its settings";
pub const TOKEN_UNUSED: &str = "never used";
pub const TOKEN_REVOKE: &str = "Revoke";
pub const TOKEN_REVOKE_NOW: &str = "Revoke for good";
pub const TOKEN_REVOKED: &str = "The token is revoked.";
pub const ALT: &str = "Description";
pub const ADD_ALT: &str = "Add a description (for screen readers)";
pub const VISIBILITY: &str = "Who can see it";
pub const UNLISTED: &str = "Anyone with the link";
pub const PRIVATE: &str = "Only you";
pub const PRIVATE_HINT: &str = "Only you can open it. Links you copy stop working after 5 minutes.";
pub const SHORTCUTS: &str = "Keyboard shortcuts";
pub const DONE: &str = "Done";
pub const SHORTCUT_LIST: [(&[&str], &str); 13] = [
    (&["u"], "Choose files to upload"),
    (&["/"], "Search"),
    (&["←", "→", "↑", "↓"], "Move through the pictures"),
    (&["Space"], "Select the focused picture"),
    (&["Shift", "click"], "Select everything up to here"),
    (&["Ctrl", "A"], "Select all"),
    (&["Alt", "← →"], "Move a picture in its album"),
    (&["c"], "Copy the focused picture's link"),
    (&["Del"], "Delete what is selected"),
    (&["+", "-", "0"], "Zoom the open picture"),
    (&["←", "→"], "Newer and older picture"),
    (&["Esc"], "Close the picture, clear the selection"),
    (&["?"], "This sheet"),
];
pub const SEARCH: &str = "Search";
pub const SEARCH_OPEN: &str = "Search and jump";
pub const SORT: &str = "Order";
/// What the address has, and what people read.
pub const SORTS: [(&str, &str); 4] = [
    ("", "Newest first"),
    ("oldest", "Oldest first"),
    ("name", "By name"),
    ("size", "Largest first"),
];
pub const VISIBILITIES: [(&str, &str); 3] = [
    ("", "All pictures"),
    ("private", PRIVATE),
    ("unlisted", UNLISTED),
];
pub const TYPES: [(&str, &str); 5] = [
    ("", "All types"),
    ("image/jpeg", "JPEG"),
    ("image/png", "PNG"),
    ("image/gif", "GIF"),
    ("image/webp", "WebP"),
];
pub const MONTHS: &str = "Months";
pub const STOP: &str = "Stop";
pub const UNTIL: &str = "Jump to a day";
pub const NOTHING_FOUND: &str = "No pictures match";
pub const NOTHING_FOUND_HINT: &str = "Search looks at titles, descriptions and file names.";
pub const CLEAR_SEARCH: &str = "Show all pictures";
pub const SELECT: &str = "Select";
pub const SELECTION: &str = "Selected pictures";
pub const PRIVATE_LINK_HINT: &str = "A link that you copy stops working after 5 minutes. For one that lasts, let anyone with the link see the picture.";
pub const SHARE_AND_COPY: &str = "Anyone with the link";
pub const COPY_FOR_MINUTES: &str = "Copy for 5 minutes";
pub const DONT_COPY: &str = "Don't copy";
pub const CLEAR_SELECTION: &str = "Clear selection";
pub const USAGE: &str = "In use";
pub const THEME: &str = "Appearance";
pub const THEME_SYSTEM: &str = "System";
pub const THEME_LIGHT: &str = "Light";
pub const THEME_DARK: &str = "Dark";
pub const API_DOCS: &str = "Docs";
pub const LOG_OUT: &str = "Log out";
pub const DISMISS: &str = "Dismiss";

pub const USERNAME: &str = "Username";
pub const USERNAME_HINT: &str = "Letters a-z, digits, - and _.";
pub const USERNAME_OR_EMAIL: &str = "Username or e-mail";
pub const EMAIL: &str = "E-mail";
pub const PASSWORD: &str = "Password";
pub const PASSWORD_HINT: &str = "At least 8 characters. Long beats clever.";
pub const SHOW: &str = "Show";
pub const HIDE: &str = "Hide";
pub const SHOW_PASSWORD: &str = "Show password";
pub const HIDE_PASSWORD: &str = "Hide password";
pub const REGISTER_TITLE: &str = "Create your account";
pub const REGISTER: &str = "Create account";
pub const REGISTERING: &str = "Creating your account";
pub const REGISTERED_ALREADY: &str = "Already here?";
pub const REGISTRATION_CLOSED: &str =
    "New accounts are closed on this server. Ask its operator for one.";
pub const LOG_IN_TITLE: &str = "Log in to Tintype";
pub const LOG_IN: &str = "Log in";
pub const LOGGING_IN: &str = "Logging in";
pub const FORGOTTEN: &str = "Forgot your password? Ask the operator.";
pub const NEW_HERE: &str = "New here?";
pub const SESSION_ENDED: &str = "Your session has ended. Log in to carry on where you were.";
pub const FILL_IN: &str = "Fill this in.";

pub const PICTURES: &str = "Pictures";
pub const LOADING: &str = "Loading pictures";
pub const LOADING_MORE: &str = "Loading more";
pub const EMPTY_TITLE: &str = "Drop pictures anywhere";
pub const BROWSE: &str = "Choose files";
pub const GALLERY_FAILED: &str = "Your pictures could not be loaded";
pub const COPY_LINK: &str = "Copy link";
pub const COPIED: &str = "Copied";
pub const PICTURE_COPIED: &str = "Picture copied";
pub const LINK_COPIED: &str = "Link copied";
pub const CANNOT_COPY: &str =
    "The browser does not allow copying here. Select the link and copy it by hand.";
pub const TODAY: &str = "Today";
pub const YESTERDAY: &str = "Yesterday";

pub const CLOSE: &str = "Back to all pictures";
pub const NEWER: &str = "Newer picture";
pub const OLDER: &str = "Older picture";
pub const ZOOM: &str = "Zoom to full size";
pub const TITLE: &str = "Title";
pub const ADD_TITLE: &str = "Add a title";
pub const UNTITLED: &str = "Picture";
pub const SAVING: &str = "Saving";
pub const SAVED: &str = "Saved";
pub const LINKS: &str = "Links";
pub const COPY: &str = "Copy";
pub const COPY_AS: &str = "Copy as";
pub const SIZE: &str = "Size";
pub const TYPE: &str = "Type";
pub const ADDED: &str = "Added";
pub const REMOVED: &str = "Removed";
pub const NOTHING_REMOVED: &str = "nothing, it was clean";
pub const DOWNLOAD: &str = "Download";
pub const SHARE_PAGE: &str = "Share page";
pub const PAGE: &str = "Page";
pub const DELETE: &str = "Delete";
pub const UNDO: &str = "Undo";
pub const CANCEL: &str = "Cancel";
pub const ONE_LINK: &str = "One link";
pub const LINK_ENDED: &str = "That link has ended. The pictures are still here.";
pub const RESTORED: &str = "It is back.";
pub const IMAGE_GONE: &str = "This picture is not here";
pub const IMAGE_GONE_HINT: &str = "It was deleted, its time is over, or the address is wrong. What was deleted or has ended is in the trash for some days.";
pub const PICTURE_NOT_LOADED: &str = "The picture could not be loaded. Check your connection.";
pub const COPY_IMAGE: &str = "Copy picture";
pub const CANNOT_COPY_IMAGE: &str =
    "The browser does not allow copying pictures here. Download it instead.";
pub const SHARE: &str = "Share…";
pub const IMAGE_FAILED: &str = "This picture could not be loaded";

pub const LOADING_PAGE: &str = "Loading";
pub const PAGE_NOT_LOADED: &str = "This page could not be loaded";
pub const PAGE_NOT_LOADED_HINT: &str =
    "There may be no network, or a newer version of Tintype on the server.";
pub const LOAD_AGAIN: &str = "Load again";

pub const LOST_TITLE: &str = "Nothing at this address";
pub const LOST_HINT: &str = "The page may have moved, or the address may be mistyped.";
pub const GO_HOME: &str = "Go to your pictures";

/// The empty gallery's hint. `max_bytes` is the server's limit, once it is known.
pub fn empty_hint(max_bytes: Option<u64>) -> String {
    let limit = max_bytes
        .map(|bytes| format!(", up to {} each", file_size(bytes)))
        .unwrap_or_default();
    format!(
        "or paste one, or choose files: JPEG, PNG, GIF, WebP{limit}. Location and camera details are cut before a link works."
    )
}

/// `1 picture`, `12 pictures`.
pub fn pictures(count: usize) -> String {
    if count == 1 {
        "1 picture".into()
    } else {
        format!("{count} pictures")
    }
}

/// What happened to the visibility of pictures.
pub fn now_visible(to: Visibility, count: usize) -> String {
    let who = match to {
        Visibility::Private => "only you can see",
        Visibility::Unlisted => "anyone with the link can see",
    };
    format!("Now {who} {}.", pictures(count))
}

/// Pictures have got one link, which leads to those that are not private.
pub fn one_link(count: usize, private: usize) -> String {
    let shown = match private {
        0 => String::new(),
        private => format!(" It does not show {private} that only you can see."),
    };
    format!("One link for {}.{shown}", pictures(count))
}

/// Nothing had to be changed.
pub fn already(to: Visibility, count: usize) -> String {
    let who = match to {
        Visibility::Private => "Only you can",
        Visibility::Unlisted => "Anyone with the link can already",
    };
    let what = if count == 1 { "it" } else { "them" };
    format!("{who} see {what}.")
}

/// The question before links are copied of which some are private.
pub fn only_you_can_open(private: usize, all: usize) -> String {
    match all {
        1 => "Only you can open this picture".into(),
        _ => format!("Only you can open {private} of these {all} pictures"),
    }
}

/// The badge of a picture that moves.
pub fn moves(is_gif: bool) -> &'static str {
    if is_gif { "GIF" } else { "Moving" }
}

/// How long a picture stays in the trash.
pub fn days_left(seconds: i64) -> String {
    match (seconds.max(0) + 43_200) / 86_400 {
        0 => "goes today".into(),
        1 => "1 day left".into(),
        days => format!("{days} days left"),
    }
}

/// `3 pictures are back.`
pub fn restored(count: usize) -> String {
    if count == 1 {
        "1 picture is back.".into()
    } else {
        format!("{} are back.", pictures(count))
    }
}

/// `3 pictures deleted for good.`
pub fn purged(count: usize) -> String {
    format!("{} deleted for good.", pictures(count))
}

/// `3 of 311`; `3` while nobody knows of how many.
pub fn one_of(at: usize, total: Option<usize>) -> String {
    match total {
        Some(total) => format!("{at} of {total}"),
        None => at.to_string(),
    }
}

/// What is loaded on the way to a day.
pub fn jumping(count: usize) -> String {
    format!("Going back through {}", pictures(count))
}

/// `3 selected`.
pub fn selected(count: usize) -> String {
    format!("{count} selected")
}

/// `3 pictures deleted. Kept in the trash.`
pub fn deleted(count: usize) -> String {
    format!("{} deleted. Kept in the trash.", pictures(count))
}

/// The account's usage.
pub fn usage(images: u64, bytes: u64, quota: Option<u64>) -> String {
    let count = pictures(usize::try_from(images).unwrap_or(usize::MAX));
    match quota {
        Some(quota) => format!("{count}, {} of {}", file_size(bytes), file_size(quota)),
        None => format!("{count}, {}", file_size(bytes)),
    }
}

/// When a session began.
pub fn session_since(moment: &str) -> String {
    format!("since {moment}")
}

/// When a session or a token was used.
pub fn token_used(moment: &str) -> String {
    format!("last used: {moment}")
}

pub fn token_ends(moment: &str) -> String {
    format!("until {moment}")
}

pub fn scope(scope: Scope) -> &'static str {
    match scope {
        Scope::Upload => "Upload: send pictures, and see what it sent",
        Scope::Read => "Read: see all pictures",
        Scope::Write => "Write: change titles, descriptions and who can see",
        Scope::Delete => "Delete: delete pictures",
    }
}

pub fn dimensions(width: u32, height: u32) -> String {
    format!("{width} × {height}")
}

/// Bytes for people, in units of 1000: `812 B`, `467 KB`, `2.3 MB`.
pub fn file_size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut tenths = bytes / 100;
    let mut unit = 0;
    while tenths >= 10_000 && unit + 1 < UNITS.len() {
        tenths /= 1000;
        unit += 1;
    }
    let digits = if tenths < 100 && !tenths.is_multiple_of(10) {
        format!("{}.{}", tenths / 10, tenths % 10)
    } else {
        format!("{}", tenths / 10)
    };
    format!("{digits} {}", UNITS[unit])
}

/// What was removed on this device: `location and comment, before it was sent`.
pub fn before_it_was_sent(words: &[&str]) -> String {
    format!("{}, before it was sent", list(words))
}

/// A list in a sentence: `location, camera and comment`.
pub fn list(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [start @ .., last] => format!("{} and {last}", start.join(", ")),
    }
}
