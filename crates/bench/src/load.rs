//! Load of two kinds: each client's next request follows its last answer, or requests come at a fixed rate.

use std::cell::Cell;
use std::time::{Duration, Instant};

use futures::StreamExt;
use futures::stream::FuturesUnordered;

use crate::job::Job;
use crate::lane::Lane;
use crate::outcome::Outcome;
use crate::pace::Pace;

/// What became of many jobs.
#[derive(Debug, Default)]
pub struct Tally {
    /// How long those took that ended as they should, from when they were due on.
    pub times: Vec<Duration>,
    /// How many did not.
    pub others: usize,
    /// How the first of these ended.
    pub first: Option<Outcome>,
}

impl Tally {
    fn count(&mut self, outcome: Outcome, took: Duration) {
        if outcome == Outcome::Done {
            self.times.push(took);
        } else {
            self.others += 1;
            self.first.get_or_insert(outcome);
        }
    }

    fn add(mut self, other: Self) -> Self {
        self.times.extend(other.times);
        self.others += other.others;
        self.first = self.first.or(other.first);
        self
    }

    /// Why its figures are worth nothing: one answer was not the one that was expected.
    pub fn fault(&self) -> Option<String> {
        let all = self.times.len() + self.others;
        let first = self.first.as_ref()?;
        Some(format!("{} of {all}, the first: {first:?}", self.others))
    }
}

/// Every lane does the job again and again for this time. What has begun is finished.
pub async fn closed(job: &Job, lanes: &mut [Lane], time: Duration) -> Tally {
    let end = Instant::now() + time;
    let next = Cell::new(0);
    let next = &next;
    together(lanes.iter_mut().map(|lane| async move {
        let mut tally = Tally::default();
        while Instant::now() < end {
            let (turn, begun) = (next.get(), Instant::now());
            next.set(turn + 1);
            let outcome = job.run(lane, turn).await;
            tally.count(outcome, begun.elapsed());
        }
        tally
    }))
    .await
}

/// So many a second are due, whoever is still busy. What finds no free lane waits for one, and that time counts.
pub async fn open(job: &Job, lanes: &mut [Lane], per_second: f64, time: Duration) -> Tally {
    let pace = Pace::begin(per_second, time, Duration::ZERO);
    let pace = &pace;
    together(lanes.iter_mut().map(|lane| async move {
        let mut tally = Tally::default();
        while let Some((turn, due)) = pace.next().await {
            let outcome = job.run(lane, turn).await;
            tally.count(outcome, due.elapsed());
        }
        tally
    }))
    .await
}

async fn together(work: impl Iterator<Item = impl Future<Output = Tally>>) -> Tally {
    let work: FuturesUnordered<_> = work.collect();
    work.fold(Tally::default(), async |all, one| all.add(one))
        .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Request;

    #[tokio::test]
    async fn what_is_not_answered_as_expected_voids_the_figures() -> anyhow::Result<()> {
        let nobody = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let job = Job::always(Request::get("/"));
        let mut lanes = [Lane::new(nobody, nobody)];
        let tally = closed(&job, &mut lanes, Duration::from_millis(5)).await;
        assert!(tally.times.is_empty());
        assert!(matches!(tally.first, Some(Outcome::Cut(_))));
        assert!(tally.fault().is_some());
        Ok(())
    }
}
