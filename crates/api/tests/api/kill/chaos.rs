//! `just chaos`: 8 clients use every feature while the process is killed again and again, at a failpoint or at any time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use sea_orm::EntityTrait;
use tintype_core::db::upload;
use tintype_core::uploads::state_machine::MAX_LAPSES;
use tokio::sync::{Mutex, RwLock};
use uuid::Uuid;

use super::failpoints;
use super::installation::{A_LEASE, Installation, Objects};
use super::invariants::Watch;
use super::ledger::{Counts, Fate, Ledger};
use crate::pictures::sized;
use crate::server::On;

const CLIENTS: u64 = 8;
/// Kills between two comparisons of the ledgers with the server.
const CHECK_EVERY: u32 = 25;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes: just chaos"]
async fn a_mixed_load_outlives_kills_on_sqlite() {
    Box::pin(chaos(On::Sqlite)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes: just chaos"]
async fn a_mixed_load_outlives_kills_on_postgres() {
    Box::pin(chaos(On::Postgres)).await;
}

fn setting<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}

async fn chaos(on: On) {
    let rounds: u32 = setting("TINTYPE_TEST_CHAOS_ROUNDS").unwrap_or(1000);
    let seed: u64 = setting("TINTYPE_TEST_CHAOS_SEED").unwrap_or_else(rand::random);
    println!(
        "{on:?}: TINTYPE_TEST_CHAOS_SEED={seed} (the choices, not the timing, are the same again)"
    );
    let start = Instant::now();
    let mut storm = Storm::new(on, seed).await;
    for round in 1..=rounds {
        storm.round().await;
        if round % CHECK_EVERY == 0 || round == rounds {
            storm.check().await;
            let counts = storm.counts().await;
            let (seconds, violations) = (start.elapsed().as_secs(), storm.violations.len());
            let (points, slowest) = (
                storm.points.values().sum::<u32>(),
                storm.at.slowest_start.as_millis(),
            );
            println!(
                "{on:?}: {round} rounds in {seconds} s, {points} of them at a failpoint, {violations} violations, {counts:?}"
            );
            println!("{on:?}: the slowest start was ready after {slowest} ms");
        }
    }
    println!("{on:?}: kills at failpoints: {:?}", storm.points);
    storm.stop().await;
    assert!(
        storm.violations.is_empty(),
        "seed {seed}: {:#?}",
        storm.violations
    );
}

struct Storm {
    at: Installation,
    rng: StdRng,
    failpoints: Vec<String>,
    /// Clients act while they can read it.
    gate: Arc<RwLock<()>>,
    over: Arc<AtomicBool>,
    ledgers: Vec<Arc<Mutex<Ledger>>>,
    clients: Vec<tokio::task::JoinHandle<()>>,
    watch: Watch,
    violations: Vec<String>,
    /// How often the process died at each failpoint.
    points: BTreeMap<String, u32>,
}

impl Storm {
    async fn new(on: On, seed: u64) -> Self {
        let mut at = Installation::new(on, Objects::Embedded).await;
        at.start().await;
        let (gate, over) = (Arc::new(RwLock::new(())), Arc::new(AtomicBool::new(false)));
        let (mut ledgers, mut clients) = (Vec::new(), Vec::new());
        for n in 0..CLIENTS {
            let mut ledger = Ledger::new(at.client());
            ledger.client.register(&format!("client{n}")).await;
            ledgers.push(Arc::new(Mutex::new(ledger)));
        }
        at.kill();
        for (n, ledger) in (1..).zip(&ledgers) {
            let rng = StdRng::seed_from_u64(seed.wrapping_add(n));
            clients.push(tokio::spawn(act(
                ledger.clone(),
                rng,
                gate.clone(),
                over.clone(),
            )));
        }
        let rng = StdRng::seed_from_u64(seed);
        let failpoints = failpoints().into_iter().collect();
        let (watch, violations, points) = (Watch::default(), Vec::new(), BTreeMap::new());
        Self {
            at,
            rng,
            failpoints,
            gate,
            over,
            ledgers,
            clients,
            watch,
            violations,
            points,
        }
    }

    /// From a start to a kill.
    async fn round(&mut self) {
        let shut = self.gate.clone().write_owned().await;
        let point = self.failpoints.choose(&mut self.rng).unwrap().clone();
        let doomed = self.rng.random_ratio(3, 4);
        let before = self.rng.random_range(0..4);
        let time = Duration::from_millis(self.rng.random_range(20..700));
        let armed = match before {
            _ if !doomed => String::new(),
            0 => format!("{point}=return"),
            _ => format!("{point}={before}*off->return"),
        };
        let lives = self.at.start_doomed(&armed).is_ok();
        drop(shut);
        if !lives || self.at.dies_within(time).await {
            *self.points.entry(point).or_default() += 1;
        } else {
            self.at.kill();
        }
    }

    /// Leases run out, what was cut is gone on with, and then everything is compared.
    async fn check(&mut self) {
        let _shut = self.gate.clone().write_owned().await;
        self.at.pass(A_LEASE, None).await;
        self.at.start().await;
        let mut refused = Vec::new();
        for ledger in &self.ledgers {
            let mut ledger = ledger.lock().await;
            for id in ledger.unfinished() {
                ledger.finish(id).await;
            }
            refused.extend(std::mem::take(&mut ledger.refused));
        }
        self.at.quiet().await;
        for ledger in &self.ledgers {
            let mut ledger = ledger.lock().await;
            ledger.check(|_| true).await;
            self.violations.append(&mut ledger.violations);
        }
        self.violations.extend(self.watch.look(&self.at).await);
        for id in refused {
            // All that is sent are pictures: one is refused only when process after process died while it was checked.
            let row = upload::Entity::find_by_id(id)
                .one(&self.at.db)
                .await
                .unwrap()
                .unwrap();
            if row.lapses < MAX_LAPSES {
                self.violations.push(format!("{row:?}"));
            }
        }
        self.at.kill();
    }

    async fn counts(&self) -> Counts {
        let mut sum = Counts::default();
        for ledger in &self.ledgers {
            sum += ledger.lock().await.counts;
        }
        sum
    }

    async fn stop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        for client in self.clients.drain(..) {
            client.await.unwrap();
        }
    }
}

