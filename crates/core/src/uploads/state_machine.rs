//! The life of an upload as a pure function of its row, an event and the time. The queries carry decisions out as compare-and-set on the
//! state, so that one of many concurrent callers succeeds.

use chrono::{DateTime, TimeDelta, Utc};
use tintype_storage::ObjectInfo;

use crate::db::upload::{Model, State};

/// How long one attempt at checking may hold an upload. A longer one releases it before (`uploads/finish.rs`).
pub const LEASE: TimeDelta = TimeDelta::seconds(120);
/// How soon the worker looks for an unconfirmed file; see [`next_look`] for how often after that.
pub const LOOK_AFTER: TimeDelta = TimeDelta::seconds(15);
/// The longest pause between two looks.
const LONGEST_PAUSE: TimeDelta = TimeDelta::minutes(5);
/// How long other processes leave a queued file alone. If this process dies, they take over after that.
pub const IN_LINE: TimeDelta = TimeDelta::minutes(1);
/// How many leases may run out (because a process died) before the file is blamed.
pub const MAX_LAPSES: i32 = 3;
/// How long the row of a failed upload is kept, so that a late confirm gets the reason.
pub const REMEMBER: TimeDelta = TimeDelta::days(7);

/// An event of an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The client says the file is there.
    Confirm,
    /// The worker finds it due.
    Reconcile,
    /// The staging key was looked up.
    StorageChecked {
        /// What is there.
        found: Found,
        /// Who looked.
        by: Caller,
    },
    /// The client gives up.
    Abort,
}

/// What is at a staging key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// No object.
    Nothing,
    /// An empty object: no announced file, but what an abort writes in its place.
    Empty,
    /// The client's file.
    File,
}

impl Found {
    /// What the store's HEAD says.
    #[must_use]
    pub fn of(object: Option<ObjectInfo>) -> Self {
        match object {
            None => Self::Nothing,
            Some(ObjectInfo { size_bytes: 0 }) => Self::Empty,
            Some(_) => Self::File,
        }
    }
}

/// Who waits for the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A client, with a confirm.
    Client,
    /// The worker.
    Worker,
}

/// What to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Look whether the file is in the storage, and decide again.
    CheckStorage,
    /// The file is being checked: wait for the outcome.
    InProgress,
    /// Claim the lease and check the file.
    Claim,
    /// Too many leases ran out on this file: reject it.
    RejectPoisoned,
    /// It has ended: report the outcome.
    ReplyWithOutcome,
    /// The file is not there yet.
    NotUploaded,
    /// The URL has expired and nothing has landed.
    TooLate,
    /// Nothing has landed: look again later.
    CheckAgain,
    /// Nothing has landed and nothing will: expire it.
    Expire,
    /// Abort it: make its URL useless, then mark it as aborted.
    Abort,
    /// Its URL is already useless: mark it as aborted.
    EndAborted,
    /// It is an image already.
    AlreadyReady,
    /// It has ended without an image: nothing is left to abort.
    NoOp,
    /// It has ended before its URL expired: see that staging holds only what keeps the URL from writing.
    Empty,
    /// Its end is final and its URL has expired: delete what is left in staging.
    Sweep,
    /// It failed long ago: delete its row.
    Forget,
}

/// Decides. See [`Decision`] for the effects.
#[must_use]
pub fn decide(upload: &Model, event: Event, now: DateTime<Utc>) -> Decision {
    use Decision as D;
    use State::{Aborted, Expired, Pending, Processing, Ready, Rejected};
    let leased = upload.state == Processing && upload.lease_until.is_some_and(|until| until > now);
    match (event, upload.state) {
        (
            Event::Confirm | Event::Reconcile | Event::StorageChecked { .. } | Event::Abort,
            Processing,
        ) if leased => D::InProgress,

        (Event::Confirm | Event::Reconcile, Pending | Processing) => D::CheckStorage,
        (
            Event::StorageChecked {
                found: Found::Empty,
                ..
            },
            Pending | Processing,
        ) => D::EndAborted,
        (
            Event::StorageChecked {
                found: Found::File, ..
            },
            Pending | Processing,
        ) if upload.lapses >= MAX_LAPSES => D::RejectPoisoned,
        (
            Event::StorageChecked {
                found: Found::File, ..
            },
            Pending | Processing,
        ) => D::Claim,
        (
            Event::StorageChecked {
                by: Caller::Client, ..
            },
            Pending | Processing,
        ) if now >= upload.put_expires_at => D::TooLate,
        (
            Event::StorageChecked {
                by: Caller::Client, ..
            },
            Pending | Processing,
        ) => D::NotUploaded,
        (
            Event::StorageChecked {
                by: Caller::Worker, ..
            },
            Pending | Processing,
        ) if now >= upload.expires_at => D::Expire,
        (
            Event::StorageChecked {
                by: Caller::Worker, ..
            },
            Pending | Processing,
        ) => D::CheckAgain,
        (Event::Abort, Pending | Processing) => D::Abort,

        (Event::Confirm | Event::StorageChecked { .. }, Ready | Rejected | Expired | Aborted) => {
            D::ReplyWithOutcome
        }
        (Event::Reconcile, Rejected | Expired | Aborted) if now >= upload.expires_at + REMEMBER => {
            D::Forget
        }
        (Event::Reconcile, Ready | Rejected | Expired | Aborted) if now < upload.expires_at => {
            D::Empty
        }
        (Event::Reconcile, Ready | Rejected | Expired | Aborted) => D::Sweep,
        (Event::Abort, Ready) => D::AlreadyReady,
        (Event::Abort, Rejected | Expired | Aborted) => D::NoOp,
    }
}

