//! The database, the bucket, the clock, and the rules that hold at every step.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::prelude::Uuid;
use tintype_core::db::image::State as ImageState;
use tintype_core::db::upload::{Model, State};
use tintype_core::db::{MediaType, RemovedByClient};
use tintype_core::uploads::state_machine::LOOK_AFTER;
use tintype_dto::ContentType;

use super::rows::Standing;
use super::time::{Work, give_way};

pub type Shared = Rc<RefCell<World>>;
pub type Process = usize;
/// Of an upload and of its image.
pub type Id = u32;
/// The content of a file. Some are no pictures, some kill the process that checks them.
pub type Content = u32;

pub const PROCESSES: usize = 3;
/// Where what clients leave behind runs.
pub const NOWHERE: Process = usize::MAX;
pub const UPLOAD_BYTES: i64 = 10;
pub const IMAGE_BYTES: i64 = 9;
pub const UPLOAD_MS: i64 = 7;
/// The settings' defaults.
pub const URL_LIVES: TimeDelta = TimeDelta::minutes(15);
pub const GRACE: TimeDelta = TimeDelta::minutes(45);
pub const TRASH: TimeDelta = TimeDelta::days(7);
/// An object without a row may be this old.
pub const ORPHAN_GRACE: TimeDelta = TimeDelta::hours(24);

/// The object that replaces a file, so that its URL can't write any more.
pub const EMPTY: Content = u32::MAX;

pub fn is_picture(content: Content) -> bool {
    content % 8 != 7
}

pub fn is_deadly(content: Content) -> bool {
    content % 64 == 62
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    Staging,
    /// Original, preview and thumb of one attempt.
    Final(i32, u8),
}

#[derive(Clone, Copy, Debug)]
pub struct Object {
    pub content: Content,
    pub written_at: DateTime<Utc>,
}

#[derive(Clone, Copy, Debug)]
pub struct Image {
    pub standing: Standing,
    pub expires_at: Option<DateTime<Utc>>,
    pub attempt: i32,
    pub content: Content,
}

impl Image {
    pub fn with(self, standing: Standing) -> Self {
        Self { standing, ..self }
    }

    pub fn until(self, standing: Standing, expires_at: Option<DateTime<Utc>>) -> Self {
        Self {
            expires_at,
            ..self.with(standing)
        }
    }

    /// The worker comes by when it ends, or has just claimed it.
    fn is_scheduled(&self) -> bool {
        match (self.standing, self.expires_at) {
            ((ImageState::Ready, Some(due_at)), Some(end)) => due_at >= end,
            ((ImageState::Ready, due_at), end) => due_at == end,
            _ => true,
        }
    }
}

/// The client's knowledge and its requests.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ledger {
    pub told_ready: Option<Content>,
    pub has_asked_to_delete: bool,
    /// Since the last time it asked for it back.
    pub told_deleted: bool,
    /// The first of all times at which it has ever asked the image to end.
    pub ends_at: Option<DateTime<Utc>>,
    /// Since the last time it asked to take the image out.
    pub told_in_album: bool,
}

#[derive(Debug, Default)]
pub struct Life {
    pub row: Option<Model>,
    pub image: Option<Image>,
    pub was_image: bool,
    pub objects: BTreeMap<Key, Object>,
    pub ledger: Ledger,
    /// Held by all tasks that can still touch it.
    holders: Rc<()>,
}

/// A call that failed: perhaps it was carried out all the same.
#[derive(Debug)]
pub struct Fault;

pub struct World {
    pub now: DateTime<Utc>,
    pub steps: u64,
    pub born: u32,
    pub lives: BTreeMap<Id, Life>,
    /// The images of an album, into which any may be put.
    pub album: BTreeSet<Id>,
    pub spawned: Vec<(Process, Work)>,
    pub counts: BTreeMap<&'static str, u64>,
    /// Nothing fails, and no client hangs up.
    pub is_calm: bool,
    /// With PostgreSQL a worker claims what it visits.
    pub claims: bool,
    seed: u64,
    random: u64,
    crashes: [u32; PROCESSES],
    used_bytes: i64,
    unfinished: i64,
}

impl World {
    pub fn new(seed: u64) -> Self {
        let mut world = Self {
            now: DateTime::UNIX_EPOCH,
            steps: 0,
            born: 0,
            lives: BTreeMap::new(),
            album: BTreeSet::new(),
            spawned: Vec::new(),
            counts: BTreeMap::new(),
            is_calm: false,
            claims: seed % 2 == 1,
            seed,
            random: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
            crashes: [0; PROCESSES],
            used_bytes: 0,
            unfinished: 0,
        };
        for _ in 0..8 {
            world.random(2);
        }
        world
    }