/// One client.
async fn act(
    ledger: Arc<Mutex<Ledger>>,
    mut rng: StdRng,
    gate: Arc<RwLock<()>>,
    over: Arc<AtomicBool>,
) {
    loop {
        let _open = gate.read().await;
        if over.load(Ordering::Relaxed) {
            return;
        }
        let mut ledger = ledger.lock().await;
        if act_once(&mut ledger, &mut rng).await.is_none() {
            // Cut. The next one waits for the next process, or for this one to get better.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

async fn act_once(ledger: &mut Ledger, rng: &mut StdRng) -> Option<()> {
    let (ready, trashed) = (ledger.images(Fate::Ready), ledger.images(Fate::Trashed));
    let some = |from: &[Uuid], rng: &mut StdRng| from.sample(rng, 5).copied().collect::<Vec<_>>();
    let one = |from: &[Uuid], rng: &mut StdRng| from.choose(rng).copied();
    match rng.random_range(0..100) {
        0..40 => ledger.upload(picture(rng), true).await.map(drop),
        40..52 => ledger.upload(picture(rng), false).await.map(drop),
        52..55 => {
            let files = (0..3).map(|_| picture(rng)).collect();
            for id in ledger.announce_many(files).await? {
                ledger.put(id).await?;
            }
            Some(())
        }
        55..59 => {
            let id = ledger.announce(picture(rng)).await?;
            ledger.put(id).await?;
            ledger.abort(id).await
        }
        59..70 => ledger.trash(one(&ready, rng)?).await,
        70..78 => ledger.restore(one(&trashed, rng)?).await,
        78..88 => ledger.delete_for_good(one(&ready, rng)?).await,
        88..91 => ledger.trash_many(&not_empty(some(&ready, rng))?).await,
        91..94 => ledger.restore_many(&not_empty(some(&trashed, rng))?).await,
        94..97 => {
            ledger
                .delete_many_for_good(&not_empty(some(&trashed, rng))?)
                .await
        }
        _ => ledger.look_at(one(&ready, rng)?).await,
    }
}

fn not_empty(ids: Vec<Uuid>) -> Option<Vec<Uuid>> {
    (!ids.is_empty()).then_some(ids)
}

fn picture(rng: &mut StdRng) -> Vec<u8> {
    sized(
        rng.random_range(1601..2000),
        rng.random_range(4..60),
        rng.random(),
        image::ImageFormat::Jpeg,
    )
}
