//! The upload queue as pure state: an event comes in, commands go out. Knows nothing of the browser.

use std::time::Duration;

use tintype_dto::{Image, PutTarget, Upload, UploadState};
use uuid::Uuid;

use super::text;

/// How many files are on their way at once.
pub const AT_ONCE: usize = 4;

/// A file's number in the queue.
pub type FileId = u32;

/// How far one file is.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// Waits for its turn.
    Queued,
    /// Is being announced to the API.
    Presigning,
    /// Its bytes are on their way to the storage.
    Sending {
        /// How many have left.
        sent: u64,
    },
    /// Has landed; the API checks it.
    Confirming,
    /// Is an image.
    Done {
        /// The image.
        image: Box<Image>,
        /// It was the user's already: nothing was sent.
        had_it: bool,
    },
    /// Will not be accepted, and why.
    Refused(String),
    /// Did not get through this time, and why.
    Failed(String),
    /// The user gave it up.
    Cancelled,
}

/// One file.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Its number.
    pub id: FileId,
    /// Its name.
    pub name: String,
    /// Its size, bytes.
    pub size: u64,
    /// How far it is.
    pub state: State,
    /// The upload that the API knows it as.
    upload: Option<Uuid>,
    /// Its bytes are in the storage.
    landed: bool,
    /// A URL had expired once: a second time is an error.
    renewed: bool,
}

/// A file that the user has added.
#[derive(Clone, Debug, PartialEq)]
pub struct NewFile {
    /// Its number, never used before.
    pub id: FileId,
    /// Its name.
    pub name: String,
    /// Its size, bytes.
    pub size: u64,
    /// Why it can't be accepted, when that is known already.
    pub refusal: Option<String>,
}

/// How a PUT ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Put {
    /// The bytes are there.
    Stored,
    /// The URL does not work any more.
    Expired,
    /// Anything else, in words.
    Failed(String),
}

/// Why a call to the API failed.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// It will fail the next time too; the API's words.
    Refused(String),
    /// It may work the next time.
    Passing(String),
    /// The upload is over or its bytes are not there: it may work from the start.
    Gone(String),
    /// The session has ended.
    SessionLost,
    /// Too many files are under way: it will work after this time.
    Crowded(Duration),
}

/// What happens.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The user adds files.
    Added(Vec<NewFile>),
    /// The API has answered the announcement.
    Announced(FileId, Box<Upload>),
    /// The API has not taken the announcement.
    AnnounceFailed(FileId, Failure),
    /// So many bytes have left.
    Progress(FileId, u64),
    /// The PUT has ended.
    PutEnded(FileId, Put),
    /// The upload is an image.
    Confirmed(FileId, Box<Image>),
    /// The API is still checking: ask again after this time.
    StillChecking(FileId, Duration),
    /// The confirmation has failed.
    ConfirmFailed(FileId, Failure),
    /// The user gives a file up.
    Cancel(FileId),
    /// The user wants a file tried again.
    Retry(FileId),
    /// The user takes an ended file off the list.
    Dismiss(FileId),
    /// The user gives all up that has not ended.
    CancelAll,
    /// The user wants all tried again that failed.
    RetryAll,
    /// The user takes all off the list that has ended.
    ClearEnded,
    /// The session has ended: nothing can be sent.
    SessionLost,
    /// There is a session.
    SessionBack,
    /// The user wants nothing new begun.
    Pause,
    /// The user wants it to go on.
    Resume,
    /// The browser has lost its network.
    Offline,
    /// The browser has a network again.
    Online,
    /// The time that the API had asked to wait is over.
    Woken,
}

/// What has to be done.
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
    /// Tell the API that the upload is given up.
    Abandon(Uuid),
    /// Show the image in the gallery.
    Publish(Box<Image>),
    /// Let go of the file's bytes.
    Release(FileId),
    /// Say when this time is over.
    Wake(Duration),
}

/// All files, in the order in which they were added.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each stops it for a reason of its own, whatever the others are"
)]
pub struct Queue {
    items: Vec<Item>,
    signed_in: bool,
    paused: bool,
    online: bool,
    crowded: bool,
}

/// Why nothing new is begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// There is no network.
    Offline,
    /// The user has said so.
    Paused,
    /// The API takes no more until some have ended.
    Crowded,
}

/// What there is, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Files that count: all but the cancelled ones.
    pub files: usize,
    /// Files that have become images.
    pub done: usize,
    /// Files that wait or are on their way.
    pub open: usize,
    /// Files that wait.
    pub waiting: usize,
    /// Files that failed and can be tried again.
    pub failed: usize,
    /// Files that were refused.
    pub refused: usize,
    /// Bytes of files that are done, waiting or on their way.
    pub bytes: u64,
    /// How many of those have left.
    pub sent: u64,
}

