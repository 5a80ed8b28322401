//! What servers and workers do, step by step, as `confirm`, `abort`, `reconcile` and `finish` in `uploads`, and `purge`, of `tintype-core` do it.
//!
//! The order of the steps stands here a second time. Driven by the simulation, the product's own steps would have to be generic over rows,
//! objects, time and tasks: a dozen functions with four parameters more each, where now one reads `services.db`. What they decide is one
//! function for both (`state_machine::decide`), what their queries do is compared on both databases (`conformance`), and the crash matrix runs
//! the real ones.

use std::cell::Cell;
use std::rc::Rc;

use chrono::{DateTime, TimeDelta, Utc};
use tintype_core::db::image::State as ImageState;
use tintype_core::db::upload::{Model, State};
use tintype_core::uploads::state_machine::{
    Caller, Decision, Event, Found, IN_LINE, REMEMBER, decide, next_look,
};

use super::rows;
use super::time::give_way;
use super::world::{
    Content, EMPTY, Fault, IMAGE_BYTES, Id, Image, Key, Object, Process, Shared, TRASH, World,
    call, is_deadly, is_picture,
};

/// How long other workers leave alone what one has found, and how long a row waits that failed.
const CLAIM: TimeDelta = TimeDelta::seconds(30);
const PUT_OFF: TimeDelta = TimeDelta::seconds(15);
const RETRY_AFTER: TimeDelta = TimeDelta::seconds(10);
/// How often a client that waits for an answer is patient.
const PATIENCE: usize = 30;

/// What a client hears of its upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Ready(Content),
    Missing,
    Ended,
    StillProcessing,
}

async fn find(world: &Shared, id: Id) -> Result<Option<Model>, Fault> {
    call(world, id, |world| world.life(id).row.clone()).await
}

/// Carries a query out on the row of an upload: the row afterwards, if it was as the query wants it.
async fn change(
    world: &Shared,
    id: Id,
    query: impl FnOnce(&mut World, &Model) -> Option<Model>,
) -> Result<Option<Model>, Fault> {
    call(world, id, |world| {
        let row = world.life(id).row.clone()?;
        let next = query(world, &row)?;
        world.life(id).row = Some(next.clone());
        Some(next)
    })
    .await
}

async fn delete(world: &Shared, id: Id, key: Key) -> Result<(), Fault> {
    call(world, id, |world| {
        world.life(id).objects.remove(&key);
    })
    .await
}

/// The object at the staging key.
async fn head(world: &Shared, id: Id) -> Result<Found, Fault> {
    call(world, id, |world| {
        match world.life(id).objects.get(&Key::Staging) {
            None => Found::Nothing,
            Some(object) if object.content == EMPTY => Found::Empty,
            Some(_) => Found::File,
        }
    })
    .await
}

/// Puts nothing in the place of the file.
async fn empty(world: &Shared, id: Id) -> Result<(), Fault> {
    call(world, id, |world| {
        let written_at = world.now;
        world.life(id).objects.insert(
            Key::Staging,
            Object {
                content: EMPTY,
                written_at,
            },
        );
    })
    .await
}

async fn empty_ended(world: &Shared, id: Id) {
    if empty(world, id).await.is_err() {
        let due_at = world.borrow().now + RETRY_AFTER;
        drop(change(world, id, |_, row| rows::come_back(row, due_at)).await);
    }
}

pub async fn announce(world: &Shared, id: Id) -> Result<Model, Fault> {
    call(world, id, |world| {
        let row = world.new_row(id);
        world.begin_upload();
        world.life(id).row = Some(row.clone());
        row
    })
    .await
}

pub async fn confirm(world: &Shared, process: Process, id: Id) -> Result<Answer, Fault> {
    for _ in 0..PATIENCE {
        let Some(upload) = find(world, id).await? else {
            return Ok(Answer::Ended);
        };
        let now = world.borrow().now;
        match decide(&upload, Event::Confirm, now) {
            Decision::ReplyWithOutcome => return tell(world, id, &upload).await,
            Decision::CheckStorage => {
                if let Some(answer) = look(world, process, id, &upload).await? {
                    return Ok(answer);
                }
            }
            _ => give_way().await,
        }
    }
    Ok(Answer::StillProcessing)
}