    /// Less than `end`, which is not 0: xorshift64*.
    pub fn random(&mut self, end: u32) -> u32 {
        self.random ^= self.random >> 12;
        self.random ^= self.random << 25;
        self.random ^= self.random >> 27;
        let high = self.random.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32;
        u32::try_from((high * u64::from(end)) >> 32).unwrap()
    }

    pub fn place(&self) -> String {
        format!("seed {}, step {}", self.seed, self.steps)
    }

    pub fn count(&mut self, event: &'static str) {
        *self.counts.entry(event).or_default() += 1;
    }

    pub fn pass(&mut self, time: TimeDelta) {
        self.now += time;
    }

    /// On SQLite there is one.
    pub fn any_process(&mut self) -> Process {
        if self.claims {
            self.random(3) as Process
        } else {
            0
        }
    }

    pub fn crash(&mut self, process: Process) {
        self.count("crash");
        self.crashes[process] += 1;
    }

    pub fn crashes(&self, process: Process) -> u32 {
        self.crashes.get(process).copied().unwrap_or_default()
    }

    pub fn new_life(&mut self) -> Id {
        self.born += 1;
        self.lives.insert(self.born, Life::default());
        self.born
    }

    pub fn hold(&self, id: Id) -> Rc<()> {
        self.lives[&id].holders.clone()
    }

    /// Forgets those that are gone and that no task can touch any more.
    pub fn drop_ended(&mut self) {
        self.lives.retain(|_, life| {
            life.row.is_some()
                || life.image.is_some()
                || !life.objects.is_empty()
                || Rc::strong_count(&life.holders) > 1
        });
    }

    pub fn life(&mut self, id: Id) -> &mut Life {
        self.lives.get_mut(&id).unwrap()
    }

    pub fn new_row(&mut self, id: Id) -> Model {
        let put_expires_at = self.now + URL_LIVES;
        let image_expires_at = self.any_end();
        self.life(id).ledger.ends_at = image_expires_at;
        Model {
            token_id: None,
            title: None,
            alt: None,
            visibility: None,
            image_created_at: None,
            image_expires_at,
            id: Uuid::from_u128(id.into()).into(),
            user_id: Uuid::nil().into(),
            state: State::Pending,
            filename: String::new(),
            content_type: MediaType(ContentType::Png),
            size_bytes: UPLOAD_BYTES,
            estimated_ms: UPLOAD_MS,
            sha256: None,
            removed_by_client: RemovedByClient(Vec::new()),
            staging_key: String::new(),
            put_expires_at,
            expires_at: put_expires_at + GRACE,
            due_at: Some(self.now + LOOK_AFTER),
            lease_id: None,
            lease_until: None,
            attempts: 0,
            lapses: 0,
            problem_code: None,
            problem_detail: None,
            created_at: self.now,
        }
    }

    /// A time at which an image may end; three in four don't.
    pub fn any_end(&mut self) -> Option<DateTime<Utc>> {
        let minutes = self.random(2_000);
        let ends = self.random(4) == 0;
        ends.then(|| self.now + TimeDelta::minutes(1 + i64::from(minutes)))
    }

    pub fn new_lease(&mut self) -> Uuid {
        let low = self.random(u32::MAX);
        Uuid::from_u128((u128::from(self.steps) << 32) | u128::from(low))
    }

    /// Takes up or gives back quota, in the same transaction as what it is for.
    pub fn use_bytes(&mut self, bytes: i64) {
        self.used_bytes += bytes;
    }

    /// An upload begins: its bytes are taken up, and it counts as unfinished.
    pub fn begin_upload(&mut self) {
        self.use_bytes(UPLOAD_BYTES);
        self.unfinished += 1;
    }

    /// An upload ends, as an image or as nothing.
    pub fn end_upload(&mut self, image_bytes: i64) {
        self.use_bytes(image_bytes - UPLOAD_BYTES);
        self.unfinished -= 1;
    }

    fn is_of_image(life: &Life, key: Key) -> bool {
        life.image
            .is_some_and(|image| matches!(key, Key::Final(attempt, _) if attempt == image.attempt))
    }

    /// Old, named by no image, and no worker will come by: what the audit calls an orphan.
    pub fn is_orphan(&self, id: Id, key: Key) -> bool {
        let Some(life) = self.lives.get(&id) else {
            return false;
        };
        let Some(object) = life.objects.get(&key) else {
            return false;
        };
        let will_be_swept = life.row.as_ref().is_some_and(|row| {
            row.due_at.is_some()
                && match key {
                    Key::Staging => true,
                    Key::Final(attempt, _) => attempt <= row.attempts,
                }
        });
        self.now - object.written_at >= ORPHAN_GRACE
            && !will_be_swept
            && !Self::is_of_image(life, key)
    }

