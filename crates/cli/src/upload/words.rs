//! What is said of each file.

use tintype_dto::RemovedCode;

/// What a folder holds that nobody meant.
pub fn left_out(others: usize) -> String {
    match others {
        1 => "1 file that is no picture is left out".into(),
        _ => format!("{others} files that are no pictures are left out"),
    }
}

/// What was removed from a file, and whether it had to be sent.
pub fn ended(name: &str, removed: &[RemovedCode], already: bool) -> String {
    let removed = match removed {
        [] => "nothing to remove".into(),
        codes => format!("removed {}", list(codes)),
    };
    let already = if already {
        "; it was there already"
    } else {
        ""
    };
    format!("{name}: {removed}{already}")
}

fn list(codes: &[RemovedCode]) -> String {
    let words: Vec<_> = codes.iter().map(|code| word(*code)).collect();
    match words.as_slice() {
        [] => String::new(),
        [one] => (*one).into(),
        [some @ .., last] => format!("{} and {last}", some.join(", ")),
    }
}

fn word(code: RemovedCode) -> &'static str {
    match code {
        RemovedCode::Location => "location",
        RemovedCode::Owner => "owner",
        RemovedCode::Device => "camera",
        RemovedCode::Serial => "serial number",
        RemovedCode::Time => "date and time",
        RemovedCode::Software => "software",
        RemovedCode::Comment => "comment",
        RemovedCode::Thumbnail => "embedded thumbnail",
        RemovedCode::MakerNote => "maker's notes",
        RemovedCode::Exif => "other EXIF",
        RemovedCode::Xmp => "XMP",
        RemovedCode::Iptc => "IPTC",
        RemovedCode::C2pa => "content credentials",
        RemovedCode::Application => "application data",
        RemovedCode::TrailingData => "data behind the picture",
        RemovedCode::ColourProfile => "details of the colour profile",
        RemovedCode::Unknown => "other data",
    }
}