impl State {
    fn is_active(&self) -> bool {
        matches!(
            self,
            Self::Presigning | Self::Sending { .. } | Self::Confirming
        )
    }

    /// Whether nothing more happens to it by itself.
    pub fn has_ended(&self) -> bool {
        matches!(
            self,
            Self::Done { .. } | Self::Refused(_) | Self::Failed(_) | Self::Cancelled
        )
    }
}

impl Default for Queue {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            signed_in: true,
            paused: false,
            online: true,
            crowded: false,
        }
    }
}

impl Queue {
    /// The files.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// Why nothing new is begun, if nothing is.
    pub fn hold(&self) -> Option<Hold> {
        match self {
            Self { online: false, .. } => Some(Hold::Offline),
            Self { paused: true, .. } => Some(Hold::Paused),
            Self { crowded: true, .. } => Some(Hold::Crowded),
            _ => None,
        }
    }

    /// One file.
    pub fn find(&self, id: FileId) -> Option<&Item> {
        self.items.iter().find(|item| item.id == id)
    }

    /// What there is, counted.
    pub fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        for item in &self.items {
            let sent = match &item.state {
                State::Cancelled => continue,
                State::Queued => {
                    totals.waiting += 1;
                    Some(0)
                }
                State::Presigning => Some(0),
                State::Sending { sent } => Some(*sent),
                State::Confirming => Some(item.size),
                State::Done { .. } => {
                    totals.done += 1;
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
            totals.open += usize::from(!item.state.has_ended());
            if let Some(sent) = sent {
                totals.bytes += item.size;
                totals.sent += sent;
            }
        }
        totals
    }

    /// Takes an event in. What does not fit the file's state changes nothing.
    pub fn step(&mut self, event: Event) -> Vec<Command> {
        let mut commands = match event {
            Event::Added(files) => self.add(files),
            Event::Cancel(id) => self.each(|item| item.id == id, Item::cancel),
            Event::CancelAll => self.each(|_| true, Item::cancel),
            Event::Retry(id) => self.each(|item| item.id == id, Item::retry),
            Event::RetryAll => {
                self.each(|item| matches!(item.state, State::Failed(_)), Item::retry)
            }
            Event::Dismiss(id) => self.forget(|item| item.id == id),
            Event::ClearEnded => self.forget(|_| true),
            Event::SessionLost => {
                self.signed_in = false;
                self.each(|_| true, Item::wait)
            }
            Event::Offline => {
                self.online = false;
                self.each(|_| true, Item::wait)
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
            Event::SessionBack => {
                self.signed_in = true;
                Vec::new()
            }
            Event::Announced(id, upload) => {
                self.each(|item| item.id == id, |item| item.announced(&upload))
            }
            Event::Woken => {
                self.crowded = false;
                Vec::new()
            }
            Event::AnnounceFailed(id, Failure::Crowded(wait)) => self.make_way(id, wait),
            Event::AnnounceFailed(id, failure) => self.each(
                |item| item.id == id && item.state == State::Presigning,
                |item| item.fail(failure.clone()),
            ),
            Event::Progress(id, sent) => {
                self.each(|item| item.id == id, |item| item.progress(sent))
            }
            Event::PutEnded(id, put) => {
                self.each(|item| item.id == id, |item| item.put_ended(put.clone()))
            }
            Event::Confirmed(id, image) => {
                // What was cancelled too late is an image all the same: it is shown, so that it can be deleted.
                let awaited = |item: &Item| {
                    item.id == id && matches!(item.state, State::Confirming | State::Cancelled)
                };
                self.each(awaited, |item| item.done(image.clone(), false))
            }
            Event::StillChecking(id, wait) => self.each(
                |item| item.id == id && item.state == State::Confirming,
                |item| item.confirm(wait),
            ),
            Event::ConfirmFailed(id, failure) => self.each(
                |item| item.id == id && item.state == State::Confirming,
                |item| item.fail(failure.clone()),
            ),
        };
        self.begin_next(&mut commands);
        commands
    }

    fn add(&mut self, files: Vec<NewFile>) -> Vec<Command> {
        let mut commands = Vec::new();
        for NewFile {
            id,
            name,
            size,
            refusal,
        } in files
        {
            if refusal.is_some() {
                commands.push(Command::Release(id));
            }
            let state = refusal.map_or(State::Queued, State::Refused);
            self.items.push(Item {
                id,
                name,
                size,
                state,
                upload: None,
                landed: false,
                renewed: false,
            });
        }
        commands
    }

    /// The file waits with all others, and none of them is lost.
    fn make_way(&mut self, id: FileId, wait: Duration) -> Vec<Command> {
        let Some(item) = self
            .items
            .iter_mut()
            .find(|item| item.id == id && item.state == State::Presigning)
        else {
            return Vec::new();
        };
        item.state = State::Queued;
        let is_first = !std::mem::replace(&mut self.crowded, true);
        is_first
            .then_some(Command::Wake(wait))
            .into_iter()
            .collect()
    }

    fn each(
        &mut self,
        which: impl Fn(&Item) -> bool,
        mut change: impl FnMut(&mut Item) -> Vec<Command>,
    ) -> Vec<Command> {
        self.items
            .iter_mut()
            .filter(|item| which(item))
            .flat_map(&mut change)
            .collect()
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

    /// Fills free places from the front of the queue.
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

impl Item {
    /// What has landed is only confirmed; the rest is announced.
    fn begin(&mut self) -> Vec<Command> {
        if self.landed && self.upload.is_some() {
            return self.confirm(Duration::ZERO);
        }
        self.state = State::Presigning;
        vec![Command::Announce(self.id)]
    }

    fn announced(&mut self, upload: &Upload) -> Vec<Command> {
        if self.state != State::Presigning {
            // It was given up while the announcement was on its way.
            let gone =
                matches!(self.state, State::Cancelled) && upload.state == UploadState::Pending;
            return if gone {
                vec![Command::Abandon(upload.id)]
            } else {
                Vec::new()
            };
        }
        if let Some(image) = &upload.image {
            return self.done(Box::new(image.clone()), true);
        }
        let Some(put) = &upload.put else {
            return self.fail(Failure::Passing(text::NO_URL.into()));
        };
        self.upload = Some(upload.id);
        self.state = State::Sending { sent: 0 };
        vec![Command::Put(self.id, Box::new(put.clone()))]
    }

    fn progress(&mut self, now_sent: u64) -> Vec<Command> {
        if let State::Sending { sent } = &mut self.state {
            *sent = now_sent.min(self.size).max(*sent);
        }
        Vec::new()
    }

    fn put_ended(&mut self, put: Put) -> Vec<Command> {
        if !matches!(self.state, State::Sending { .. }) {
            return Vec::new();
        }
        match put {
            Put::Stored => {
                self.landed = true;
                self.confirm(Duration::ZERO)
            }
            Put::Expired if !self.renewed => {
                self.renewed = true;
                let old = self.upload.take().map(Command::Abandon);
                old.into_iter().chain(self.begin()).collect()
            }
            Put::Expired => self.fail(Failure::Passing(text::PUT_EXPIRED.into())),
            Put::Failed(why) => self.fail(Failure::Passing(why)),
        }
    }

    fn confirm(&mut self, wait: Duration) -> Vec<Command> {
        self.state = State::Confirming;
        self.upload
            .map(|upload| Command::Confirm(self.id, upload, wait))
            .into_iter()
            .collect()
    }

    fn done(&mut self, image: Box<Image>, had_it: bool) -> Vec<Command> {
        self.state = State::Done {
            image: image.clone(),
            had_it,
        };
        vec![Command::Publish(image), Command::Release(self.id)]
    }

    fn fail(&mut self, failure: Failure) -> Vec<Command> {
        match failure {
            Failure::Refused(why) => {
                self.state = State::Refused(why);
                vec![Command::Release(self.id)]
            }
            Failure::Passing(why) => {
                self.state = State::Failed(why);
                Vec::new()
            }
            Failure::Gone(why) => {
                self.state = State::Failed(why);
                self.upload = None;
                self.landed = false;
                Vec::new()
            }
            Failure::SessionLost | Failure::Crowded(_) => self.wait(),
        }
    }

    /// Back to the queue; it goes on once there is a session and a network again.
    fn wait(&mut self) -> Vec<Command> {
        let stop = matches!(self.state, State::Sending { .. });
        if self.state.is_active() {
            self.state = State::Queued;
        }
        if stop {
            vec![Command::StopPut(self.id)]
        } else {
            Vec::new()
        }
    }

    fn cancel(&mut self) -> Vec<Command> {
        if self.state.has_ended() {
            return Vec::new();
        }
        let stop = matches!(self.state, State::Sending { .. }).then_some(Command::StopPut(self.id));
        self.state = State::Cancelled;
        let abandon = self.upload.take().map(Command::Abandon);
        self.landed = false;
        stop.into_iter().chain(abandon).collect()
    }

    fn retry(&mut self) -> Vec<Command> {
        if !matches!(self.state, State::Failed(_) | State::Cancelled) {
            return Vec::new();
        }
        self.state = State::Queued;
        self.renewed = false;
        // A file that did not land is announced anew; the old announcement is given back.
        let old = if self.landed {
            None
        } else {
            self.upload.take()
        };
        old.map(Command::Abandon).into_iter().collect()
    }
}
