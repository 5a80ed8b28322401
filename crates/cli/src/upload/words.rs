//! What is said of each file.

use tintype_dto::RemovedCode;

/// What a folder holds that nobody meant.
pub fn left_out(others: usize) -> String {
    match others {
        1 => "1 file that is no picture is left out".into(),
        _ => format!("{others} files that are no pictures are left out"),
    }
}

/// How a picture was before it was uploaded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It was not there.
    New,
    /// It was there as it is now, or had arrived.
    There,
    /// It was there and private, and is so still, though that was not asked for.
    Private,
    /// It was there and visible, and has been hidden.
    Hidden,
}

impl Standing {
    /// Whether a link does not do what its owner may expect.
    pub fn is_surprise(self) -> bool {
        matches!(self, Self::Private | Self::Hidden)
    }
}

/// What was removed from a file, and how it was before.
pub fn ended(name: &str, removed: &[RemovedCode], standing: Standing) -> String {
    let removed = match removed {
        [] => "nothing to remove".into(),
        codes => format!("removed {}", list(codes)),
    };
    let before = match standing {
        Standing::New => "",
        Standing::There => "; it was there already",
        Standing::Private => {
            "; it was there already, and is private: this link works for 5 minutes"
        }
        Standing::Hidden => {
            "; it was there already, and is private from now on: its old link no longer works"
        }
    };
    format!("{name}: {removed}{before}")
}

fn list(codes: &[RemovedCode]) -> String {
    let words: Vec<_> = codes.iter().map(|code| code.words()).collect();
    match words.as_slice() {
        [] => String::new(),
        [one] => (*one).into(),
        [some @ .., last] => format!("{} and {last}", some.join(", ")),
    }
}
