//! The queue over every pair of state and event, and over long random lives.

#![expect(
    clippy::match_same_arms,
    clippy::unwrap_used,
    reason = "a table by state, in a test"
)]

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::DateTime;
use tintype_dto::{ContentType, Image, ImageLinks, PutTarget, Upload, UploadState, Visibility};
use uuid::Uuid;
use wasm_bindgen_test::wasm_bindgen_test;

use super::item::{Failure, FileId, NewFile, PutOutcome, State};
use super::queue::{AT_ONCE, Command, Event, Hold, Queue};

const SIZE: u64 = 1000;
const ID: FileId = 1;

fn file(id: FileId) -> NewFile {
    NewFile {
        id,
        name: format!("{id}.jpg"),
        size: SIZE,
        batch: 1,
        refusal: None,
    }
}

fn image(id: FileId) -> Box<Image> {
    let links = ImageLinks {
        page: None,
        original: String::new(),
        preview: String::new(),
        thumb: String::new(),
        expires_at: None,
    };
    Box::new(Image {
        id: Uuid::from_u128(id.into()),
        slug: id.to_string(),
        title: None,
        alt: None,
        filename: format!("{id}.jpg"),
        content_type: ContentType::Jpeg,
        animated: false,
        size_bytes: SIZE,
        width: 1,
        height: 1,
        sha256: String::new(),
        visibility: Visibility::Unlisted,
        removed: Vec::new(),
        placeholder: None,
        created_at: DateTime::UNIX_EPOCH,
        expires_at: None,
        purge_at: None,
        links,
    })
}

fn upload(id: FileId) -> Box<Upload> {
    let put = PutTarget {
        method: "PUT".into(),
        url: "https://s3".into(),
        headers: BTreeMap::new(),
        expires_at: DateTime::UNIX_EPOCH,
    };
    Box::new(Upload {
        id: Uuid::from_u128(id.into()),
        state: UploadState::Pending,
        expires_at: None,
        put: Some(put),
        problem: None,
        image: None,
    })
}

fn ready(id: FileId) -> Box<Upload> {
    Box::new(Upload {
        state: UploadState::Ready,
        put: None,
        image: Some(*image(id)),
        ..*upload(id)
    })
}

fn passing() -> Failure {
    Failure::Temporary("busy".into())
}

/// Every kind of event, with a name.
fn events() -> Vec<(&'static str, Event)> {
    let without_put = Box::new(Upload {
        put: None,
        ..*upload(ID)
    });
    let failures = [
        Failure::Refused("no".into()),
        passing(),
        Failure::Gone("over".into()),
        Failure::SessionLost,
    ];
    let announce_names = [
        "announce refused",
        "announce passing",
        "announce gone",
        "announce session",
    ];
    let confirm_names = [
        "confirm refused",
        "confirm passing",
        "confirm gone",
        "confirm session",
    ];
    let announce_failed = announce_names
        .into_iter()
        .zip(failures.clone())
        .map(|(name, failure)| (name, Event::AnnounceFailed(ID, failure)));
    let confirm_failed = confirm_names
        .into_iter()
        .zip(failures)
        .map(|(name, failure)| (name, Event::ConfirmFailed(ID, failure)));
    let others = [
        ("none added", Event::Added(Vec::new())),
        ("announced", Event::Announced(ID, upload(ID))),
        ("announced ready", Event::Announced(ID, ready(ID))),
        ("announced without put", Event::Announced(ID, without_put)),
        ("progress", Event::Progress(ID, 400)),
        ("put stored", Event::PutEnded(ID, PutOutcome::Stored)),
        ("put expired", Event::PutEnded(ID, PutOutcome::Expired)),
        (
            "put failed",
            Event::PutEnded(ID, PutOutcome::Failed("broken".into())),
        ),
        (
            "put broken",
            Event::PutEnded(ID, PutOutcome::Broken("broken".into())),
        ),
        ("rested", Event::Rested(ID)),
        ("confirmed", Event::Confirmed(ID, image(ID))),
        (
            "still checking",
            Event::StillChecking(ID, Duration::from_secs(2)),
        ),
        ("cancel", Event::Cancel(ID)),
        ("retry", Event::Retry(ID)),
        ("dismiss", Event::Dismiss(ID)),
        ("cancel all", Event::CancelAll),
        ("retry all", Event::RetryAll),
        ("clear", Event::ClearEnded),
        ("session lost", Event::SessionLost),
        ("session back", Event::SessionBack),
        ("pause", Event::Pause),
        ("resume", Event::Resume),
        ("offline", Event::Offline),
        ("online", Event::Online),
        (
            "announce throttled",
            Event::AnnounceFailed(ID, Failure::Throttled(Duration::from_secs(10))),
        ),
        ("woken", Event::Woken),
    ];
    others
        .into_iter()
        .chain(announce_failed)
        .chain(confirm_failed)
        .collect()
}