async fn look(
    world: &Shared,
    process: Process,
    id: Id,
    upload: &Model,
) -> Result<Option<Answer>, Fault> {
    let found = head(world, id).await?;
    let now = world.borrow().now;
    match decide(
        upload,
        Event::StorageChecked {
            found,
            by: Caller::Client,
        },
        now,
    ) {
        Decision::NotUploaded | Decision::TooLate => {
            let Some(current) = find(world, id).await? else {
                return Ok(Some(Answer::Ended));
            };
            return Ok(
                ((current.state, current.attempts) == (upload.state, upload.attempts))
                    .then_some(Answer::Missing),
            );
        }
        Decision::RejectPoisoned => give_up(world, process, id, upload).await?,
        Decision::EndAborted => end_aborted(world, id, upload).await?,
        Decision::Claim => {
            let has_ended = Rc::new(Cell::new(false));
            let (shared, held, ended, upload) = (
                world.clone(),
                world.borrow().hold(id),
                has_ended.clone(),
                upload.clone(),
            );
            let work = async move {
                drop(check_in_turn(&shared, process, id, upload).await);
                ended.set(true);
                drop(held);
            };
            world.borrow_mut().spawned.push((process, Box::pin(work)));
            for _ in 0..PATIENCE {
                if has_ended.get() {
                    break;
                }
                give_way().await;
            }
        }
        _ => {}
    }
    Ok(None)
}

/// Waits for the file's turn without a lease, as often as it turns out to be heavy.
async fn check_in_turn(
    world: &Shared,
    process: Process,
    id: Id,
    upload: Model,
) -> Result<(), Fault> {
    let mut upload = upload;
    loop {
        let wait = world.borrow_mut().random(8);
        for _ in 0..wait {
            give_way().await;
        }
        let Some(taken) = take(world, process, id, &upload).await? else {
            return Ok(());
        };
        let has_to_wait = world.borrow_mut().random(10) == 0;
        if !has_to_wait {
            return finish(world, process, id, &taken).await;
        }
        world.borrow_mut().count("waited for a heavy place");
        let due_at = world.borrow().now + IN_LINE;
        if change(world, id, |_, row| rows::released(row, &taken, due_at))
            .await
            .is_err()
        {
            give_back(world, process, id, taken);
            return Err(Fault);
        }
        upload = Model {
            state: State::Pending,
            lease_id: None,
            lease_until: None,
            ..taken
        };
    }
}

async fn tell(world: &Shared, id: Id, upload: &Model) -> Result<Answer, Fault> {
    if upload.state != State::Ready {
        return Ok(Answer::Ended);
    }
    let image = call(world, id, |world| world.life(id).image).await?;
    let now = world.borrow().now;
    let lasts = |image: &Image| image.expires_at.is_none_or(|end| end > now);
    let ready = image.filter(|image| image.standing.0 == ImageState::Ready && lasts(image));
    Ok(ready.map_or(Answer::Ended, |image| Answer::Ready(image.content)))
}

async fn take(
    world: &Shared,
    process: Process,
    id: Id,
    upload: &Model,
) -> Result<Option<Model>, Fault> {
    let lease = world.borrow_mut().new_lease();
    let taken = change(world, id, |world, row| {
        rows::taken(row, upload, world.now, lease)
    })
    .await;
    if taken.is_err() {
        give_back(
            world,
            process,
            id,
            Model {
                lease_id: Some(lease),
                ..upload.clone()
            },
        );
    }
    taken
}

/// Until the database takes it.
fn give_back(world: &Shared, process: Process, id: Id, taken: Model) {
    let (shared, held) = (world.clone(), world.borrow().hold(id));
    let work = async move {
        let due_at = shared.borrow().now + RETRY_AFTER;
        while change(&shared, id, |_, row| rows::released(row, &taken, due_at))
            .await
            .is_err()
        {}
        drop(held);
    };
    world.borrow_mut().spawned.push((process, Box::pin(work)));
}

async fn give_up(world: &Shared, process: Process, id: Id, upload: &Model) -> Result<(), Fault> {
    if let Some(taken) = take(world, process, id, upload).await? {
        world.borrow_mut().count("given up");
        if reject(world, id, &taken).await? {
            empty_ended(world, id).await;
        }
    }
    Ok(())
}

async fn end_aborted(world: &Shared, id: Id, upload: &Model) -> Result<(), Fault> {
    if end(world, id, upload, State::Aborted).await? {
        world.borrow_mut().count("abort ended by another");
    }
    Ok(())
}

async fn reject(world: &Shared, id: Id, taken: &Model) -> Result<bool, Fault> {
    let rejected = change(world, id, |world, row| {
        let next = rows::rejected(row, taken)?;
        world.end_upload(0);
        Some(next)
    });
    let is_rejected = rejected.await?.is_some();
    if is_rejected {
        world.borrow_mut().count("rejected");
    }
    Ok(is_rejected)
}

