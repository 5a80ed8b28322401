//! The index of objects, sorted by key.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;
use std::{io, mem};

/// What a listing says about an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub size: u64,
    pub sha256: [u8; 32],
    pub modified: SystemTime,
}

/// The sorted keys of the bucket. Files are named by hashes, so the folder itself has no useful order.
///
/// A listing reads it from the folder; from then on it is kept up to date, until so much has changed that was never listed that it is not
/// worth its memory. Every change to the folder goes through [`Index::change`], which makes the change and its note one step.
#[derive(Default)]
pub struct Index {
    state: Mutex<State>,
    reading: Mutex<()>,
}

#[derive(Default)]
enum State {
    #[default]
    Unread,
    /// The folder is being read; changes made meanwhile are noted here (`None`: removed) and override what was read.
    Reading(BTreeMap<String, Option<Entry>>),
    /// It is as the folder is. So many changes have come since it was listed last.
    Ready(BTreeMap<String, Entry>, usize),
}

/// The changes after which an index that nobody lists is forgotten.
const UNLISTED: usize = 10_000;

/// What a change did to the listing.
#[derive(Debug)]
pub enum Noted {
    Nothing,
    Stored(Entry),
    Removed,
}

/// A part of a listing.
pub struct Page {
    pub entries: Vec<(String, Entry)>,
    pub more: bool,
}

impl Index {
    /// Changes the folder and notes the effect on `key`.
    pub fn change<T>(
        &self,
        key: &str,
        make: impl FnOnce() -> io::Result<(T, Noted)>,
    ) -> io::Result<T> {
        let mut state = lock(&self.state);
        let (result, noted) = make()?;
        let entry = match noted {
            Noted::Nothing => return Ok(result),
            Noted::Stored(entry) => Some(entry),
            Noted::Removed => None,
        };
        match &mut *state {
            State::Unread => {}
            State::Reading(changes) => drop(changes.insert(key.to_owned(), entry)),
            State::Ready(_, UNLISTED) => *state = State::Unread,
            State::Ready(entries, unlisted) => {
                *unlisted += 1;
                match entry {
                    Some(entry) => drop(entries.insert(key.to_owned(), entry)),
                    None => drop(entries.remove(key)),
                }
            }
        }
        Ok(result)
    }

    /// At most `most` entries with `prefix`, after `after`. `scan` reads the folder if that was not done yet.
    pub fn page(
        &self,
        prefix: &str,
        after: Option<&str>,
        most: usize,
        scan: impl FnOnce() -> io::Result<BTreeMap<String, Entry>>,
    ) -> io::Result<Page> {
        let from = match after {
            Some(after) if after >= prefix => Bound::Excluded(after),
            _ => Bound::Included(prefix),
        };
        let mut state = self.read(scan)?;
        let State::Ready(entries, unlisted) = &mut *state else {
            return Err(io::Error::other("the index is being read"));
        };
        *unlisted = 0;
        let mut rest = entries
            .range::<str, _>((from, Bound::Unbounded))
            .take_while(|(key, _)| key.starts_with(prefix));
        let entries = rest
            .by_ref()
            .take(most)
            .map(|(key, entry)| (key.clone(), entry.clone()))
            .collect();
        Ok(Page {
            entries,
            more: most > 0 && rest.next().is_some(),
        })
    }

    fn read(
        &self,
        scan: impl FnOnce() -> io::Result<BTreeMap<String, Entry>>,
    ) -> io::Result<MutexGuard<'_, State>> {
        let _one = lock(&self.reading);
        {
            let mut state = lock(&self.state);
            if matches!(*state, State::Ready(..)) {
                return Ok(state);
            }
            *state = State::Reading(BTreeMap::new());
        }
        let scanned = scan();
        let mut state = lock(&self.state);
        let changes = mem::take(&mut *state);
        let mut entries = scanned?;
        if let State::Reading(changes) = changes {
            for (key, entry) in changes {
                match entry {
                    Some(entry) => drop(entries.insert(key, entry)),
                    None => drop(entries.remove(&key)),
                }
            }
        }
        *state = State::Ready(entries, 0);
        Ok(state)
    }
}

/// A panic elsewhere leaves the maps consistent, so a poisoned lock is fine.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn entry(size: u64) -> Entry {
        Entry {
            size,
            sha256: [0; 32],
            modified: SystemTime::UNIX_EPOCH,
        }
    }

    fn keys(page: &Page) -> Vec<(&str, u64)> {
        page.entries
            .iter()
            .map(|(key, entry)| (key.as_str(), entry.size))
            .collect()
    }

    #[test]
    fn what_changes_while_the_folder_is_read_wins_over_what_was_read() {
        let index = Index::default();
        let page = index
            .page("", None, 10, || {
                index.change("gone", || Ok(((), Noted::Removed)))?;
                index.change("new", || Ok(((), Noted::Stored(entry(2)))))?;
                Ok(BTreeMap::from([
                    ("gone".into(), entry(1)),
                    ("kept".into(), entry(1)),
                    ("new".into(), entry(1)),
                ]))
            })
            .unwrap();
        assert_eq!(keys(&page), [("kept", 1), ("new", 2)]);
    }

    #[test]
    fn a_failed_reading_is_tried_again() {
        let index = Index::default();
        assert!(
            index
                .page("", None, 10, || Err(io::Error::other("no")))
                .is_err()
        );
        index
            .change("b", || Ok(((), Noted::Stored(entry(1)))))
            .unwrap();
        let page = index
            .page("", None, 10, || {
                Ok(BTreeMap::from([("b".into(), entry(1))]))
            })
            .unwrap();
        assert_eq!(keys(&page), [("b", 1)]);
    }

    #[test]
    fn what_nobody_lists_is_forgotten_after_many_changes_and_read_again() {
        let index = Index::default();
        let none = || Ok(BTreeMap::new());
        assert_eq!(keys(&index.page("", None, 10, none).unwrap()), []);
        for number in 0..=UNLISTED {
            let store = || Ok(((), Noted::Stored(entry(1))));
            index.change(&number.to_string(), store).unwrap();
        }
        let again = || Ok(BTreeMap::from([("again".into(), entry(1))]));
        assert_eq!(
            keys(&index.page("", None, 10, again).unwrap()),
            [("again", 1)]
        );
    }

    #[test]
    fn pages_follow_the_order_of_bytes_within_the_prefix() {
        let index = Index::default();
        let all = ["a", "a/1", "a/2", "a/3", "b"].map(|key| (key.to_owned(), entry(0)));
        let first = index
            .page("a/", Some("a"), 2, || Ok(BTreeMap::from(all)))
            .unwrap();
        assert_eq!(
            (keys(&first), first.more),
            (vec![("a/1", 0), ("a/2", 0)], true)
        );
        let last = index
            .page("a/", Some("a/2"), 2, || Err(io::Error::other("read twice")))
            .unwrap();
        assert_eq!((keys(&last), last.more), (vec![("a/3", 0)], false));
    }
}