    /// What holds at every step.
    fn check(&self, id: Id) {
        let Some(life) = self.lives.get(&id) else {
            return;
        };
        let wrong =
            |what: &str| -> ! { panic!("{}: {what}: upload {id}: {life:#?}", self.place()) };
        if let Some(image) = life.image {
            let is_kept = image.standing.0 != ImageState::Deleting;
            let holds = |part| {
                life.objects
                    .get(&Key::Final(image.attempt, part))
                    .is_some_and(|object| object.content == image.content)
            };
            if is_kept && !(0..3).all(holds) {
                wrong("an image without its objects");
            }
            if !image.is_scheduled() {
                wrong("the worker does not come by when it ends");
            }
            if !is_picture(image.content) {
                wrong("what is published was not checked");
            }
            if life
                .ledger
                .told_ready
                .is_some_and(|content| content != image.content)
            {
                wrong("a published image has changed");
            }
        }
        if self.album.contains(&id) {
            if life.image.is_none() {
                wrong("an album names what is gone");
            }
        } else if life.ledger.told_in_album && life.image.is_some() {
            wrong("lost from its album");
        }
        // An object that a URL may still write, and no quota would count.
        if let Some(row) = &life.row
            && !matches!(row.state, State::Pending | State::Processing)
            && self.now < row.put_expires_at
            && !life.objects.contains_key(&Key::Staging)
        {
            wrong("its URL has outlived it");
        }
        let is_ready = life
            .image
            .is_some_and(|image| image.standing.0 == ImageState::Ready);
        let may_be_gone = life.ledger.has_asked_to_delete
            || life.ledger.ends_at.is_some_and(|end| end <= self.now);
        if life.ledger.told_ready.is_some() && !may_be_gone && !is_ready {
            wrong("lost after it was acknowledged");
        }
        if life.ledger.told_deleted && is_ready {
            wrong("back without a restore");
        }
        if life.was_image
            && life.image.is_none()
            && life
                .row
                .as_ref()
                .is_some_and(|row| row.state != State::Ready)
        {
            wrong("an upload that was an image is something else");
        }
    }

    pub fn holds_deadly(&self) -> bool {
        let staged = self
            .lives
            .values()
            .filter_map(|life| life.objects.get(&Key::Staging));
        staged.map(|object| object.content).any(is_deadly)
    }

    pub fn nothing_is_in_work(&self) {
        for (id, life) in &self.lives {
            let Some(row) = &life.row else { continue };
            let waits = row.state == State::Pending && life.objects.contains_key(&Key::Staging);
            assert!(
                row.state != State::Processing && !waits,
                "{}: upload {id} is stuck: {life:#?}",
                self.place()
            );
        }
    }

    /// When all terms have passed. Begins anew after that.
    pub fn everything_balances(&mut self) {
        let mut used = 0;
        for (id, life) in &self.lives {
            let place = self.place();
            self.check(*id);
            if let Some(row) = &life.row {
                assert!(
                    row.state == State::Ready && row.due_at.is_none() && life.image.is_some(),
                    "{place}: upload {id} is left: {life:#?}"
                );
            }
            if let Some(image) = life.image {
                used += IMAGE_BYTES;
                assert_eq!(
                    image.standing,
                    (ImageState::Ready, None),
                    "{place}: image {id}: {life:#?}"
                );
            }
            for key in life.objects.keys() {
                assert!(
                    Self::is_of_image(life, *key),
                    "{place}: {key:?} of upload {id} is an orphan: {life:#?}"
                );
            }
        }
        assert_eq!(
            (used, 0),
            (self.used_bytes, self.unfinished),
            "{}: usage",
            self.place()
        );
        let has_image = |id| self.lives.get(id).is_some_and(|life| life.image.is_some());
        assert!(
            self.album.iter().all(has_image),
            "{}: {:?}",
            self.place(),
            self.album
        );
        self.lives.clear();
        self.album.clear();
        (self.used_bytes, self.unfinished) = (0, 0);
    }

    fn fault(&mut self) -> u32 {
        if self.is_calm {
            u32::MAX
        } else {
            self.random(60)
        }
    }
}

/// One call to the database or the store: somebody else has a turn before it, and it may fail, before or after it has been carried out.
pub async fn call<T>(
    world: &Shared,
    id: Id,
    carry_out: impl FnOnce(&mut World) -> T,
) -> Result<T, Fault> {
    give_way().await;
    let mut world = world.borrow_mut();
    world.steps += 1;
    let fault = world.fault();
    if fault == 0 {
        world.count("fault before");
        return Err(Fault);
    }
    let result = carry_out(&mut world);
    world.check(id);
    if fault == 1 {
        world.count("fault after");
        return Err(Fault);
    }
    Ok(result)
}