async fn finish(world: &Shared, process: Process, id: Id, taken: &Model) -> Result<(), Fault> {
    let result = check_and_publish(world, process, id, taken).await;
    give_back_failed(world, process, id, taken, result).await
}

/// What fails while it holds a lease gives it back.
async fn give_back_failed(
    world: &Shared,
    process: Process,
    id: Id,
    taken: &Model,
    result: Result<(), Fault>,
) -> Result<(), Fault> {
    if result.is_err() {
        let due_at = world.borrow().now + RETRY_AFTER;
        if change(world, id, |_, row| rows::released(row, taken, due_at))
            .await
            .is_err()
        {
            give_back(world, process, id, taken.clone());
        }
    }
    result
}

async fn check_and_publish(
    world: &Shared,
    process: Process,
    id: Id,
    taken: &Model,
) -> Result<(), Fault> {
    let found = call(world, id, |world| {
        world.life(id).objects.get(&Key::Staging).copied()
    })
    .await?;
    let content = found.ok_or(Fault)?.content;
    if content == EMPTY {
        return abort_held(world, id, taken).await;
    }
    if is_deadly(content) {
        world.borrow_mut().crash(process);
        give_way().await;
    }
    for part in 0..if is_picture(content) { 3 } else { 0 } {
        call(world, id, |world| {
            put_final(world, id, Key::Final(taken.attempts, part), content);
        })
        .await?;
    }
    let is_ours = if is_picture(content) {
        publish(world, id, taken, content).await?
    } else {
        reject(world, id, taken).await?
    };
    if is_ours {
        empty_ended(world, id).await;
    }
    Ok(())
}

fn put_final(world: &mut World, id: Id, key: Key, content: Content) {
    let object = Object {
        content,
        written_at: world.now,
    };
    let before = world.life(id).objects.insert(key, object);
    assert!(
        before.is_none_or(|before| before.content == content),
        "{}: {key:?} of upload {id} was written twice",
        world.place()
    );
}

async fn publish(world: &Shared, id: Id, taken: &Model, content: Content) -> Result<bool, Fault> {
    let published = change(world, id, |world, row| {
        let next = rows::published(row, taken)?;
        let place = world.place();
        let life = world.life(id);
        assert!(!life.was_image, "{place}: upload {id} was published twice");
        life.image = Some(Image {
            standing: (ImageState::Ready, row.image_expires_at),
            expires_at: row.image_expires_at,
            attempt: taken.attempts,
            content,
        });
        life.was_image = true;
        world.end_upload(IMAGE_BYTES);
        Some(next)
    });
    let is_published = published.await?.is_some();
    world.borrow_mut().count(if is_published {
        "published"
    } else {
        "lease lost"
    });
    Ok(is_published)
}

pub async fn abort(world: &Shared, process: Process, id: Id) -> Result<(), Fault> {
    let Some(upload) = find(world, id).await? else {
        return Ok(());
    };
    let now = world.borrow().now;
    if decide(&upload, Event::Abort, now) != Decision::Abort {
        return Ok(());
    }
    let (shared, held) = (world.clone(), world.borrow().hold(id));
    let work = async move {
        if let Ok(Some(taken)) = take(&shared, process, id, &upload).await {
            let result = async {
                empty(&shared, id).await?;
                abort_held(&shared, id, &taken).await
            };
            let result = result.await;
            drop(give_back_failed(&shared, process, id, &taken, result).await);
        }
        drop(held);
    };
    world.borrow_mut().spawned.push((process, Box::pin(work)));
    Ok(())
}

async fn abort_held(world: &Shared, id: Id, taken: &Model) -> Result<(), Fault> {
    let aborted = change(world, id, |world, row| {
        let next = rows::aborted(row, taken)?;
        world.end_upload(0);
        Some(next)
    });
    if aborted.await?.is_some() {
        world.borrow_mut().count("aborted");
    }
    Ok(())
}

async fn end(world: &Shared, id: Id, upload: &Model, state: State) -> Result<bool, Fault> {
    let ended = change(world, id, |world, row| {
        let next = rows::over(row, upload, state, world.now)?;
        world.end_upload(0);
        Some(next)
    });
    Ok(ended.await?.is_some())
}

/// Whether it was carried out.
async fn change_image(
    world: &Shared,
    id: Id,
    query: impl FnOnce(&World, Image) -> Option<Image>,
) -> Result<bool, Fault> {
    call(world, id, |world| {
        let image = world.life(id).image;
        let next = image.and_then(|image| query(world, image));
        world.life(id).image = next.or(image);
        next.is_some()
    })
    .await
}