/// Every state, with the way there. A name's first word is the state's.
const WAYS: [(&str, &[&str]); 14] = [
    ("queued", &["session lost", "add"]),
    ("presigning", &["add"]),
    ("sending", &["add", "announced"]),
    (
        "sending renewed",
        &["add", "announced", "put expired", "announced"],
    ),
    ("resting", &["add", "announced", "put broken"]),
    ("confirming", &["add", "announced", "put stored"]),
    ("done", &["add", "announced", "put stored", "confirmed"]),
    ("done before", &["add", "announced ready"]),
    ("refused", &["add", "announce refused"]),
    ("failed", &["add", "announce passing"]),
    ("failed sending", &["add", "announced", "put failed"]),
    (
        "failed confirming",
        &["add", "announced", "put stored", "confirm passing"],
    ),
    ("cancelled", &["add", "cancel"]),
    ("gone", &["add", "cancel", "dismiss"]),
];

fn event(name: &str) -> Event {
    if name == "add" {
        return Event::Added(vec![file(ID)]);
    }
    events()
        .into_iter()
        .find(|(known, _)| *known == name)
        .map(|(_, event)| event)
        .unwrap()
}

fn queue_in(way: &[&str]) -> Queue {
    let mut queue = Queue::default();
    for name in way {
        drop(queue.step(event(name)));
    }
    queue
}

fn state(queue: &Queue) -> &'static str {
    match queue.find(ID).map(|item| &item.state) {
        None => "gone",
        Some(State::Queued) => "queued",
        Some(State::Presigning) => "presigning",
        Some(State::Sending { .. }) => "sending",
        Some(State::Confirming) => "confirming",
        Some(State::Done { .. }) => "done",
        Some(State::Resting(_)) => "resting",
        Some(State::Refused(_)) => "refused",
        Some(State::Failed(_)) => "failed",
        Some(State::Cancelled) => "cancelled",
    }
}

fn words(commands: &[Command]) -> String {
    let word = |command: &Command| match command {
        Command::Announce(_) => "announce",
        Command::Put(..) => "put",
        Command::StopPut(_) => "stop",
        Command::Confirm(..) => "confirm",
        Command::Abandon(_) => "abandon",
        Command::Publish(_) => "publish",
        Command::Release(_) => "release",
        Command::Wake(_) => "wake",
        Command::Rest(..) => "rest",
    };
    commands.iter().map(word).collect::<Vec<_>>().join(" ")
}

