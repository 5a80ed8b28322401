//! What clients do, the impatient and the hostile too.

use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use chrono::{DateTime, TimeDelta, Utc};

use super::server::{self, Answer};
use super::time::sleep_until;
use super::world::{Content, Fault, Id, Key, NOWHERE, Object, Process, Shared, call};

/// A request to one of the servers: it fails when the server dies, when the client hangs up, or when the answer is lost.
async fn request<T>(
    world: &Shared,
    handler: impl AsyncFnOnce(Process) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let process = world.borrow_mut().any_process();
    let alive = world.borrow().crashes(process);
    let mut handler = pin!(handler(process));
    let answer = std::future::poll_fn(|context| {
        if world.borrow().crashes(process) != alive {
            return Poll::Ready(Err(Fault));
        }
        if world.borrow_mut().random(250) == 0 {
            world.borrow_mut().count("hung up");
            return Poll::Ready(Err(Fault));
        }
        handler.as_mut().poll(context)
    });
    answer.await
}

/// Waits for up to this many seconds.
async fn wait(world: &Shared, seconds: u32) {
    let time = {
        let mut world = world.borrow_mut();
        let wait = world.random(seconds * 1000);
        world.now + TimeDelta::milliseconds(wait.into())
    };
    sleep_until(world, time).await;
}

/// A presigned PUT: to one key, until it expires, and only where there is nothing. After the end of its upload there is always something.
async fn put(
    world: &Shared,
    id: Id,
    expires_at: DateTime<Utc>,
    content: Content,
) -> Result<bool, Fault> {
    call(world, id, |world| {
        let written_at = world.now;
        let is_late = written_at >= expires_at;
        let is_there = world.life(id).objects.contains_key(&Key::Staging);
        if is_late || is_there {
            world.count(if is_there {
                "put over another"
            } else {
                "refused put"
            });
            return is_there;
        }
        world.life(id).objects.insert(
            Key::Staging,
            Object {
                content,
                written_at,
            },
        );
        true
    })
    .await
}

/// An end that the client asks for, or none.
fn asked_to_end(world: &Shared, id: Id) -> Option<DateTime<Utc>> {
    let mut world = world.borrow_mut();
    let end = world.any_end();
    let ledger = &mut world.life(id).ledger;
    ledger.ends_at = ledger.ends_at.into_iter().chain(end).min();
    end
}

/// One upload and what becomes of it.
pub async fn act(world: Shared, id: Id, _held: Rc<()>) {
    let Ok(upload) = request(&world, async |_| server::announce(&world, id).await).await else {
        return;
    };
    let expires_at = upload.put_expires_at;
    let any = |end| world.borrow_mut().random(end);
    let content = any(u32::MAX);
    if any(12) == 0 {
        wait(&world, 2_000).await;
    }
    if any(20) == 0 {
        drop(
            request(&world, async |process| {
                server::abort(&world, process, id).await
            })
            .await,
        );
    }
    for _ in 0..3 {
        if any(15) != 0 && put(&world, id, expires_at, content).await.is_ok() {
            break;
        }
    }
    // The tab is closed, or other bytes are sent to the same address meanwhile.
    match any(10) {
        0 => return,
        1 | 2 => {
            let (shared, held) = (world.clone(), world.borrow().hold(id));
            let swap = async move {
                for _ in 0..3 {
                    let other = shared.borrow_mut().random(u32::MAX);
                    wait(&shared, 20).await;
                    drop(put(&shared, id, expires_at, other).await);
                }
                drop(held);
            };
            world.borrow_mut().spawned.push((NOWHERE, Box::pin(swap)));
        }
        _ => {}
    }
    for _ in 0..=any(6) {
        match request(&world, async |process| {
            server::confirm(&world, process, id).await
        })
        .await
        {
            Ok(Answer::Ready(content)) => {
                let mut now = world.borrow_mut();
                now.count("told that it is ready");
                now.life(id).ledger.told_ready = Some(content);
                break;
            }
            Ok(Answer::Ended) => return,
            Ok(Answer::Missing | Answer::StillProcessing) | Err(Fault) => wait(&world, 5).await,
        }
    }
    change(&world, id).await;
}

/// What becomes of the image.
async fn change(world: &Shared, id: Id) {
    let any = |end| world.borrow_mut().random(end);
    for _ in 0..any(4) {
        wait(world, 60).await;
        match any(8) {
            0 | 1 => {
                world.borrow_mut().life(id).ledger.has_asked_to_delete = true;
                let is_permanent = any(4) == 0;
                if request(world, async |_| {
                    server::delete_image(world, id, is_permanent).await
                })
                .await
                .is_ok_and(|done| done)
                {
                    world.borrow_mut().life(id).ledger.told_deleted = true;
                }
            }
            2 => {
                world.borrow_mut().life(id).ledger.told_deleted = false;
                if request(world, async |_| server::restore(world, id).await)
                    .await
                    .is_ok_and(|done| done)
                {
                    world.borrow_mut().count("restored");
                }
            }
            3 => {
                let end = asked_to_end(world, id);
                drop(request(world, async |_| server::have_end(world, id, end).await).await);
            }
            4 => {
                world.borrow_mut().life(id).ledger.told_deleted = false;
                let end = asked_to_end(world, id);
                let restored =
                    request(world, async |_| server::restore_until(world, id, end).await);
                if restored.await.is_ok_and(|done| done) {
                    world.borrow_mut().count("restored with another end");
                }
            }
            5 => {
                let added = request(world, async |_| server::put_into_album(world, id).await);
                if added.await.is_ok_and(|done| done) {
                    let mut now = world.borrow_mut();
                    now.count("put into the album");
                    now.life(id).ledger.told_in_album = true;
                }
            }
            6 => {
                world.borrow_mut().life(id).ledger.told_in_album = false;
                if request(world, async |_| server::take_out(world, id).await)
                    .await
                    .is_ok_and(|done| done)
                {
                    world.borrow_mut().count("taken out of the album");
                }
            }
            _ => {}
        }
    }
}
