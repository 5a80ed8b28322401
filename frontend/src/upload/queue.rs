//! The upload queue as a pure state machine: an event in, commands out. It knows nothing of the browser.

use std::time::Duration;

use tintype_dto::{Image, PutTarget, Upload};
use uuid::Uuid;

use super::item::{Failure, FileId, Item, NewFile, PutOutcome, State};

/// How many files are uploaded at once.
pub const AT_ONCE: usize = 4;

/// An event.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The user adds files.
    Added(Vec<NewFile>),
    /// The API has answered the announcement.
    Announced(FileId, Box<Upload>),
    /// The announcement has failed.
    AnnounceFailed(FileId, Failure),
    /// This many bytes have been sent.
    Progress(FileId, u64),
    /// The PUT has ended.
    PutEnded(FileId, PutOutcome),
    /// A file that broke off has waited.
    Rested(FileId),
    /// The upload is an image.
    Confirmed(FileId, Box<Image>),
    /// The API is still checking: ask again after this time.
    StillChecking(FileId, Duration),
    /// The confirmation has failed.
    ConfirmFailed(FileId, Failure),
    /// The user cancels a file.
    Cancel(FileId),
    /// The user retries a file.
    Retry(FileId),
    /// The user dismisses an ended file.
    Dismiss(FileId),
    /// The user cancels all files that have not ended.
    CancelAll,
    /// The user retries all failed files.
    RetryAll,
    /// The user clears all ended files.
    ClearEnded,
    /// The session has ended: nothing can be sent.
    SessionLost,
    /// There is a session.
    SessionBack,
    /// The user pauses the queue.
    Pause,
    /// The user resumes the queue.
    Resume,
    /// The browser has lost its network.
    Offline,
    /// The browser has a network again.
    Online,
    /// The wait that the API asked for is over.
    Woken,
}

/// A command to execute.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Announce the file to the API.
    Announce(FileId),
    /// Send its bytes there.
    Put(FileId, Box<PutTarget>),
    /// Stop sending.
    StopPut(FileId),
    /// Confirm the upload, after this time.
    Confirm(FileId, Uuid, Duration),
    /// Abort the upload.
    Abandon(Uuid),
    /// Show the image in the gallery.
    Publish(Box<Image>),
    /// Release the file's bytes.
    Release(FileId),
    /// Send `Woken` after this time.
    Wake(Duration),
    /// Send `Rested` after this time.
    Rest(FileId, Duration),
}

/// All files, in the order in which they were added.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each stops it for a reason of its own, whatever the others are"
)]
pub struct Queue {
    items: Vec<Item>,
    /// The first batch that counts: the one that was added when nothing was open.
    counted_from: u32,
    signed_in: bool,
    paused: bool,
    online: bool,
    throttled: bool,
}

/// Why the queue starts no new files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// There is no network.
    Offline,
    /// The user paused it.
    Paused,
    /// The API accepts no more until some have ended.
    Throttled,
}

/// What there is since the queue was idle, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Files that count: all but the cancelled ones.
    pub files: usize,
    /// Files that have become images.
    pub done: usize,
    /// Files that were images already.
    pub already: usize,
    /// Files that have not ended.
    pub open: usize,
    /// Files that wait.
    pub waiting: usize,
    /// Files that are being uploaded.
    pub active: usize,
    /// Files that failed and can be tried again.
    pub failed: usize,
    /// Files that were refused.
    pub refused: usize,
    /// Bytes of files that are done, waiting or being uploaded.
    pub bytes: u64,
    /// How many of those have been sent.
    pub sent: u64,
}

impl Default for Queue {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            counted_from: 0,
            signed_in: true,
            paused: false,
            online: true,
            throttled: false,
        }
    }
}

impl Queue {
    /// The files.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// Why the queue starts no new files, if it doesn't.
    pub fn hold(&self) -> Option<Hold> {
        match self {
            Self { online: false, .. } => Some(Hold::Offline),
            Self { paused: true, .. } => Some(Hold::Paused),
            Self {
                throttled: true, ..
            } => Some(Hold::Throttled),
            _ => None,
        }
    }

    /// One file.
    pub fn find(&self, id: FileId) -> Option<&Item> {
        self.items.iter().find(|item| item.id == id)
    }

    /// The files since the queue was idle.
    pub fn counted(&self) -> impl Iterator<Item = &Item> {
        self.items
            .iter()
            .filter(|item| item.batch >= self.counted_from)
    }

    /// Whether anything has not ended.
    pub fn is_open(&self) -> bool {
        self.items.iter().any(|item| !item.state.has_ended())
    }

    /// Whether a file has not ended.
    pub fn is_open_file(&self, id: FileId) -> bool {
        self.find(id).is_some_and(|item| !item.state.has_ended())
    }

