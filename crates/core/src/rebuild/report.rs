//! What came back, and what did not.

use crate::db::ImageId;

/// How many faults and accounts are named.
const NAMED: usize = 1000;

/// What came of a rebuild.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Images that came back.
    pub images: u64,
    /// Those that a run before this one, which was broken off, has brought back.
    pub before: u64,
    /// Bytes of their originals.
    pub bytes: u64,
    /// Those of them that are in the trash.
    pub trashed: u64,
    /// Those of them that are private because a mark names them, whatever their manifests say.
    pub held: u64,
    /// Marks that can't be read, and objects without a key that may have been marks. As nobody knows what they name, all images are private then.
    pub unreadable_marks: u64,
    /// Accounts that came back.
    pub users: u64,
    /// Their names, a thousand at most.
    pub usernames: Vec<String>,
    /// What does not fit, a thousand at most.
    pub faults: Vec<Fault>,
    /// How many there are.
    pub fault_count: u64,
    /// Objects under `images/` whose key names no image.
    pub others: u64,
}

/// What does not fit of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Which.
    pub image: ImageId,
    /// What is wrong.
    pub what: String,
}

impl Report {
    pub(super) fn add(&mut self, faults: Vec<Fault>) {
        self.fault_count += faults.len() as u64;
        let room = NAMED.saturating_sub(self.faults.len());
        self.faults.extend(faults.into_iter().take(room));
    }

    pub(super) fn add_user(&mut self, username: String) {
        self.users += 1;
        if self.usernames.len() < NAMED {
            self.usernames.push(username);
        }
    }
}