/// What has to follow: the next state and the commands. None: nothing.
fn expected(from: &str, event: &str) -> Option<(&'static str, &'static str)> {
    Some(match (from, event) {
        ("queued", "session back") => ("presigning", "announce"),
        ("queued" | "presigning", "cancel" | "cancel all") => ("cancelled", ""),
        ("presigning", "announced") => ("sending", "put"),
        ("presigning", "announced ready") => ("done", "publish release"),
        ("presigning", "announced without put" | "announce passing" | "announce gone") => {
            ("failed", "")
        }
        ("presigning", "announce throttled") => ("queued", "wake"),
        ("presigning", "announce refused") => ("refused", "release"),
        // That was another session's token: the present one is tried.
        ("presigning", "announce session") => ("presigning", "announce"),
        ("presigning" | "confirming", "session lost" | "offline") => ("queued", ""),
        ("sending" | "sending renewed", "progress") => ("sending", ""),
        ("sending" | "sending renewed", "put stored") => ("confirming", "confirm"),
        ("sending", "put expired") => ("presigning", "abandon announce"),
        ("sending renewed", "put expired") => ("failed", ""),
        ("sending" | "sending renewed", "put failed") => ("failed", ""),
        ("sending" | "sending renewed", "put broken") => ("resting", "rest"),
        ("resting", "rested") => ("presigning", "abandon announce"),
        ("resting", "cancel" | "cancel all") => ("cancelled", "abandon"),
        ("resting", "session lost" | "offline") => ("queued", ""),
        ("sending" | "sending renewed", "cancel" | "cancel all") => ("cancelled", "stop abandon"),
        ("sending" | "sending renewed", "session lost" | "offline") => ("queued", "stop"),
        ("confirming" | "cancelled", "confirmed") => ("done", "publish release"),
        ("confirming", "still checking" | "confirm session") => ("confirming", "confirm"),
        ("confirming", "confirm refused") => ("refused", "release"),
        ("confirming", "confirm passing" | "confirm gone") => ("failed", ""),
        ("confirming", "cancel" | "cancel all") => ("cancelled", "abandon"),
        ("failed", "retry" | "retry all") | ("cancelled", "retry") => ("presigning", "announce"),
        ("failed sending", "retry" | "retry all") => ("presigning", "abandon announce"),
        ("failed confirming", "retry" | "retry all") => ("confirming", "confirm"),
        // It was announced after it was cancelled.
        ("cancelled", "announced" | "announced without put") => ("cancelled", "abandon"),
        (
            "done" | "done before" | "refused" | "failed" | "failed sending" | "failed confirming"
            | "cancelled",
            "dismiss" | "clear",
        ) => ("gone", "release"),
        _ => return None,
    })
}

#[wasm_bindgen_test]
fn every_event_in_every_state_does_what_it_should_and_nothing_else() {
    for (from, way) in WAYS {
        for (name, event) in events() {
            let mut queue = queue_in(way);
            assert_eq!(
                state(&queue),
                from.split(' ').next().unwrap(),
                "the way to {from}"
            );
            let before = queue.items().to_vec();
            let commands = queue.step(event);
            match expected(from, name) {
                Some(wanted) => assert_eq!(
                    (state(&queue), words(&commands).as_str()),
                    wanted,
                    "{name} in {from}"
                ),
                None => assert!(
                    queue.items() == before && commands.is_empty(),
                    "{name} in {from} gave {commands:?}"
                ),
            }
        }
    }
}

#[wasm_bindgen_test]
fn what_has_landed_is_confirmed_and_not_sent_again_after_a_session_was_lost() {
    let mut queue = queue_in(&["add", "announced", "put stored", "session lost"]);
    assert_eq!(
        queue.step(Event::SessionBack),
        [Command::Confirm(ID, Uuid::from_u128(1), Duration::ZERO)]
    );
}

#[wasm_bindgen_test]
fn a_paused_queue_ends_what_has_begun_and_begins_nothing_until_it_is_resumed() {
    let mut queue = queue_in(&["add", "announced"]);
    assert_eq!(queue.step(Event::Pause), []);
    assert_eq!(queue.step(Event::Added(vec![file(2)])), []);
    assert_eq!(queue.hold(), Some(Hold::Paused));
    assert_eq!(
        words(&queue.step(Event::PutEnded(ID, PutOutcome::Stored))),
        "confirm"
    );
    assert_eq!(
        words(&queue.step(Event::Confirmed(ID, image(ID)))),
        "publish release"
    );
    assert_eq!(queue.step(Event::Resume), [Command::Announce(2)]);
}

#[wasm_bindgen_test]
fn without_a_network_the_queue_waits_and_goes_on_by_itself() {
    let mut queue = queue_in(&["add", "announced", "offline", "put failed"]);
    assert_eq!(
        (state(&queue), queue.hold()),
        ("queued", Some(Hold::Offline))
    );
    assert_eq!(queue.step(Event::Online), [Command::Announce(ID)]);
    let mut queue = queue_in(&["add", "announced", "put stored", "offline"]);
    assert_eq!(
        queue.step(Event::Online),
        [Command::Confirm(ID, Uuid::from_u128(1), Duration::ZERO)]
    );
}

