//! The same picture more than once in the queue: the second waits for the first, and is then a picture that is there already.

use super::item::FileId;

/// The files on their way, with their hashes.
#[derive(Default)]
pub struct Twins(Vec<(String, FileId)>);

impl Twins {
    /// Whether another file with this hash is on its way. If none is, this one is from now on.
    pub fn has_other(&mut self, hash: &str, id: FileId, is_open: impl Fn(FileId) -> bool) -> bool {
        self.0.retain(|(_, other)| *other != id && is_open(*other));
        let has_other = self.0.iter().any(|(other, _)| other == hash);
        if !has_other {
            self.0.push((hash.to_owned(), id));
        }
        has_other
    }
}
