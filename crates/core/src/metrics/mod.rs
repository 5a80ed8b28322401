//! What a process counts, for `/metrics` on the ops listener.

mod labels;
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;

use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

pub use labels::{
    CallOutcome, DatabaseState, Due, Ending, ListenerName, Operation, Origin, Outcome, Pool,
    SweepAction, SweepOutcome, UploadOutcome,
};
use labels::{
    OfAction, OfCall, OfDatabase, OfDue, OfEnding, OfFinding, OfListener, OfOperation, OfOutcome,
    OfPool, OfRequest, OfRoute, OfRule, OfSweep, OfUpload, Unlabelled,
};

type Seconds = Gauge<f64, AtomicU64>;
type Histograms<Labels> = Family<Labels, Histogram, fn() -> Histogram>;

/// Upper bounds in seconds: from a cached answer to a store that hardly answers.
const BUCKETS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 20.0,
];

/// The metrics of one process, all named `tintype_...`.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    names: &'static [&'static str],
    http_requests: Family<OfRequest, Counter>,
    http_duration: Histograms<OfRoute>,
    connections_open: Family<OfListener, Gauge>,
    connections_ended: Family<OfEnding, Counter>,
    uploads: Family<OfUpload, Counter>,
    /// Bytes of files that were checked.
    pub received_bytes: Counter,
    /// Bytes of images that were served.
    pub served_bytes: Counter,
    pool_working: Family<OfPool, Gauge>,
    pool_waiting: Family<OfPool, Gauge>,
    pool_duration: Histograms<OfPool>,
    database_connections: Family<OfDatabase, Gauge>,
    storage_calls: Family<OfCall, Counter>,
    storage_duration: Histograms<OfOperation>,
    store_free_bytes: Family<Unlabelled, Gauge>,
    worker_rounds: Family<OfOutcome, Counter>,
    worker_due: Family<OfDue, Gauge>,
    audits: Family<OfOutcome, Counter>,
    audit_findings: Family<OfFinding, Gauge>,
    audit_seconds: Family<Unlabelled, Seconds>,
    sweeps: Family<OfSweep, Counter>,
    sweep_orphans: Family<Unlabelled, Gauge>,
    sweep_objects: Family<OfAction, Counter>,
    sweep_seconds: Family<Unlabelled, Seconds>,
    swept_at: Family<Unlabelled, Gauge>,
    /// Logins with a wrong name or password.
    pub login_failures: Counter,
    rate_limited: Family<OfRule, Counter>,
    /// Pictures at which a decoder or an encoder panicked.
    pub decoder_panics: Counter,
    /// Images that an older cleaner made.
    pub images_outdated: Gauge,
}

fn histogram() -> Histogram {
    Histogram::new(BUCKETS)
}

fn histograms<Labels: Clone + Eq + Hash>() -> Histograms<Labels> {
    Family::new_with_constructor(histogram)
}

