//! Places: so many connections at the same time, and who has to go when there is none left for somebody new.
//!
//! Whoever has no request under way goes first, whoever has been so for the longest time before all others, as nginx does it; then whoever
//! keeps an answer or a request waiting. Holding places is therefore no way of keeping others out: it takes requests that are being
//! answered, and those are bounded in time.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use super::Bounds;
use tintype_core::metrics::{Ending, ListenerName, Metrics};

/// How many may wait for a place at the same time. Others are told at once that there is none.
const NEWCOMERS: usize = 128;
/// How often somebody who waits for a place looks whether a connection has become slow enough to lose its own.
const LOOK: Duration = Duration::from_millis(50);

/// The places of one listener.
pub struct Places {
    name: ListenerName,
    bounds: Bounds,
    metrics: Arc<Metrics>,
    room: Mutex<Room>,
    freed: Notify,
    was_full: AtomicBool,
}

/// Why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPlace {
    /// All are taken.
    Full,
    /// This address has all that one may have.
    OfAddress,
}

impl Places {
    /// As many as the bounds say, all of them free.
    pub fn new(name: ListenerName, bounds: Bounds, metrics: Arc<Metrics>) -> Arc<Self> {
        Arc::new(Self {
            name,
            bounds,
            metrics,
            room: Mutex::default(),
            freed: Notify::new(),
            was_full: AtomicBool::new(false),
        })
    }

    /// A place for a connection from this address: a free one, one that is taken from somebody else, or one that becomes free within the time
    /// that there is for it.
    pub async fn take(self: &Arc<Self>, peer: IpAddr) -> Result<Place, NoPlace> {
        let address = self.counted(peer);
        let taken = match self.try_take(address.as_deref(), false) {
            Err(NoPlace::Full) => self.wait(address.as_deref()).await,
            result => result,
        };
        match taken {
            Ok(_) => self.was_full.store(false, Ordering::Relaxed),
            Err(_) => self.metrics.connection_ended(self.name, Ending::Refused),
        }
        if taken.as_ref().is_err_and(|error| *error == NoPlace::Full)
            && !self.was_full.swap(true, Ordering::Relaxed)
        {
            tracing::warn!(
                listener = self.name.as_str(),
                most = self.bounds.connections,
                "all connections are busy: new ones are refused"
            );
        }
        taken
    }

    /// Takes the place of whoever can do without it best.
    pub fn make_room(&self) {
        self.room().evict(self, None);
    }

    /// Whose bound a connection counts to. Behind a proxy there are many, and on loopback that is what a proxy may look like.
    fn counted(&self, peer: IpAddr) -> Option<String> {
        let peer = peer.to_canonical();
        (!peer.is_loopback() && !self.bounds.proxies.contain(peer)).then(|| network(peer))
    }

    async fn wait(self: &Arc<Self>, address: Option<&str>) -> Result<Place, NoPlace> {
        let _newcomer = Newcomer::come(self)?;
        let found = async {
            loop {
                let freed = self.freed.notified();
                match self.try_take(address, true) {
                    // Not only when one is freed: the others become slow by and by.
                    Err(NoPlace::Full) => drop(timeout(LOOK, freed).await),
                    result => return result,
                }
            }
        };
        timeout(self.bounds.times.place, found)
            .await
            .unwrap_or(Err(NoPlace::Full))
    }

    fn try_take(
        self: &Arc<Self>,
        address: Option<&str>,
        is_their_turn: bool,
    ) -> Result<Place, NoPlace> {
        let mut room = self.room();
        if address.is_some_and(|address| room.held_by(address) >= self.bounds.per_address)
            && !room.evict(self, address)
        {
            return Err(NoPlace::OfAddress);
        }
        // Those who wait come first.
        let is_late = room.newcomers > 0 && !is_their_turn;
        if is_late || (room.held.len() >= self.bounds.connections && !room.evict(self, None)) {
            return Err(NoPlace::Full);
        }
        let (id, lost) = room.hold(address);
        self.metrics.connections_open(self.name, room.held.len());
        Ok(Place {
            lost,
            activity: Activity {
                places: self.clone(),
                id,
            },
        })
    }

    fn leave(&self, id: u64) {
        let mut room = self.room();
        if room.remove(id).is_some() {
            self.metrics.connections_open(self.name, room.held.len());
            drop(room);
            self.freed.notify_one();
        }
    }

    fn room(&self) -> MutexGuard<'_, Room> {
        self.room.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts somebody who waits for a place.
struct Newcomer<'a>(&'a Places);

impl<'a> Newcomer<'a> {
    fn come(places: &'a Places) -> Result<Self, NoPlace> {
        let mut room = places.room();
        if room.newcomers >= NEWCOMERS {
            return Err(NoPlace::Full);
        }
        room.newcomers += 1;
        Ok(Self(places))
    }
}

impl Drop for Newcomer<'_> {
    fn drop(&mut self) {
        self.0.room().newcomers -= 1;
    }
}

/// One connection's place, given up when it is dropped.
pub struct Place {
    lost: CancellationToken,
    activity: Activity,
}

impl Place {
    /// When somebody else has it.
    pub async fn lost(&self) {
        self.lost.cancelled().await;
    }

    /// Where its connection says what it does.
    pub fn activity(&self) -> Activity {
        self.activity.clone()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.activity.places.leave(self.activity.id);
    }
}

