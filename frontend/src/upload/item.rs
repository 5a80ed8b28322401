//! One file of the upload queue: its states and transitions.

use std::sync::Arc;
use std::time::Duration;

use tintype_dto::{Image, Upload, UploadState};
use uuid::Uuid;

use super::queue::Command;
use super::text;

/// How long a file waits each time that sending it broke off.
const PAUSES: [Duration; 3] = [
    Duration::from_secs(1),
    Duration::from_secs(4),
    Duration::from_secs(12),
];

/// How long a file waits until it looks again whether the same picture has arrived.
const TWIN_PAUSE: Duration = Duration::from_millis(500);

/// A file's number in the queue.
pub type FileId = u32;

/// The state of a file.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// Waits for its turn.
    Queued,
    /// Is being announced to the API.
    Presigning,
    /// Its bytes are being sent to the storage.
    Sending {
        /// How many were sent.
        sent: u64,
    },
    /// It is stored; the API checks it.
    Confirming,
    /// Is an image.
    Done {
        /// The image.
        image: Box<Image>,
        /// The user had it already: nothing was sent.
        already_uploaded: bool,
    },
    /// It goes on by itself in a while; what it waits for.
    Resting(&'static str),
    /// It is refused, and why.
    Refused(String),
    /// It failed this time, and why.
    Failed(String),
    /// The user cancelled it.
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
    /// Its state.
    pub state: State,
    /// The files that were added with it have the same number, those added later a higher one.
    pub batch: u32,
    /// Its upload in the API.
    upload: Option<Uuid>,
    /// Its bytes are in the storage.
    landed: bool,
    /// A URL has expired once: the second time is an error.
    renewed: bool,
    /// How often sending broke off since the user asked for it.
    broken: usize,
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
    /// Which files it was added with.
    pub batch: u32,
    /// Why it is refused, if that is known already.
    pub refusal: Option<String>,
}

/// How a PUT ended.
#[derive(Clone, Debug, PartialEq)]
pub enum PutOutcome {
    /// The bytes are there.
    Stored,
    /// The URL has expired.
    Expired,
    /// The connection or the storage gave out, and why: it may work in a while.
    Broken(String),
    /// Anything else, and why.
    Failed(String),
}

/// Why a call to the API failed.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// It would fail again; the API's message.
    Refused(String),
    /// It may work the next time.
    Temporary(String),
    /// The upload is over or its bytes are missing: it may work from the start.
    Gone(String),
    /// The session has ended.
    SessionLost,
    /// The same picture is on its way.
    Twin,
    /// Too many open uploads: it will work after this time.
    Throttled(Duration),
}

impl State {
    /// Whether it is being uploaded.
    pub fn is_active(&self) -> bool {
        matches!(
            self,
            Self::Presigning | Self::Sending { .. } | Self::Confirming
        )
    }

    /// Whether nothing more happens to it unless the user acts.
    pub fn has_ended(&self) -> bool {
        matches!(
            self,
            Self::Done { .. } | Self::Refused(_) | Self::Failed(_) | Self::Cancelled
        )
    }
}

/// The pictures of those that are done.
pub fn images<'a>(items: impl Iterator<Item = &'a Item>) -> Vec<Arc<Image>> {
    let done = items.filter_map(|item| match &item.state {
        State::Done { image, .. } => Some(Arc::new((**image).clone())),
        _ => None,
    });
    done.collect()
}

impl Item {
    /// A file that has just been added.
    pub fn new(file: NewFile) -> Self {
        let NewFile {
            id,
            name,
            size,
            batch,
            refusal,
        } = file;
        Self {
            id,
            name,
            size,
            state: refusal.map_or(State::Queued, State::Refused),
            batch,
            upload: None,
            landed: false,
            renewed: false,
            broken: 0,
        }
    }

    /// Starts it: a stored file is only confirmed, any other is announced.
    pub fn begin(&mut self) -> Vec<Command> {
        if self.landed && self.upload.is_some() {
            return self.confirm(Duration::ZERO);
        }
        self.state = State::Presigning;
        vec![Command::Announce(self.id)]
    }

    /// The API has answered the announcement.
    pub fn announced(&mut self, upload: &Upload) -> Vec<Command> {
        if self.state != State::Presigning {
            // It was cancelled while it was being announced.
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
            return self.fail(Failure::Temporary(text::NO_URL.into()));
        };
        self.upload = Some(upload.id);
        self.state = State::Sending { sent: 0 };
        vec![Command::Put(self.id, Box::new(put.clone()))]
    }

    /// The announcement has failed.
    pub fn announce_failed(&mut self, failure: Failure) -> Vec<Command> {
        if self.state != State::Presigning {
            return Vec::new();
        }
        self.fail(failure)
    }

    /// This many bytes have been sent.
    pub fn progress(&mut self, now_sent: u64) -> Vec<Command> {
        if let State::Sending { sent } = &mut self.state {
            *sent = now_sent.min(self.size).max(*sent);
        }
        Vec::new()
    }

