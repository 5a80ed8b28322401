//! The life of uploads and images in simulation: clients, servers, workers, crashes, faults, stalls and a clock, on one thread, from one
//! seed. Decisions are the product's own (`uploads::state_machine`); what its queries do to rows stands in `rows`, and `conformance` holds that
//! against the real databases. The order of steps is written down a second time, in `server`: the tests that kill the program at every
//! one of them are about the first.

mod client;
mod conformance;
mod rows;
mod server;
mod time;
mod world;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use chrono::TimeDelta;
use tintype_core::uploads::state_machine::{LEASE, MAX_LAPSES};

use self::time::{Task, Tasks};
use self::world::{Id, Shared, World};

/// How many images, uploads and their leftovers are tracked at once, and how many clients act.
const MOST_LIVES: usize = 400;
const MOST_CLIENTS: usize = 12;
/// After this many turns everything is left to the workers, and has to finish.
const SEASON: u64 = 40_000;
/// What has to happen in a long run, or it shows nothing.
const EVENTS: [&str; 25] = [
    "published",
    "rejected",
    "expired",
    "aborted",
    "given up",
    "lease lost",
    "crash",
    "stall",
    "fault before",
    "fault after",
    "refused put",
    "abort ended by another",
    "emptied by the worker",
    "waited for a heavy place",
    "put over another",
    "told that it is ready",
    "restored",
    "restored with another end",
    "ended by itself",
    "put into the album",
    "taken out of the album",
    "purged",
    "forgotten",
    "swept orphan",
    "hung up",
];

struct Simulation {
    world: Shared,
    tasks: Tasks,
}

impl Simulation {
    fn new(seed: u64) -> Self {
        Self {
            world: Rc::new(RefCell::new(World::new(seed))),
            tasks: Tasks::default(),
        }
    }

    fn run(&mut self, steps: u64) {
        while self.world.borrow().steps < steps {
            (0..SEASON).for_each(|_| self.turn());
            self.come_to_rest();
        }
    }

    /// One thing happens.
    fn turn(&mut self) {
        let one_of = |sides| self.world.borrow_mut().random(sides);
        let pass = |time| self.world.borrow_mut().pass(time);
        match one_of(1000) {
            0..60 => pass(TimeDelta::milliseconds(one_of(3_000).into())),
            60..62 => pass(TimeDelta::seconds(one_of(400).into())),
            62 => {
                if one_of(30) == 0 {
                    pass(TimeDelta::minutes(one_of(4_000).into()));
                }
            }
            63 => {
                let process = self.world.borrow_mut().any_process();
                self.world.borrow_mut().crash(process);
            }
            64..68 => self.stall(),
            68..110 => self.begin(),
            110..220 => self.visit_one(),
            220..223 => self.sweep_one(),
            _ => self.tasks.poll_one(&self.world),
        }
        self.tasks.take_spawned(&self.world);
    }

    fn begin(&mut self) {
        if self.tasks.clients() < MOST_CLIENTS && self.world.borrow().lives.len() < MOST_LIVES {
            let id = self.world.borrow_mut().new_life();
            let held = self.world.borrow().hold(id);
            self.tasks
                .add(Task::of_client(client::act(self.world.clone(), id, held)));
        }
        self.world.borrow_mut().drop_ended();
    }

    fn any_life(&self) -> Option<Id> {
        let mut world = self.world.borrow_mut();
        let ids: Vec<_> = world.lives.keys().copied().collect();
        let any = world.random(u32::try_from(ids.len()).unwrap().max(1));
        ids.get(any as usize).copied()
    }

    fn visit_one(&mut self) {
        if let Some(id) = self.any_life() {
            let process = self.world.borrow_mut().any_process();
            server::come_by(&self.world, process, id);
        }
    }

    fn sweep_one(&mut self) {
        if let Some(id) = self.any_life() {
            let process = self.world.borrow_mut().any_process();
            server::sweep_orphans(&self.world, process, id);
        }
    }

