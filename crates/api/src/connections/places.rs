//! Places: the bound on open connections, and which one is closed when there is none left for a new one.
//!
//! Idle connections are closed first, the longest idle before all others, as nginx does it; then those that keep a response or a request
//! waiting. So a client can't hold places to keep others out: it needs requests that are being answered, and those are bounded in time.

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

/// How many connections may wait for a place at once. Others are refused immediately.
const NEWCOMERS: usize = 128;
/// How often a waiting connection checks whether another has become slow enough to be closed.
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

/// Why there is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPlace {
    /// All places are taken.
    Full,
    /// This address has all its places.
    OfAddress,
}

impl Places {
    /// Creates the places of a listener, all free.
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

    /// Gets a place for a connection from this address: a free one, one taken from another connection, or one that becomes free in time.
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

    /// Takes the place of the connection that needs it least.
    pub fn make_room(&self) {
        self.room().evict(self, None);
    }

    /// The address whose bound a connection counts towards. A proxy stands for many clients, and loopback may be a proxy.
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
                    // Not only when a place is freed: other connections become slow over time.
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
        // Waiting connections come first.
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

/// Counts a connection that waits for a place.
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

/// One connection's place, freed when it is dropped.
pub struct Place {
    lost: CancellationToken,
    activity: Activity,
}

impl Place {
    /// Resolves when another connection has taken it.
    pub async fn lost(&self) {
        self.lost.cancelled().await;
    }

    /// Where its connection reports its state.
    pub fn activity(&self) -> Activity {
        self.activity.clone()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.activity.places.leave(self.activity.id);
    }
}

/// The state of a connection, which decides whether it may lose its place.
#[derive(Clone)]
pub struct Activity {
    places: Arc<Places>,
    id: u64,
}

/// What a connection may be doing.
#[derive(Clone, Copy, Debug)]
pub enum Doing {
    /// A request has arrived, and its response is not fully handed to the connection yet.
    Answers,
    /// The rest of a request does not come.
    Lacks,
    /// The peer does not read the response.
    Holds,
}

impl Activity {
    /// Sets or clears an activity.
    pub fn now(&self, doing: Doing, does: bool) {
        self.change(|held| match doing {
            Doing::Answers => {
                held.answers = does;
                // The end of a response is still to be written.
                held.writes |= !does;
            }
            Doing::Lacks => held.lacks = does,
            Doing::Holds => held.holds = does,
        });
    }

    /// Everything for the peer has been written.
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

    /// It is closed for its own behaviour.
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
    /// Idle, and since when.
    idle: BTreeSet<(Instant, u64)>,
    /// Waiting for the peer in the middle of a request, and since when.
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

    /// Whether this made it idle.
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

    /// Takes the place of the connection that needs it least, of one address if given. `false`: all are busy.
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