    /// The PUT has ended.
    pub fn put_ended(&mut self, put: PutOutcome) -> Vec<Command> {
        if !matches!(self.state, State::Sending { .. }) {
            return Vec::new();
        }
        match put {
            PutOutcome::Stored => {
                self.landed = true;
                self.confirm(Duration::ZERO)
            }
            PutOutcome::Expired if !self.renewed => {
                self.renewed = true;
                let old = self.upload.take().map(Command::Abandon);
                old.into_iter().chain(self.begin()).collect()
            }
            PutOutcome::Expired => self.fail(Failure::Temporary(text::PUT_EXPIRED.into())),
            PutOutcome::Broken(why) => self.rest(why),
            PutOutcome::Failed(why) => self.fail(Failure::Temporary(why)),
        }
    }

    /// Waits longer after each time that it broke off, and in the end for the user.
    fn rest(&mut self, why: String) -> Vec<Command> {
        let Some(pause) = PAUSES.get(self.broken) else {
            return self.fail(Failure::Temporary(why));
        };
        self.broken += 1;
        self.state = State::Resting(text::TRYING_AGAIN);
        vec![Command::Rest(self.id, *pause)]
    }

    /// It has waited: it goes on with a new address.
    pub fn rested(&mut self) -> Vec<Command> {
        if !matches!(self.state, State::Resting(_)) {
            return Vec::new();
        }
        self.state = State::Queued;
        let old = self.upload.take().map(Command::Abandon);
        old.into_iter().collect()
    }

    /// The API is still checking.
    pub fn still_checking(&mut self, wait: Duration) -> Vec<Command> {
        if self.state != State::Confirming {
            return Vec::new();
        }
        self.confirm(wait)
    }

    /// The upload is an image. A file cancelled too late is shown too, so that it can be deleted.
    pub fn confirmed(&mut self, image: Box<Image>) -> Vec<Command> {
        if !matches!(self.state, State::Confirming | State::Cancelled) {
            return Vec::new();
        }
        self.done(image, false)
    }

    /// The confirmation has failed.
    pub fn confirm_failed(&mut self, failure: Failure) -> Vec<Command> {
        if self.state != State::Confirming {
            return Vec::new();
        }
        match failure {
            Failure::Throttled(wait) => self.confirm(wait),
            failure => self.fail(failure),
        }
    }

    fn confirm(&mut self, wait: Duration) -> Vec<Command> {
        self.state = State::Confirming;
        self.upload
            .map(|upload| Command::Confirm(self.id, upload, wait))
            .into_iter()
            .collect()
    }

    fn done(&mut self, image: Box<Image>, already_uploaded: bool) -> Vec<Command> {
        self.state = State::Done {
            image: image.clone(),
            already_uploaded,
        };
        vec![Command::Publish(image), Command::Release(self.id)]
    }

    fn fail(&mut self, failure: Failure) -> Vec<Command> {
        match failure {
            Failure::Refused(why) => {
                self.state = State::Refused(why);
                vec![Command::Release(self.id)]
            }
            Failure::Temporary(why) => {
                self.state = State::Failed(why);
                Vec::new()
            }
            Failure::Gone(why) => {
                self.state = State::Failed(why);
                self.upload = None;
                self.landed = false;
                Vec::new()
            }
            Failure::Twin => {
                self.state = State::Resting(text::TWIN);
                vec![Command::Rest(self.id, TWIN_PAUSE)]
            }
            Failure::SessionLost | Failure::Throttled(_) => self.wait(),
        }
    }

    /// Back to the queue; it continues once there is a session and a network again.
    pub fn wait(&mut self) -> Vec<Command> {
        let stop = matches!(self.state, State::Sending { .. });
        if self.state.is_active() || matches!(self.state, State::Resting(_)) {
            self.state = State::Queued;
        }
        if stop {
            vec![Command::StopPut(self.id)]
        } else {
            Vec::new()
        }
    }

    /// The user cancels it.
    pub fn cancel(&mut self) -> Vec<Command> {
        if self.state.has_ended() {
            return Vec::new();
        }
        let stop = matches!(self.state, State::Sending { .. }).then_some(Command::StopPut(self.id));
        self.state = State::Cancelled;
        let abandon = self.upload.take().map(Command::Abandon);
        self.landed = false;
        stop.into_iter().chain(abandon).collect()
    }

    /// The user retries it.
    pub fn retry(&mut self) -> Vec<Command> {
        if !matches!(self.state, State::Failed(_) | State::Cancelled) {
            return Vec::new();
        }
        self.state = State::Queued;
        self.renewed = false;
        self.broken = 0;
        // A file that was not stored is announced again; the old upload is aborted.
        let old = if self.landed {
            None
        } else {
            self.upload.take()
        };
        old.map(Command::Abandon).into_iter().collect()
    }

    /// The user retries all failed files: cancelled ones stay cancelled.
    pub fn retry_failed(&mut self) -> Vec<Command> {
        if !matches!(self.state, State::Failed(_)) {
            return Vec::new();
        }
        self.retry()
    }
}
