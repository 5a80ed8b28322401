//! When pictures and albums end.

pub const END: &str = "When it ends";
pub const END_DAY: &str = "The last day";
pub const HAS_END: &str = "Ends";
pub const ENDED: &str = "Ended";
pub const ENDS_ANEW: &str = "Its time was over";
pub const ENDS_ANEW_HINT: &str = "It comes back once you choose when it ends now.";
pub const LEAVE_IN_TRASH: &str = "Leave it in the trash";
/// In how many seconds, and what people read.
pub const ENDS: [(&str, &str); 6] = [
    ("", "Never ends"),
    ("3600", "Ends in an hour"),
    ("86400", "Ends in a day"),
    ("604800", "Ends in a week"),
    ("2592000", "Ends in 30 days"),
    ("day", "Ends on a day\u{2026}"),
];

/// `Ends tomorrow, 09:41`.
pub fn ends(moment: &str) -> String {
    format!("Ends {moment}")
}

/// `Ended today, 09:41`.
pub fn has_ended(moment: &str) -> String {
    format!("Ended {moment}")
}

/// What is said when a picture has got an end, or none any more.
pub fn now_ends(moment: Option<String>) -> String {
    moment.map_or_else(
        || "It never ends.".into(),
        |moment| {
            format!("It ends {moment}: its links stop working then, and it goes to the trash.")
        },
    )
}

/// What is said when uploads have got an end, or none any more.
pub fn all_end(moment: Option<String>) -> String {
    moment.map_or_else(
        || "They never end.".into(),
        |moment| {
            format!("They end {moment}: their links stop working then, and they go to the trash.")
        },
    )
}