pub async fn delete_image(world: &Shared, id: Id, is_permanent: bool) -> Result<bool, Fault> {
    use ImageState::{Deleting, Ready, Trashed};
    change_image(world, id, |world, image| {
        let (from, to): (&[_], _) = if is_permanent {
            (&[Ready, Trashed], (Deleting, Some(world.now)))
        } else {
            (&[Ready], (Trashed, Some(world.now + TRASH)))
        };
        rows::moved(image.standing, from, to).map(|standing| image.with(standing))
    })
    .await
}

pub async fn restore(world: &Shared, id: Id) -> Result<bool, Fault> {
    change_image(world, id, |world, image| {
        rows::restored(image.standing, image.expires_at, world.now)
            .map(|standing| image.with(standing))
    })
    .await
}

pub async fn restore_until(
    world: &Shared,
    id: Id,
    end: Option<DateTime<Utc>>,
) -> Result<bool, Fault> {
    change_image(world, id, |world, image| {
        rows::restored_until(image.standing, image.expires_at, end, world.now)
            .map(|standing| image.until(standing, end))
    })
    .await
}

pub async fn have_end(world: &Shared, id: Id, end: Option<DateTime<Utc>>) -> Result<bool, Fault> {
    change_image(world, id, |world, image| {
        rows::to_end(image.standing, image.expires_at, end, world.now)
            .map(|standing| image.until(standing, end))
    })
    .await
}

/// Whether it is in the album now.
pub async fn put_into_album(world: &Shared, id: Id) -> Result<bool, Fault> {
    call(world, id, |world| {
        let image = world.life(id).image;
        let joins = image.is_some_and(|image| rows::joins(image.standing));
        if joins {
            world.album.insert(id);
        }
        joins
    })
    .await
}

pub async fn take_out(world: &Shared, id: Id) -> Result<bool, Fault> {
    call(world, id, |world| world.album.remove(&id)).await
}

/// A worker handles the due upload and image, in their own tasks.
pub fn come_by(world: &Shared, process: Process, id: Id) {
    let mut now = world.borrow_mut();
    let (time, claims) = (now.now, now.claims);
    let claimed = time + CLAIM;
    let held = now.hold(id);
    let life = now.life(id);
    let is_due = |due_at: Option<_>| due_at.is_some_and(|due_at| due_at <= time);
    let upload = life
        .row
        .as_mut()
        .filter(|row| is_due(row.due_at))
        .map(|row| {
            row.due_at = if claims { Some(claimed) } else { row.due_at };
            row.clone()
        });
    let image = life
        .image
        .as_mut()
        .filter(|image| is_due(image.standing.1))
        .map(|image| {
            image.standing.1 = if claims {
                Some(claimed)
            } else {
                image.standing.1
            };
            *image
        });
    if let Some(upload) = upload {
        let (shared, held) = (world.clone(), held.clone());
        let work = async move {
            if visit(&shared, process, id, &upload).await.is_err() {
                let due_at = shared.borrow().now + PUT_OFF;
                drop(look_again(&shared, id, &upload, Some(due_at)).await);
            }
            drop(held);
        };
        now.spawned.push((process, Box::pin(work)));
    }
    if let Some(image) = image {
        let shared = world.clone();
        let work = async move {
            if visit_image(&shared, id, image).await.is_err() {
                let due_at = shared.borrow().now + PUT_OFF;
                drop(
                    change_image(&shared, id, |_, image| {
                        rows::put_off(image.standing, due_at).map(|standing| image.with(standing))
                    })
                    .await,
                );
            }
            drop(held);
        };
        now.spawned.push((process, Box::pin(work)));
    }
}

async fn look_again(
    world: &Shared,
    id: Id,
    upload: &Model,
    due_at: Option<DateTime<Utc>>,
) -> Result<(), Fault> {
    change(world, id, |_, row| rows::looked_again(row, upload, due_at))
        .await
        .map(drop)
}

async fn visit(world: &Shared, process: Process, id: Id, upload: &Model) -> Result<(), Fault> {
    let now = world.borrow().now;
    match decide(upload, Event::Reconcile, now) {
        Decision::CheckStorage => visit_unfinished(world, process, id, upload).await,
        Decision::Empty => {
            empty(world, id).await?;
            world.borrow_mut().count("emptied by the worker");
            look_again(world, id, upload, Some(upload.expires_at)).await
        }
        Decision::Sweep => sweep(world, id, upload).await,
        Decision::Forget => {
            drop_objects(world, id, upload).await?;
            forget(world, id).await
        }
        _ => Ok(()),
    }
}