    /// What there is, counted.
    pub fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        for item in self.counted() {
            let sent = match &item.state {
                State::Cancelled => continue,
                State::Queued => {
                    totals.waiting += 1;
                    Some(0)
                }
                State::Presigning | State::Resting(_) => Some(0),
                State::Sending { sent } => Some(*sent),
                State::Confirming => Some(item.size),
                State::Done {
                    already_uploaded, ..
                } => {
                    totals.done += usize::from(!already_uploaded);
                    totals.already += usize::from(*already_uploaded);
                    Some(item.size)
                }
                State::Refused(_) => {
                    totals.refused += 1;
                    None
                }
                State::Failed(_) => {
                    totals.failed += 1;
                    None
                }
            };
            totals.files += 1;
            totals.active += usize::from(item.state.is_active());
            totals.open += usize::from(!item.state.has_ended());
            if let Some(sent) = sent {
                totals.bytes += item.size;
                totals.sent += sent;
            }
        }
        totals
    }

    /// Applies an event. One that does not fit the file's state changes nothing.
    pub fn step(&mut self, event: Event) -> Vec<Command> {
        let mut commands = match event {
            Event::Added(files) => self.add(files),
            Event::Cancel(id) => self.update(id, Item::cancel),
            Event::CancelAll => self.update_all(Item::cancel),
            Event::Retry(id) => {
                self.count_again(|item| item.id == id);
                self.update(id, Item::retry)
            }
            Event::RetryAll => {
                self.count_again(|item| matches!(item.state, State::Failed(_)));
                self.update_all(Item::retry_failed)
            }
            Event::Dismiss(id) => self.forget(|item| item.id == id),
            Event::ClearEnded => self.forget(|_| true),
            Event::SessionLost => {
                self.signed_in = false;
                self.update_all(Item::wait)
            }
            Event::SessionBack => {
                self.signed_in = true;
                Vec::new()
            }
            Event::Offline => {
                self.online = false;
                self.update_all(Item::wait)
            }
            Event::Online => {
                self.online = true;
                Vec::new()
            }
            Event::Pause => {
                self.paused = true;
                Vec::new()
            }
            Event::Resume => {
                self.paused = false;
                Vec::new()
            }
            Event::Woken => {
                self.throttled = false;
                Vec::new()
            }
            Event::Announced(id, upload) => self.update(id, |item| item.announced(&upload)),
            Event::AnnounceFailed(id, Failure::Throttled(wait)) => self.throttle(id, wait),
            Event::AnnounceFailed(id, failure) => {
                self.update(id, |item| item.announce_failed(failure))
            }
            Event::Progress(id, sent) => self.update(id, |item| item.progress(sent)),
            Event::Rested(id) => self.update(id, Item::rested),
            Event::PutEnded(id, put) => self.update(id, |item| item.put_ended(put)),
            Event::Confirmed(id, image) => self.update(id, |item| item.confirmed(image)),
            Event::StillChecking(id, wait) => self.update(id, |item| item.still_checking(wait)),
            Event::ConfirmFailed(id, failure) => {
                self.update(id, |item| item.confirm_failed(failure))
            }
        };
        self.begin_next(&mut commands);
        commands
    }

    fn add(&mut self, files: Vec<NewFile>) -> Vec<Command> {
        let mut commands = Vec::new();
        if let Some(first) = files.first().filter(|_| !self.is_open()) {
            self.counted_from = first.batch;
        }
        for file in files {
            if file.refusal.is_some() {
                commands.push(Command::Release(file.id));
            }
            self.items.push(Item::new(file));
        }
        commands
    }

    /// What is tried again counts with what was added last.
    fn count_again(&mut self, which: impl Fn(&Item) -> bool) {
        let newest = self.items.iter().map(|item| item.batch).max();
        for item in self.items.iter_mut().filter(|item| which(item)) {
            item.batch = newest.unwrap_or_default();
        }
    }

    /// Puts the file back into the queue, which pauses.
    fn throttle(&mut self, id: FileId, wait: Duration) -> Vec<Command> {
        let Some(item) = self
            .items
            .iter_mut()
            .find(|item| item.id == id && item.state == State::Presigning)
        else {
            return Vec::new();
        };
        item.state = State::Queued;
        let is_first = !std::mem::replace(&mut self.throttled, true);
        is_first
            .then_some(Command::Wake(wait))
            .into_iter()
            .collect()
    }

    fn update(
        &mut self,
        id: FileId,
        change: impl FnOnce(&mut Item) -> Vec<Command>,
    ) -> Vec<Command> {
        self.items
            .iter_mut()
            .find(|item| item.id == id)
            .map(change)
            .unwrap_or_default()
    }

    fn update_all(&mut self, change: fn(&mut Item) -> Vec<Command>) -> Vec<Command> {
        self.items.iter_mut().flat_map(change).collect()
    }

    fn forget(&mut self, which: impl Fn(&Item) -> bool) -> Vec<Command> {
        let goes = |item: &Item| which(item) && item.state.has_ended();
        let commands = self
            .items
            .iter()
            .filter(|item| goes(item))
            .map(|item| Command::Release(item.id))
            .collect();
        self.items.retain(|item| !goes(item));
        commands
    }

    /// Starts waiting files in the free slots.
    fn begin_next(&mut self, commands: &mut Vec<Command>) {
        if !self.signed_in || self.hold().is_some() {
            return;
        }
        let active = self
            .items
            .iter()
            .filter(|item| item.state.is_active())
            .count();
        let free = AT_ONCE.saturating_sub(active);
        for item in self
            .items
            .iter_mut()
            .filter(|item| item.state == State::Queued)
            .take(free)
        {
            commands.extend(item.begin());
        }
    }
}
