//! The power goes: what a real process did to its folder is recorded, every state that a crash can leave is made from the
//! recording, and the store is started on each.
//!
//! An object is there before its answer wholly or not at all, after its answer wholly, and after the answer to its removal
//! not at all; whatever happens to one harms no other.

mod disk;
mod recording;

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::sync::{LazyLock, Mutex, OnceLock};

use disk::{Disk, Tree};
use recording::{Op, Recording};

use crate::place::Place;

type Contents = BTreeMap<&'static str, Vec<u8>>;

/// A request, and the status of its response.
enum Step {
    /// With `If-None-Match: *`, as clients do.
    PutOnce(&'static str, u8, u16),
    /// Replaces an existing object, as the server does.
    Put(&'static str, u8),
    Delete(&'static str),
}

const STEPS: [Step; 7] = [
    Step::Put("another", 1),
    Step::PutOnce("a", 2, 200),
    Step::PutOnce("a", 3, 412),
    Step::Put("a", 4),
    Step::Delete("a"),
    Step::PutOnce("a", 5, 200),
    Step::Delete("another"),
];

/// Distinct objects, of a few pages each.
fn bytes(seed: u8) -> Vec<u8> {
    (0..10_000_u32).map(|n| seed ^ n.to_le_bytes()[0]).collect()
}

/// The content of the store after this many steps.
fn contents(steps: usize) -> Contents {
    let mut contents = Contents::new();
    for step in &STEPS[..steps] {
        match step {
            Step::Put(key, seed) | Step::PutOnce(key, seed, 200) => {
                drop(contents.insert(key, bytes(*seed)));
            }
            Step::PutOnce(..) => {}
            Step::Delete(key) => drop(contents.remove(key)),
        }
    }
    contents
}

#[tokio::test]
async fn the_requests_that_are_recorded() {
    let place = Place::embedded().await;
    for (done, step) in STEPS.iter().enumerate() {
        match step {
            Step::Put(key, seed) => place
                .store
                .put(key, "image/png", bytes(*seed).into())
                .await
                .unwrap(),
            Step::Delete(key) => place.store.delete(key).await.unwrap(),
            Step::PutOnce(key, seed, status) => {
                let presigned = place.presigned(key, &bytes(*seed));
                assert_eq!(
                    place.send(&presigned, &bytes(*seed)).await.status,
                    *status,
                    "step {done}"
                );
            }
        }
    }
    recording::end();
}

fn recorded() -> &'static Recording {
    static RECORDING: OnceLock<Recording> = OnceLock::new();
    RECORDING.get_or_init(|| recording::record("power::the_requests_that_are_recorded"))
}

/// Starts the store on what a crash left and compares it with what may be there.
async fn survives(tree: &Tree, may_be: &[Contents]) -> Result<(), String> {
    // In memory where that can be: thousands of files are made, and the disk has been modelled already.
    let folder = tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap();
    tree.write(folder.path());
    let place = Place::embedded_in(folder).await;
    let mut found = Contents::new();
    for key in ["a", "another"] {
        match place.store.get(key, u64::MAX).await {
            Ok(Some(bytes)) => drop(found.insert(key, bytes.into())),
            Ok(None) => {}
            Err(error) => return Err(format!("{key} can't be read: {error}")),
        }
    }
    if !may_be.contains(&found) {
        let told = |contents: &Contents| {
            contents
                .iter()
                .map(|(key, bytes)| (*key, bytes.first().copied(), bytes.len()))
                .collect::<Vec<_>>()
        };
        return Err(format!(
            "found {:?}, may be {:?}",
            told(&found),
            may_be.iter().map(told).collect::<Vec<_>>()
        ));
    }
    let listed = place
        .store
        .list("", None)
        .await
        .map_err(|error| error.to_string())?
        .items;
    let listed: Vec<_> = listed.iter().map(|object| object.key.as_str()).collect();
    if listed != found.keys().copied().collect::<Vec<_>>() {
        return Err(format!("{listed:?} are listed"));
    }
    let data = place.folder().join("data");
    let files = |name: &str| -> usize {
        fs::read_dir(data.join(name))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| path.read_dir().map_or(1, Iterator::count))
            .sum()
    };
    if (files("objects"), files("tmp")) != (found.len(), 0) {
        return Err(format!(
            "{} objects and {} other files are left of {}",
            files("objects"),
            files("tmp"),
            found.len()
        ));
    }
    place
        .store
        .put("new", "image/png", bytes(9).into())
        .await
        .map_err(|error| format!("it takes nothing new: {error}"))
}

/// States that have been tried, with how many requests were asked and answered: recordings that differ little share most.
static SURVIVED: LazyLock<Mutex<HashSet<(u64, usize, usize)>>> = LazyLock::new(Mutex::default);

/// Crashes wherever a crash can make a difference: what is under way only grows until something is synchronised, asked or
/// answered. How many states there were, or the first that is wrong.
fn crash_everywhere(root: &std::path::Path, ops: &[Op]) -> Result<usize, String> {
    let mut disk = Disk::new(root);
    let (mut asked, mut answered) = (0, 0);
    let mut tried = HashSet::new();
    for (at, op) in ops.iter().enumerate() {
        if matches!(
            op,
            Op::SyncFile(_) | Op::SyncFolder(_) | Op::Asked(_) | Op::Answered(_)
        ) || at + 1 == ops.len()
        {
            for tree in disk.crashes() {
                let state = (tree.fingerprint(), asked, answered);
                if !tried.insert(state) || SURVIVED.lock().unwrap().contains(&state) {
                    continue;
                }
                // A runtime of its own ends the server with it.
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .unwrap();
                let may_be = [contents(answered), contents(asked)];
                let survived = runtime.block_on(survives(&tree, &may_be));
                survived.map_err(|fault| {
                    format!("{fault}; {asked} asked, {answered} answered, before {op:?}")
                })?;
                SURVIVED.lock().unwrap().insert(state);
            }
        }
        disk.apply(op);
        match op {
            Op::Asked(_) => asked += 1,
            Op::Answered(_) => answered += 1,
            _ => {}
        }
    }
    Ok(tried.len())
}

#[test]
fn the_recording_has_every_request_and_its_answer() {
    let ops = &recorded().ops;
    let talk: Vec<_> = ops
        .iter()
        .filter(|op| matches!(op, Op::Asked(_) | Op::Answered(_)))
        .cloned()
        .collect();
    let expected = STEPS.iter().flat_map(|step| {
        let (method, status) = match step {
            Step::PutOnce(_, _, status) => ("PUT", *status),
            Step::Put(..) => ("PUT", 200),
            Step::Delete(_) => ("DELETE", 204),
        };
        [Op::Asked(method.into()), Op::Answered(status)]
    });
    assert_eq!(talk, expected.collect::<Vec<_>>());
    let any = |kind: fn(&Op) -> bool| ops.iter().any(kind);
    assert!(any(is_link) && any(is_rename) && any(is_removal));
}

#[test]
fn no_crash_loses_or_tears_an_object_or_brings_one_back() {
    let Recording { root, ops } = recorded();
    let states = crash_everywhere(root, ops).unwrap_or_else(|fault| panic!("{fault}"));
    println!("{states} states");
    assert!(states > 100, "{states}");
}

/// Each of them left out of the recording has to be noticed, or the test above proves nothing.
#[test]
fn whatever_the_store_synchronises_is_needed() {
    let Recording { root, ops } = recorded();
    let started = ops
        .iter()
        .position(|op| matches!(op, Op::Asked(_)))
        .unwrap();
    let without = |left_out: &dyn Fn(usize) -> bool| {
        let kept: Vec<_> = ops
            .iter()
            .enumerate()
            .filter(|(at, _)| !left_out(*at))
            .map(|(_, op)| op.clone())
            .collect();
        crash_everywhere(root, &kept)
    };
    // The folder is synchronised next after its change.
    let after = |at: usize, kind: fn(&Op) -> bool| {
        let is_change = |op: &&Op| {
            !matches!(
                op,
                Op::SyncFile(_) | Op::SyncFolder(_) | Op::Asked(_) | Op::Answered(_)
            )
        };
        at >= started && is_folder(&ops[at]) && ops[..at].iter().rfind(is_change).is_some_and(kind)
    };
    for (what, found) in [
        ("files", without(&|at| matches!(ops[at], Op::SyncFile(_)))),
        (
            "folders at the start",
            without(&|at| at < started && is_folder(&ops[at])),
        ),
        ("folders after a link", without(&|at| after(at, is_link))),
        (
            "folders after a rename",
            without(&|at| after(at, is_rename)),
        ),
        (
            "folders after a removal",
            without(&|at| after(at, is_removal)),
        ),
    ] {
        let fault = found.expect_err(what);
        println!("without synchronising {what}: {fault}");
    }
}

fn is_folder(op: &Op) -> bool {
    matches!(op, Op::SyncFolder(_))
}

fn is_link(op: &Op) -> bool {
    matches!(op, Op::Link(..))
}

fn is_rename(op: &Op) -> bool {
    matches!(op, Op::Rename(..))
}

fn is_removal(op: &Op) -> bool {
    matches!(op, Op::Remove(_))
}
