//! What each query does to a row: the row afterwards, or `None` when it is not, or no longer, as the query wants it.

use chrono::{DateTime, Utc};
use tintype_core::db::image::State as ImageState;
use tintype_core::db::upload::{Model, State};
use tintype_core::uploads::state_machine::LEASE;
use uuid::Uuid;

type Time = DateTime<Utc>;

fn is_unleased(row: &Model, now: Time) -> bool {
    row.state == State::Pending
        || (row.state == State::Processing && row.lease_until.is_some_and(|until| until <= now))
}

fn is_held(row: &Model, read: &Model) -> bool {
    row.state == State::Processing && row.lease_id == read.lease_id
}

fn ended(row: &Model, state: State, due_at: Time) -> Model {
    Model {
        state,
        lease_id: None,
        lease_until: None,
        due_at: Some(due_at),
        ..row.clone()
    }
}

pub fn taken(row: &Model, read: &Model, now: Time, lease: Uuid) -> Option<Model> {
    (row.attempts == read.attempts && is_unleased(row, now)).then(|| Model {
        state: State::Processing,
        lease_id: Some(lease),
        lease_until: Some(now + LEASE),
        due_at: Some(now + LEASE),
        attempts: read.attempts + 1,
        lapses: read.lapses + i32::from(read.state == State::Processing),
        ..row.clone()
    })
}

pub fn released(row: &Model, read: &Model, due_at: Time) -> Option<Model> {
    is_held(row, read).then(|| ended(row, State::Pending, due_at))
}

pub fn published(row: &Model, read: &Model) -> Option<Model> {
    is_held(row, read).then(|| ended(row, State::Ready, read.expires_at))
}

pub fn rejected(row: &Model, read: &Model) -> Option<Model> {
    is_held(row, read).then(|| ended(row, State::Rejected, read.expires_at))
}

pub fn aborted(row: &Model, read: &Model) -> Option<Model> {
    is_held(row, read).then(|| ended(row, State::Aborted, read.expires_at))
}

pub fn come_back(row: &Model, due_at: Time) -> Option<Model> {
    let has_ended = !matches!(row.state, State::Pending | State::Processing);
    (has_ended && row.due_at.is_some_and(|due| due > due_at)).then(|| Model {
        due_at: Some(due_at),
        ..row.clone()
    })
}

pub fn over(row: &Model, read: &Model, state: State, now: Time) -> Option<Model> {
    is_unleased(row, now).then(|| ended(row, state, read.expires_at.max(now)))
}

pub fn looked_again(row: &Model, read: &Model, due_at: Option<Time>) -> Option<Model> {
    (row.state == read.state && row.due_at == read.due_at).then(|| Model {
        due_at,
        ..row.clone()
    })
}

/// The state of an image, and when a worker has to come by.
pub type Standing = (ImageState, Option<Time>);

pub fn moved((state, _): Standing, from: &[ImageState], to: Standing) -> Option<Standing> {
    from.contains(&state).then_some(to)
}

fn lasts(expires_at: Option<Time>, now: Time) -> bool {
    expires_at.is_none_or(|end| end > now)
}

/// As it was to end.
pub fn restored(
    (state, due_at): Standing,
    expires_at: Option<Time>,
    now: Time,
) -> Option<Standing> {
    let can = state == ImageState::Trashed && due_at.is_some_and(|due_at| due_at > now);
    (can && lasts(expires_at, now)).then_some((ImageState::Ready, expires_at))
}

/// With another end.
pub fn restored_until(
    (state, due_at): Standing,
    expires_at: Option<Time>,
    end: Option<Time>,
    now: Time,
) -> Option<Standing> {
    let can = match state {
        ImageState::Trashed => due_at.is_some_and(|due_at| due_at > now),
        ImageState::Ready => !lasts(expires_at, now),
        ImageState::Deleting => false,
    };
    can.then_some((ImageState::Ready, end))
}

/// Its owner has it end then.
pub fn to_end(
    (state, _): Standing,
    expires_at: Option<Time>,
    end: Option<Time>,
    now: Time,
) -> Option<Standing> {
    (state == ImageState::Ready && lasts(expires_at, now)).then_some((state, end))
}

pub fn ended_by_itself(
    (state, _): Standing,
    expires_at: Option<Time>,
    now: Time,
    purge_at: Time,
) -> Option<Standing> {
    (state == ImageState::Ready && !lasts(expires_at, now))
        .then_some((ImageState::Trashed, Some(purge_at)))
}

/// Whether an album takes it in.
pub fn joins((state, _): Standing) -> bool {
    state != ImageState::Deleting
}

pub fn put_off((state, _): Standing, due_at: Time) -> Option<Standing> {
    (state == ImageState::Deleting).then_some((state, Some(due_at)))
}