    /// A process that is stopped, or a machine that sleeps: now and then longer than any lease, or than the upload.
    fn stall(&mut self) {
        let (number, seconds) = {
            let mut world = self.world.borrow_mut();
            world.count("stall");
            let longest = if world.random(3) == 0 { 600_000 } else { 600 };
            (world.random(1 << 16) as usize, world.random(longest))
        };
        let until = self.world.borrow().now + TimeDelta::seconds(seconds.into());
        self.tasks.stall(number, until);
    }

    /// Every tab is closed, nothing fails any more, and the workers go on: within a lease and some minutes nothing is being worked on, and
    /// after all terms have passed bucket and database balance.
    fn come_to_rest(&mut self) {
        self.tasks.close_clients();
        self.world.borrow_mut().is_calm = true;
        // A file that kills its checker uses up its leases, and the checks next to it start again.
        let leases = if self.world.borrow().holds_deadly() {
            MAX_LAPSES + 2
        } else {
            1
        };
        // An unconfirmed file is looked for every few minutes.
        let soon = self.world.borrow().now + LEASE * leases + TimeDelta::minutes(8);
        while self.world.borrow().now < soon {
            self.round(TimeDelta::seconds(10));
        }
        self.world.borrow().nothing_is_in_work();
        // A week of stall, one in the trash or of remembering, a day until an orphan is swept.
        for _ in 0..(16 * 4) {
            self.round(TimeDelta::hours(6));
        }
        self.world.borrow_mut().everything_balances();
        self.world.borrow_mut().is_calm = false;
    }

    fn round(&mut self, pause: TimeDelta) {
        self.world.borrow_mut().pass(pause);
        let ids: Vec<_> = self.world.borrow().lives.keys().copied().collect();
        for id in ids {
            server::come_by(&self.world, 0, id);
            server::sweep_orphans(&self.world, 0, id);
        }
        self.tasks.take_spawned(&self.world);
        self.tasks.finish_all(&self.world);
    }
}

type Counts = BTreeMap<&'static str, u64>;

/// What has happened.
fn simulate(seed: u64, steps: u64) -> Counts {
    // For the reader of a failure, whatever it is.
    println!("TINTYPE_SIMULATION_SEED={seed}");
    let mut simulation = Simulation::new(seed);
    simulation.run(steps);
    let world = simulation.world.borrow();
    let mut counts = world.counts.clone();
    counts.insert("steps", world.steps);
    counts.insert("uploads", world.born.into());
    counts
}

/// Over this many seeds: nothing was violated, and everything that can happen has happened.
fn simulate_all(seeds: impl Iterator<Item = u64>, steps: u64) {
    let mut all = Counts::new();
    for (event, count) in seeds.flat_map(|seed| simulate(seed, steps)) {
        *all.entry(event).or_default() += count;
    }
    println!("0 violations, {all:?}");
    for event in EVENTS {
        assert!(all.contains_key(event), "{event} never happened");
    }
}

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().unwrap())
}

#[test]
fn a_million_steps_of_clients_crashes_and_clock_lose_nothing_and_leave_nothing() {
    simulate_all(1..=4, 250_000);
}

#[test]
fn a_seed_plays_the_same_again() {
    let play = || {
        let mut simulation = Simulation::new(7);
        simulation.run(30_000);
        let world = simulation.world.borrow();
        (world.steps, world.now, world.born, world.counts.clone())
    };
    assert_eq!(play(), play());
}

#[test]
#[ignore = "run by `just simulate`"]
fn as_many_steps_as_are_asked_for() {
    let steps = variable("TINTYPE_SIMULATION_STEPS").unwrap_or(100_000_000);
    let seed = variable("TINTYPE_SIMULATION_SEED");
    let now = || {
        std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap()
            .as_secs()
    };
    let first = seed.unwrap_or_else(now);
    // Seeds of their own for every million: one that fails is found again in a second.
    let part = steps.min(1_000_000);
    simulate_all((0..steps.div_ceil(part)).map(|n| first + n), part);
}