#[wasm_bindgen_test]
fn a_queue_that_is_told_to_wait_loses_no_file_and_goes_on_by_itself() {
    let wait = Duration::from_secs(10);
    let mut queue = Queue::default();
    assert_eq!(
        queue.step(Event::Added((1..=6).map(file).collect())),
        [1, 2, 3, 4].map(Command::Announce)
    );
    assert_eq!(
        queue.step(Event::AnnounceFailed(1, Failure::Throttled(wait))),
        [Command::Wake(wait)]
    );
    assert_eq!(
        queue.step(Event::AnnounceFailed(2, Failure::Throttled(wait))),
        [],
        "one clock is enough"
    );
    assert_eq!(
        (state(&queue), queue.hold()),
        ("queued", Some(Hold::Throttled))
    );
    // What was taken before goes on meanwhile, and nothing is begun in its place.
    assert_eq!(words(&queue.step(Event::Announced(3, upload(3)))), "put");
    assert_eq!(queue.step(Event::Cancel(4)), []);
    assert_eq!(queue.step(Event::Woken), [1, 2, 5].map(Command::Announce));
    assert_eq!(queue.totals().files, 5);
}

#[wasm_bindgen_test]
fn an_upload_that_is_over_begins_from_the_start_when_it_is_retried() {
    let mut queue = queue_in(&["add", "announced", "put stored", "confirm gone"]);
    assert_eq!(queue.step(Event::Retry(ID)), [Command::Announce(ID)]);
}

#[wasm_bindgen_test]
fn progress_never_goes_back_nor_over_the_size() {
    let mut queue = queue_in(&["add", "announced"]);
    for (told, shown) in [(400, 400), (300, 400), (5000, SIZE)] {
        drop(queue.step(Event::Progress(ID, told)));
        assert_eq!(
            queue.find(ID).unwrap().state,
            State::Sending { sent: shown }
        );
    }
}

#[wasm_bindgen_test]
fn a_file_that_is_refused_at_once_is_never_announced() {
    let mut queue = Queue::default();
    let heic = NewFile {
        refusal: Some("no".into()),
        ..file(1)
    };
    assert_eq!(
        queue.step(Event::Added(vec![heic, file(2)])),
        [Command::Release(1), Command::Announce(2)]
    );
    assert_eq!(state(&queue), "refused");
}

#[wasm_bindgen_test]
fn places_are_filled_in_the_order_of_adding() {
    let mut queue = Queue::default();
    let begun = queue.step(Event::Added((1..=6).map(file).collect()));
    assert_eq!(begun, [1, 2, 3, 4].map(Command::Announce));
    assert_eq!(queue.step(Event::Cancel(3)), [Command::Announce(5)]);
    assert_eq!(queue.totals().waiting, 1);
}

#[wasm_bindgen_test]
fn what_breaks_off_is_tried_again_three_times_after_growing_pauses_and_then_waits_for_the_user() {
    let mut queue = queue_in(&["add", "announced"]);
    for seconds in [1, 4, 12] {
        let rest = queue.step(event("put broken"));
        assert_eq!(rest, [Command::Rest(ID, Duration::from_secs(seconds))]);
        drop(queue.step(event("rested")));
        drop(queue.step(event("announced")));
    }
    assert_eq!(queue.step(event("put broken")), []);
    assert_eq!(state(&queue), "failed");
    // Asked by the user, it has as many tries again.
    drop(queue.step(event("retry")));
    drop(queue.step(event("announced")));
    drop(queue.step(event("put broken")));
    assert_eq!(state(&queue), "resting");
}

#[wasm_bindgen_test]
fn what_is_added_to_an_idle_queue_is_counted_from_one() {
    let mut queue = queue_in(&["add", "announced ready"]);
    assert_eq!((queue.totals().already, queue.totals().done), (1, 0));
    let later = |id| NewFile {
        batch: 2,
        ..file(id)
    };
    drop(queue.step(Event::Added(vec![later(2), later(3)])));
    assert_eq!((queue.totals().files, queue.totals().already), (2, 0));
    // More of it while it is on its way belongs to it.
    drop(queue.step(Event::Added(vec![NewFile {
        batch: 3,
        ..file(4)
    }])));
    assert_eq!(queue.totals().files, 3);
}

/// A small generator: the same numbers on every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % u64::try_from(n).unwrap()).unwrap()
    }
}

