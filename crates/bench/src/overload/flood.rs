//! Clients who come at a fixed rate, each with one job, however many are still there.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::{JoinError, JoinSet};

use crate::job::Job;
use crate::lane::Lane;
use crate::numbers::float;
use crate::outcome::Outcome;
use crate::pace::Pace;
use crate::server::Server;

/// So many are there at once at most: twice what the server has places for.
pub const CLIENTS: usize = 1000;

/// They come together who come within this time.
const GRAIN: Duration = Duration::from_millis(2);

/// One job that has ended.
struct Ended {
    outcome: Outcome,
    /// Since the client came.
    took: Duration,
    at: Instant,
}

pub struct Flood<'a> {
    server: &'a Server,
    job: Arc<Job>,
    /// Connections that are kept for the next client.
    idle: Vec<Lane>,
    under_way: JoinSet<(Lane, Ended)>,
    ended: Vec<Ended>,
    sent_away: usize,
}

/// What became of a flood.
#[derive(Default)]
pub struct Seen {
    /// What was done before the load ended, a second.
    pub served: f64,
    /// How long what was done took.
    pub times: Vec<Duration>,
    /// How long it took to be refused.
    pub refusals: Vec<Duration>,
    /// How many of these were told when to come back.
    pub told_when: usize,
    /// Taken, and not done in time.
    pub unfinished: usize,
    /// Hung up on.
    pub cut: Vec<String>,
    /// Answered otherwise.
    pub failures: Vec<String>,
    /// How many came while no client was free.
    pub sent_away: usize,
}

impl<'a> Flood<'a> {
    pub fn new(server: &'a Server, job: Arc<Job>) -> Self {
        Self {
            server,
            job,
            idle: Vec::new(),
            under_way: JoinSet::new(),
            ended: Vec::new(),
            sent_away: 0,
        }
    }

    /// Until the last client has come.
    pub async fn run(&mut self, per_second: f64, time: Duration) {
        let pace = Pace::begin(per_second, time, GRAIN);
        loop {
            tokio::select! {
                biased;
                Some(ended) = self.under_way.join_next() => self.keep(ended),
                next = pace.next() => match next {
                    Some((turn, due)) => self.come(turn, due),
                    None => return,
                },
            }
        }
    }

    /// Waits for those who are still there, and returns how many are left at the end.
    pub async fn drain(&mut self, limit: Duration) -> usize {
        let all = async {
            while let Some(ended) = self.under_way.join_next().await {
                self.keep(ended);
            }
        };
        // Those that are left end when the set is dropped.
        let _ = tokio::time::timeout(limit, all).await;
        self.under_way.len()
    }

    fn come(&mut self, turn: u64, due: Instant) {
        if self.under_way.len() >= CLIENTS {
            self.sent_away += 1;
            return;
        }
        let mut lane = self.idle.pop().unwrap_or_else(|| self.server.lane());
        let job = self.job.clone();
        self.under_way.spawn(async move {
            let outcome = job.run(&mut lane, turn).await;
            let ended = Ended {
                outcome,
                took: due.elapsed(),
                at: Instant::now(),
            };
            (lane, ended)
        });
    }

    fn keep(&mut self, ended: Result<(Lane, Ended), JoinError>) {
        if let Ok((lane, ended)) = ended {
            self.idle.push(lane);
            self.ended.push(ended);
        }
    }

    /// All of it, for a load that took this time and ended then.
    pub fn seen(self, end: Instant, time: Duration, unfinished: usize) -> Seen {
        let in_time = self.ended.iter().filter(|ended| ended.at <= end);
        let served = in_time.filter(|ended| ended.outcome == Outcome::Done);
        let mut seen = Seen {
            served: float(served.count()) / time.as_secs_f64(),
            unfinished,
            sent_away: self.sent_away,
            ..Seen::default()
        };
        for ended in self.ended {
            match ended.outcome {
                Outcome::Done => seen.times.push(ended.took),
                Outcome::Refused { says_when } => {
                    seen.refusals.push(ended.took);
                    seen.told_when += usize::from(says_when);
                }
                Outcome::Unfinished => seen.unfinished += 1,
                Outcome::Cut(reason) => seen.cut.push(reason),
                Outcome::Failed(reason) => seen.failures.push(reason),
            }
        }
        seen
    }
}