/// What a connection says of itself, which decides whether it may lose its place.
#[derive(Clone)]
pub struct Activity {
    places: Arc<Places>,
    id: u64,
}

/// What a connection may be at.
#[derive(Clone, Copy, Debug)]
pub enum Doing {
    /// A request has come, and not all of its answer has been handed to the connection yet.
    Answers,
    /// The rest of a request does not come.
    Lacks,
    /// The peer takes nothing of what there is for it.
    Holds,
}

impl Activity {
    /// From now on it does this, or does not any more.
    pub fn now(&self, doing: Doing, does: bool) {
        self.change(|held| match doing {
            Doing::Answers => {
                held.answers = does;
                // The end of an answer is still to be written.
                held.writes |= !does;
            }
            Doing::Lacks => held.lacks = does,
            Doing::Holds => held.holds = does,
        });
    }

    /// All that there was for the peer has been written.
    pub fn flushed(&self) {
        self.change(|held| held.writes = false);
    }

    fn change(&self, change: impl FnOnce(&mut Held)) {
        let mut room = self.places.room();
        let became_idle = room.change(self.id, change);
        if became_idle && room.newcomers > 0 {
            drop(room);
            self.places.freed.notify_one();
        }
    }

    /// It is ended for its own doing.
    pub fn ended(&self, reason: Ending) {
        self.places
            .metrics
            .connection_ended(self.places.name, reason);
    }
}

#[derive(Default)]
struct Room {
    next: u64,
    held: HashMap<u64, Held>,
    /// Without a request, and since when.
    idle: BTreeSet<(Instant, u64)>,
    /// In the middle of one, waiting for the peer, and since when.
    stalled: BTreeSet<(Instant, u64)>,
    of_address: HashMap<String, usize>,
    newcomers: usize,
}

#[expect(
    clippy::struct_excessive_bools,
    reason = "each can be so or not, whatever the others are"
)]
struct Held {
    address: Option<String>,
    lost: CancellationToken,
    since: Instant,
    answers: bool,
    writes: bool,
    lacks: bool,
    holds: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Idle,
    Stalled,
    Working,
}

impl Held {
    fn state(&self) -> State {
        match (self.lacks || self.holds, self.answers || self.writes) {
            (true, _) => State::Stalled,
            (false, true) => State::Working,
            (false, false) => State::Idle,
        }
    }
}

impl Room {
    fn held_by(&self, address: &str) -> usize {
        self.of_address.get(address).copied().unwrap_or_default()
    }

    fn hold(&mut self, address: Option<&str>) -> (u64, CancellationToken) {
        let (id, now, lost) = (self.next, Instant::now(), CancellationToken::new());
        self.next += 1;
        let address = address.map(str::to_owned);
        if let Some(address) = &address {
            *self.of_address.entry(address.clone()).or_default() += 1;
        }
        self.idle.insert((now, id));
        self.held.insert(
            id,
            Held {
                address,
                lost: lost.clone(),
                since: now,
                answers: false,
                writes: false,
                lacks: false,
                holds: false,
            },
        );
        (id, lost)
    }

    /// Whether it has become idle by this.
    fn change(&mut self, id: u64, change: impl FnOnce(&mut Held)) -> bool {
        let Some(held) = self.held.get_mut(&id) else {
            return false;
        };
        let (before, since) = (held.state(), held.since);
        change(held);
        let after = held.state();
        if before == after {
            return false;
        }
        held.since = Instant::now();
        let now = held.since;
        if let Some(list) = self.list(before) {
            list.remove(&(since, id));
        }
        if let Some(list) = self.list(after) {
            list.insert((now, id));
        }
        after == State::Idle
    }

    fn list(&mut self, state: State) -> Option<&mut BTreeSet<(Instant, u64)>> {
        match state {
            State::Idle => Some(&mut self.idle),
            State::Stalled => Some(&mut self.stalled),
            State::Working => None,
        }
    }

    /// Takes a place from whoever can do without it best, among those of an address if one is given. `false`: all are at work.
    fn evict(&mut self, places: &Places, address: Option<&str>) -> bool {
        let is_theirs = |id: &u64| {
            address.is_none()
                || self
                    .held
                    .get(id)
                    .is_some_and(|held| held.address.as_deref() == address)
        };
        let idle = self.idle.iter().map(|(_, id)| *id).find(is_theirs);
        let slow = |(since, _): &&(Instant, u64)| since.elapsed() >= places.bounds.times.stalled;
        let stalled = || {
            self.stalled
                .iter()
                .take_while(slow)
                .map(|(_, id)| *id)
                .find(is_theirs)
        };
        let (id, reason) = match (idle, idle.is_none().then(stalled).flatten()) {
            (Some(id), _) => (id, Ending::Idle),
            (None, Some(id)) => (id, Ending::Stalled),
            (None, None) => return false,
        };
        if let Some(held) = self.remove(id) {
            held.lost.cancel();
            places.metrics.connection_ended(places.name, reason);
        }
        true
    }

    fn remove(&mut self, id: u64) -> Option<Held> {
        let held = self.held.remove(&id)?;
        if let Some(list) = self.list(held.state()) {
            list.remove(&(held.since, id));
        }
        if let Some(address) = &held.address
            && let Some(count) = self.of_address.get_mut(address)
        {
            *count -= 1;
            if *count == 0 {
                self.of_address.remove(address);
            }
        }
        Some(held)
    }
}

/// An IPv4 address, or the /64 network of an IPv6 address.
#[must_use]
pub fn network(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}