/// What the world may answer to a command, `luck` 0 being what one hopes for. None: no answer is due.
fn answer(command: &Command, luck: usize) -> Option<Event> {
    let failure = [
        Failure::Refused("no".into()),
        passing(),
        Failure::Gone("over".into()),
        Failure::SessionLost,
    ];
    Some(match (command, luck) {
        (Command::Announce(id), 0..=5) => Event::Announced(*id, upload(*id)),
        (Command::Announce(id), 6) => Event::Announced(*id, ready(*id)),
        (Command::Announce(id), 7) => {
            Event::AnnounceFailed(*id, Failure::Throttled(Duration::ZERO))
        }
        (Command::Announce(id), luck) => Event::AnnounceFailed(*id, failure[luck % 4].clone()),
        (Command::Put(id, _), 0..=6) => Event::PutEnded(*id, PutOutcome::Stored),
        (Command::Put(id, _), 7) => Event::PutEnded(*id, PutOutcome::Expired),
        (Command::Put(id, _), 8) => Event::PutEnded(*id, PutOutcome::Broken("broken".into())),
        (Command::Rest(id, _), _) => Event::Rested(*id),
        (Command::Put(id, _), _) => Event::PutEnded(*id, PutOutcome::Failed("broken".into())),
        (Command::Confirm(id, ..), 0..=5) => Event::Confirmed(*id, image(*id)),
        (Command::Confirm(id, ..), 6) => Event::StillChecking(*id, Duration::ZERO),
        (Command::Confirm(id, ..), luck) => Event::ConfirmFailed(*id, failure[luck % 4].clone()),
        _ => return None,
    })
}

fn whim(dice: &mut Dice) -> Event {
    let id = FileId::try_from(dice.below(12)).unwrap();
    match dice.below(14) {
        13 => Event::Woken,
        9 => Event::Pause,
        10 => Event::Resume,
        11 => Event::Offline,
        12 => Event::Online,
        0 => Event::Retry(id),
        1 => Event::RetryAll,
        2 | 3 => Event::Cancel(id),
        4 => Event::Progress(id, 7000),
        5 => Event::SessionLost,
        6 if dice.below(9) == 0 => Event::CancelAll,
        _ => Event::SessionBack,
    }
}

/// A queue with twelve files, and the world around it.
struct Life {
    queue: Queue,
    /// Commands that have not been answered.
    due: Vec<Command>,
    published: usize,
}

impl Life {
    fn begin() -> Self {
        let mut life = Self {
            queue: Queue::default(),
            due: Vec::new(),
            published: 0,
        };
        life.step(Event::Added((0..12).map(file).collect()));
        life
    }

    fn step(&mut self, event: Event) {
        for command in self.queue.step(event) {
            match command {
                Command::StopPut(id) => self
                    .due
                    .retain(|other| !matches!(other, Command::Put(put, _) if *put == id)),
                Command::Publish(_) => self.published += 1,
                Command::Announce(_)
                | Command::Put(..)
                | Command::Confirm(..)
                | Command::Rest(..) => {
                    self.due.push(command);
                }
                Command::Abandon(_) | Command::Release(_) | Command::Wake(_) => {}
            }
        }
        let active = self
            .queue
            .items()
            .iter()
            .filter(|item| item.state.is_active())
            .count();
        let totals = self.queue.totals();
        assert!(
            active <= AT_ONCE && totals.sent <= totals.bytes,
            "{:?}",
            self.queue
        );
    }

    fn answer(&mut self, dice: &mut Dice, luck: usize) {
        let command = self.due.swap_remove(dice.below(self.due.len()));
        if let Some(event) = answer(&command, luck) {
            self.step(event);
        }
    }
}

#[wasm_bindgen_test]
fn whatever_happens_at_most_four_are_active_and_every_file_comes_to_one_end() {
    for seed in 0..400 {
        let (mut dice, mut life) = (Dice(seed), Life::begin());
        for _ in 0..80 {
            let luck = dice.below(11);
            match dice.below(3) {
                0 => life.step(whim(&mut dice)),
                _ if life.due.is_empty() => life.step(whim(&mut dice)),
                _ => life.answer(&mut dice, luck),
            }
        }
        for event in [
            Event::SessionBack,
            Event::Resume,
            Event::Online,
            Event::Woken,
        ] {
            life.step(event);
        }
        while !life.due.is_empty() {
            life.answer(&mut dice, 0);
        }
        let items = life.queue.items();
        let done = items
            .iter()
            .filter(|item| matches!(item.state, State::Done { .. }))
            .count();
        assert!(
            items.iter().all(|item| item.state.has_ended()),
            "seed {seed}: {items:?}"
        );
        assert_eq!((items.len(), done), (12, life.published), "seed {seed}");
    }
}