/// When the worker looks again for an unconfirmed file that is missing: later and later, and once soon after its URL has expired and when
/// the upload itself does. `chance`, from 0 to 999, makes a pause up to a third longer, so that files announced together part.
#[must_use]
pub fn next_look(upload: &Model, now: DateTime<Utc>, chance: i32) -> DateTime<Utc> {
    let age = now - upload.created_at;
    let pause = (age / 2).clamp(LOOK_AFTER, LONGEST_PAUSE);
    let next = now + pause + pause * chance / 3000;
    let ends = [upload.put_expires_at + LOOK_AFTER, upload.expires_at];
    ends.into_iter()
        .find(|end| now < *end && *end < next)
        .unwrap_or(next)
}

#[cfg(test)]
mod tests {
    use sea_orm::Iterable;
    use sea_orm::prelude::Uuid;
    use tintype_dto::ContentType;

    use super::*;
    use crate::db::{ImageId, MediaType, RemovedByClient, UserId};

    const CLIENT: Caller = Caller::Client;
    const WORKER: Caller = Caller::Worker;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
    }

    /// Made at 0, its URL ends at 15, the upload at 60.
    fn upload(state: State) -> Model {
        Model {
            token_id: None,
            title: None,
            alt: None,
            visibility: None,
            image_created_at: None,
            image_expires_at: None,
            id: ImageId(Uuid::nil()),
            user_id: UserId(Uuid::nil()),
            state,
            filename: String::new(),
            content_type: MediaType(ContentType::Png),
            size_bytes: 1,
            estimated_ms: 1,
            sha256: None,
            removed_by_client: RemovedByClient(Vec::new()),
            staging_key: String::new(),
            put_expires_at: at(15),
            expires_at: at(60),
            due_at: None,
            lease_id: None,
            lease_until: None,
            attempts: 0,
            lapses: 0,
            problem_code: None,
            problem_detail: None,
            created_at: at(0),
        }
    }

    fn looked(found: Found, by: Caller) -> Event {
        Event::StorageChecked { found, by }
    }

    #[test]
    fn every_state_answers_every_event() {
        use Decision as D;
        use State as S;
        let table = [
            (
                S::Pending,
                D::CheckStorage,
                D::CheckStorage,
                D::Claim,
                D::NotUploaded,
                D::CheckAgain,
                D::Abort,
            ),
            (
                S::Processing,
                D::CheckStorage,
                D::CheckStorage,
                D::Claim,
                D::NotUploaded,
                D::CheckAgain,
                D::Abort,
            ),
            (
                S::Ready,
                D::ReplyWithOutcome,
                D::Empty,
                D::ReplyWithOutcome,
                D::ReplyWithOutcome,
                D::ReplyWithOutcome,
                D::AlreadyReady,
            ),
            (
                S::Rejected,
                D::ReplyWithOutcome,
                D::Empty,
                D::ReplyWithOutcome,
                D::ReplyWithOutcome,
                D::ReplyWithOutcome,
                D::NoOp,
            ),
            (
                S::Expired,
                D::ReplyWithOutcome,
                D::Empty,
                D::ReplyWithOutcome,
                D::ReplyWithOutcome,
                D::ReplyWithOutcome,
                D::NoOp,
            ),
            (
                S::Aborted,
                D::ReplyWithOutcome,
                D::Empty,
                D::ReplyWithOutcome,
                D::ReplyWithOutcome,
                D::ReplyWithOutcome,
                D::NoOp,
            ),
        ];
        assert_eq!(table.len(), S::iter().count());
        for (state, confirm, visit, landed, missing_client, missing_worker, abort) in table {
            let upload = upload(state);
            for (event, expected) in [
                (Event::Confirm, confirm),
                (Event::Reconcile, visit),
                (looked(Found::File, CLIENT), landed),
                (looked(Found::File, WORKER), landed),
                (looked(Found::Nothing, CLIENT), missing_client),
                (looked(Found::Nothing, WORKER), missing_worker),
                (Event::Abort, abort),
            ] {
                assert_eq!(
                    decide(&upload, event, at(1)),
                    expected,
                    "{state:?} {event:?}"
                );
            }
        }
    }

    #[test]
    fn while_a_lease_runs_everybody_waits_and_when_it_has_run_out_the_work_is_taken_again() {
        let leased = Model {
            lease_until: Some(at(2)),
            ..upload(State::Processing)
        };
        for event in [
            Event::Confirm,
            Event::Reconcile,
            Event::Abort,
            looked(Found::File, CLIENT),
            looked(Found::Nothing, WORKER),
        ] {
            assert_eq!(
                decide(&leased, event, at(1)),
                Decision::InProgress,
                "{event:?}"
            );
        }
        assert_eq!(
            decide(&leased, looked(Found::File, WORKER), at(2)),
            Decision::Claim
        );
    }

    #[test]
    fn a_client_is_too_late_only_when_the_url_has_expired_and_nothing_landed() {
        let upload = upload(State::Pending);
        assert_eq!(
            decide(&upload, looked(Found::Nothing, CLIENT), at(15)),
            Decision::TooLate
        );
        assert_eq!(
            decide(&upload, looked(Found::File, CLIENT), at(15)),
            Decision::Claim
        );
        assert_eq!(
            decide(&upload, looked(Found::File, WORKER), at(1_000)),
            Decision::Claim
        );
    }

    #[test]
    fn what_never_landed_expires_after_the_grace() {
        let upload = upload(State::Pending);
        assert_eq!(
            decide(&upload, looked(Found::Nothing, WORKER), at(59)),
            Decision::CheckAgain
        );
        assert_eq!(
            decide(&upload, looked(Found::Nothing, WORKER), at(60)),
            Decision::Expire
        );
    }

    #[test]
    fn a_file_that_kills_the_process_is_given_up() {
        let upload = Model {
            lapses: MAX_LAPSES,
            ..upload(State::Processing)
        };
        assert_eq!(
            decide(&upload, looked(Found::File, WORKER), at(1)),
            Decision::RejectPoisoned
        );
    }

    #[test]
    fn an_abort_that_was_cut_short_is_ended_by_whoever_looks() {
        for state in [State::Pending, State::Processing] {
            for by in [CLIENT, WORKER] {
                let spent = Model {
                    lapses: MAX_LAPSES,
                    ..upload(state)
                };
                assert_eq!(
                    decide(&spent, looked(Found::Empty, by), at(1)),
                    Decision::EndAborted,
                    "{state:?} {by:?}"
                );
            }
        }
        assert_eq!(
            decide(
                &upload(State::Rejected),
                looked(Found::Empty, CLIENT),
                at(1)
            ),
            Decision::ReplyWithOutcome
        );
    }

    #[test]
    fn looks_become_rare_as_nobody_confirms_and_one_is_soon_after_the_url_has_expired() {
        let upload = upload(State::Pending);
        let mut longest = 0;
        for chance in [0, 500, 999] {
            let (mut now, mut looks) = (upload.created_at + LOOK_AFTER, Vec::new());
            while now < upload.expires_at {
                looks.push(now);
                let next = next_look(&upload, now, chance);
                let is_end =
                    [upload.put_expires_at + LOOK_AFTER, upload.expires_at].contains(&next);
                assert!(next - now >= LOOK_AFTER || is_end, "{now} {next}");
                assert!(next - now < TimeDelta::minutes(7), "{now} {next}");
                now = next;
            }
            assert!(looks.contains(&(upload.put_expires_at + LOOK_AFTER)));
            assert_eq!(
                now, upload.expires_at,
                "what is set aside is given back at once"
            );
            longest = longest.max(looks.len());
        }
        assert!(longest <= 24, "{longest} looks in an hour");
        let soon = [0, 999].map(|chance| next_look(&upload, at(10), chance) - at(10));
        assert!(
            soon[1] > soon[0],
            "what was announced together is not looked for together"
        );
    }

    #[test]
    fn what_has_ended_is_swept_when_its_url_is_dead_for_good() {
        assert_eq!(
            decide(&upload(State::Aborted), Event::Reconcile, at(59)),
            Decision::Empty
        );
        assert_eq!(
            decide(&upload(State::Aborted), Event::Reconcile, at(60)),
            Decision::Sweep
        );
    }

    #[test]
    fn what_came_to_nothing_is_remembered_for_a_week() {
        let day = 24 * 60;
        assert_eq!(
            decide(
                &upload(State::Rejected),
                Event::Reconcile,
                at(60 + 7 * day - 1)
            ),
            Decision::Sweep
        );
        assert_eq!(
            decide(&upload(State::Rejected), Event::Reconcile, at(60 + 7 * day)),
            Decision::Forget
        );
        assert_eq!(
            decide(&upload(State::Ready), Event::Reconcile, at(60 + 7 * day)),
            Decision::Sweep
        );
    }
}