/// As a gauge takes it.
fn level(value: impl TryInto<i64>) -> i64 {
    value.try_into().unwrap_or(i64::MAX)
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// Everything at zero.
    #[must_use]
    pub fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("tintype"),
            names: &[],
            http_requests: Family::default(),
            http_duration: histograms(),
            connections_open: Family::default(),
            connections_ended: Family::default(),
            uploads: Family::default(),
            received_bytes: Counter::default(),
            served_bytes: Counter::default(),
            pool_working: Family::default(),
            pool_waiting: Family::default(),
            pool_duration: histograms(),
            database_connections: Family::default(),
            storage_calls: Family::default(),
            storage_duration: histograms(),
            store_free_bytes: Family::default(),
            worker_rounds: Family::default(),
            worker_due: Family::default(),
            audits: Family::default(),
            audit_findings: Family::default(),
            audit_seconds: Family::default(),
            sweeps: Family::default(),
            sweep_orphans: Family::default(),
            sweep_objects: Family::default(),
            sweep_seconds: Family::default(),
            swept_at: Family::default(),
            login_failures: Counter::default(),
            rate_limited: Family::default(),
            decoder_panics: Counter::default(),
            images_outdated: Gauge::default(),
        };
        metrics.register();
        metrics
    }

    fn register(&mut self) {
        macro_rules! register {
            ($($name:literal, $help:literal, $metric:expr;)+) => {
                $(self.registry.register($name, $help, $metric);)+
                self.names = &[$(concat!("tintype_", $name)),+];
            };
        }
        register! {
            "build", "The version that runs", Info::new([("version", env!("CARGO_PKG_VERSION"))]);
            "http_requests", "Requests answered", self.http_requests.clone();
            "http_request_duration_seconds", "Time to the answer's head", self.http_duration.clone();
            "connections_open", "Connections of a listener", self.connections_open.clone();
            "connections_ended", "Connections that were refused, or ended for others or for being too slow", self.connections_ended.clone();
            "uploads", "Uploads that ended", self.uploads.clone();
            "received_bytes", "Bytes of files that were checked", self.received_bytes.clone();
            "served_bytes", "Bytes of images that were answered with", self.served_bytes.clone();
            "pool_working", "Jobs at work on a blocking pool", self.pool_working.clone();
            "pool_waiting", "Jobs that wait for a blocking pool", self.pool_waiting.clone();
            "pool_duration_seconds", "Time of one job on a blocking pool", self.pool_duration.clone();
            "database_connections", "Connections of the pool", self.database_connections.clone();
            "storage_calls", "Calls to the store", self.storage_calls.clone();
            "storage_call_duration_seconds", "Time of a call to the store", self.storage_duration.clone();
            "store_free_bytes", "Free bytes on the disk of the embedded store", self.store_free_bytes.clone();
            "worker_rounds", "Rounds of the worker", self.worker_rounds.clone();
            "worker_due", "Rows that the last round found due", self.worker_due.clone();
            "audits", "Audits that ended", self.audits.clone();
            "audit_findings", "What the last audit found", self.audit_findings.clone();
            "audit_last_duration_seconds", "Time of the last audit", self.audit_seconds.clone();
            "sweeps", "Sweeps that ended", self.sweeps.clone();
            "sweep_orphans", "Objects past their grace that no row needs, as the last sweep found them", self.sweep_orphans.clone();
            "sweep_objects", "Objects that sweeps moved into quarantine, or deleted there", self.sweep_objects.clone();
            "sweep_last_duration_seconds", "Time of the last sweep", self.sweep_seconds.clone();
            "sweep_last_success_timestamp_seconds", "When a sweep last came to its end, on any replica", self.swept_at.clone();
            "login_failures", "Logins with a wrong name or password", self.login_failures.clone();
            "rate_limited", "Requests refused because there were too many", self.rate_limited.clone();
            "decoder_panics", "Pictures at which a decoder or an encoder panicked", self.decoder_panics.clone();
            "images_outdated", "Images that an older cleaner made, as the worker of this process counted them", self.images_outdated.clone();
        }
        // The alert for a worker that finishes no rounds needs the zero.
        drop(self.worker_rounds.get_or_create(&OfOutcome {
            outcome: Outcome::Ok,
        }));
        for &outcome in SweepOutcome::ALL {
            drop(self.sweeps.get_or_create(&OfSweep { outcome }));
        }
    }

    /// The name of every metric, without the endings (`_total`, `_bucket`, ...) that the text format adds.
    #[must_use]
    pub fn names(&self) -> &'static [&'static str] {
        self.names
    }

    /// In the `OpenMetrics` text format.
    ///
    /// # Errors
    /// Never, for a `String`.
    pub fn text(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }

    /// One request was answered. `route` is the template, never the path.
    pub fn request(
        &self,
        origin: Origin,
        method: &'static str,
        route: Arc<str>,
        status: u16,
        took: Duration,
    ) {
        let route = OfRoute { origin, route };
        self.http_duration
            .get_or_create(&route)
            .observe(took.as_secs_f64());
        let request = OfRequest {
            route,
            method,
            status,
        };
        self.http_requests.get_or_create(&request).inc();
    }

    /// How many connections a listener has at this moment.
    pub fn connections_open(&self, listener: ListenerName, open: usize) {
        self.connections_open
            .get_or_create(&OfListener { listener })
            .set(level(open));
    }

    /// The server closed one connection.
    pub fn connection_ended(&self, listener: ListenerName, reason: Ending) {
        self.connections_ended
            .get_or_create(&OfEnding { listener, reason })
            .inc();
    }

    /// One upload ended.
    pub fn upload(&self, outcome: UploadOutcome) {
        self.uploads.get_or_create(&OfUpload { outcome }).inc();
    }

    /// Times the jobs of a blocking pool.
    #[must_use]
    pub fn pool_duration(&self, pool: Pool) -> Histogram {
        self.pool_duration.get_or_create_owned(&OfPool { pool })
    }

    /// The current load of a blocking pool.
    pub fn pool(&self, pool: Pool, working: usize, waiting: usize) {
        let pool = OfPool { pool };
        self.pool_working.get_or_create(&pool).set(level(working));
        self.pool_waiting.get_or_create(&pool).set(level(waiting));
    }

    /// The current connections to the database.
    pub fn connections(&self, idle: usize, used: usize) {
        for (state, value) in [(DatabaseState::Idle, idle), (DatabaseState::Used, used)] {
            self.database_connections
                .get_or_create(&OfDatabase { state })
                .set(level(value));
        }
    }

    /// One call to the store.
    pub fn storage_call(&self, operation: Operation, outcome: CallOutcome, took: Duration) {
        self.storage_duration
            .get_or_create(&OfOperation { operation })
            .observe(took.as_secs_f64());
        self.storage_calls
            .get_or_create(&OfCall { operation, outcome })
            .inc();
    }

    /// Free bytes on the disk of the embedded store.
    pub fn free(&self, bytes: u64) {
        self.store_free_bytes.get_or_create(&[]).set(level(bytes));
    }

    /// One round of the worker.
    pub fn worker_round(&self, outcome: Outcome) {
        self.worker_rounds
            .get_or_create(&OfOutcome { outcome })
            .inc();
    }

    /// How many rows a round found due.
    pub fn worker_due(&self, kind: Due, rows: usize) {
        self.worker_due
            .get_or_create(&OfDue { kind })
            .set(level(rows));
    }

    /// One audit finished, with these findings of each kind.
    pub fn audit(&self, findings: impl Iterator<Item = (&'static str, u64)>, took: Duration) {
        self.audit_ended(Outcome::Ok);
        self.audit_seconds
            .get_or_create(&[])
            .set(took.as_secs_f64());
        for (kind, count) in findings {
            self.audit_findings
                .get_or_create(&OfFinding { kind })
                .set(level(count));
        }
    }

    /// One audit failed.
    pub fn audit_failed(&self) {
        self.audit_ended(Outcome::Failed);
    }

    fn audit_ended(&self, outcome: Outcome) {
        self.audits.get_or_create(&OfOutcome { outcome }).inc();
    }

    /// One sweep ended.
    pub fn sweep(&self, outcome: SweepOutcome, took: Duration) {
        self.sweeps.get_or_create(&OfSweep { outcome }).inc();
        self.sweep_seconds
            .get_or_create(&[])
            .set(took.as_secs_f64());
    }

    /// How many orphans a sweep has counted.
    pub fn sweep_orphans(&self, count: u64) {
        self.sweep_orphans.get_or_create(&[]).set(level(count));
    }

    /// What a sweep did with one object.
    pub fn sweep_object(&self, action: SweepAction) {
        self.sweep_objects.get_or_create(&OfAction { action }).inc();
    }

    /// When a sweep last finished, seconds since 1970.
    pub fn swept_at(&self, timestamp: i64) {
        self.swept_at.get_or_create(&[]).set(timestamp);
    }

    /// One request was rate limited.
    pub fn rate_limited(&self, rule: &'static str) {
        self.rate_limited.get_or_create(&OfRule { rule }).inc();
    }
}