async fn visit_unfinished(
    world: &Shared,
    process: Process,
    id: Id,
    upload: &Model,
) -> Result<(), Fault> {
    let found = head(world, id).await?;
    let now = world.borrow().now;
    match decide(
        upload,
        Event::StorageChecked {
            found,
            by: Caller::Worker,
        },
        now,
    ) {
        Decision::Claim => {
            look_again(world, id, upload, Some(now + IN_LINE)).await?;
            // What fails here is found again.
            check_in_turn(world, process, id, upload.clone())
                .await
                .or(Ok(()))
        }
        Decision::RejectPoisoned => give_up(world, process, id, upload).await,
        Decision::EndAborted => end_aborted(world, id, upload).await,
        Decision::Expire => {
            if end(world, id, upload, State::Expired).await? {
                world.borrow_mut().count("expired");
            }
            Ok(())
        }
        _ => {
            let chance = world.borrow_mut().random(1000);
            let next = next_look(upload, now, chance.cast_signed());
            if upload.state == State::Processing {
                change(world, id, |_, row| rows::released(row, upload, next))
                    .await
                    .map(drop)
            } else {
                look_again(world, id, upload, Some(next)).await
            }
        }
    }
}

async fn sweep(world: &Shared, id: Id, upload: &Model) -> Result<(), Fault> {
    drop_objects(world, id, upload).await?;
    if upload.state != State::Ready {
        return look_again(world, id, upload, Some(upload.expires_at + REMEMBER)).await;
    }
    if call(world, id, |world| world.life(id).image.is_some()).await? {
        look_again(world, id, upload, None).await
    } else {
        forget(world, id).await
    }
}

async fn drop_objects(world: &Shared, id: Id, upload: &Model) -> Result<(), Fault> {
    delete(world, id, Key::Staging).await?;
    let published = call(world, id, |world| {
        world.life(id).image.map(|image| image.attempt)
    })
    .await?;
    for attempt in (1..=upload.attempts).filter(|attempt| published != Some(*attempt)) {
        for part in 0..3 {
            delete(world, id, Key::Final(attempt, part)).await?;
        }
    }
    Ok(())
}

async fn forget(world: &Shared, id: Id) -> Result<(), Fault> {
    call(world, id, |world| {
        world.life(id).row = None;
        world.count("forgotten");
    })
    .await
}

async fn visit_image(world: &Shared, id: Id, image: Image) -> Result<(), Fault> {
    match image.standing.0 {
        ImageState::Ready => {
            let step = change_image(world, id, |world, image| {
                let purge_at = world.now + TRASH;
                rows::ended_by_itself(image.standing, image.expires_at, world.now, purge_at)
                    .map(|standing| image.with(standing))
            });
            if step.await? {
                world.borrow_mut().count("ended by itself");
            }
            Ok(())
        }
        ImageState::Trashed => {
            let step = change_image(world, id, |world, image| {
                let to = (ImageState::Deleting, Some(world.now));
                rows::moved(image.standing, &[ImageState::Trashed], to)
                    .map(|standing| image.with(standing))
            });
            if step.await? {
                purge(world, id, image).await
            } else {
                Ok(())
            }
        }
        ImageState::Deleting => purge(world, id, image).await,
    }
}

async fn purge(world: &Shared, id: Id, image: Image) -> Result<(), Fault> {
    for part in 0..3 {
        delete(world, id, Key::Final(image.attempt, part)).await?;
    }
    call(world, id, |world| {
        let now = world.now;
        let life = world.life(id);
        let is_gone = life
            .image
            .take_if(|image| image.standing.0 == ImageState::Deleting)
            .is_some();
        if is_gone {
            if let Some(row) = &mut life.row {
                row.due_at = Some(row.expires_at.max(now));
            }
            world.use_bytes(-IMAGE_BYTES);
            world.album.remove(&id);
            world.count("purged");
        }
    })
    .await
}

/// The sweeper looks at the objects of this upload.
pub fn sweep_orphans(world: &Shared, process: Process, id: Id) {
    let mut now = world.borrow_mut();
    let orphans: Vec<_> = now.lives[&id]
        .objects
        .keys()
        .copied()
        .filter(|key| now.is_orphan(id, *key))
        .collect();
    if orphans.is_empty() {
        return;
    }
    let (shared, held) = (world.clone(), now.hold(id));
    let work = async move {
        for key in orphans {
            let is_still = call(&shared, id, |world| world.is_orphan(id, key)).await;
            if is_still.is_ok_and(|is_still| is_still) && delete(&shared, id, key).await.is_ok() {
                shared.borrow_mut().count("swept orphan");
            }
        }
        drop(held);
    };
    now.spawned.push((process, Box::pin(work)));
}
