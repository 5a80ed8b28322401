//! One kind of load at each rate.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::calm::{Calm, Readers, Reads};
use super::flood::{Flood, Seen};
use crate::job::Job;
use crate::numbers::{float, median};
use crate::postgres::Postgres;
use crate::processes::resident;
use crate::server::Server;
use crate::upload::Upload;
use crate::usage::Cores;
use crate::{load, say, seed};

const FACTORS: [f64; 3] = [1.0, 5.0, 20.0];
const PEAK_CONNECTIONS: usize = 16;
const PEAK_TURNS: usize = 3;
/// How long what is under way is waited for behind a load.
const DRAIN: Duration = Duration::from_secs(45);

/// What a load is put on.
pub struct Bench<'a> {
    pub time: Duration,
    pub postgres: &'a Postgres,
    pub database: &'a str,
    pub server: &'a Server,
    pub readers: Readers,
    pub calm: Calm,
}

/// One load and what was seen of it.
pub struct Load {
    pub factor: f64,
    /// A second.
    pub asked: f64,
    pub seen: Seen,
    /// What others noticed who read meanwhile.
    pub others: Option<Reads>,
    pub cores: Cores,
    /// Resident at its end, MiB.
    pub memory: f64,
    /// How long after it things were as before.
    pub reads_again: Option<Duration>,
    pub uploads_again: Option<Duration>,
}

/// One kind of load, at each rate.
pub struct Kind {
    pub name: &'static str,
    pub peak: f64,
    pub loads: Vec<Load>,
}

impl Bench<'_> {
    /// The peak, then each load.
    pub async fn loads(
        &self,
        name: &'static str,
        job: Job,
        upload: Option<&Upload>,
    ) -> Result<Kind> {
        say(format_args!("{name}: the peak"));
        let peak = self.peak(&job).await?;
        let job = Arc::new(job);
        let mut loads = Vec::new();
        for factor in FACTORS {
            say(format_args!("{name}: {factor} times {peak:.0} a second"));
            loads.push(self.load(&job, peak, factor, upload).await?);
            seed::forget_announced(self.postgres, self.database).await?;
        }
        Ok(Kind { name, peak, loads })
    }

    async fn peak(&self, job: &Job) -> Result<f64> {
        let mut lanes = self.server.lanes(PEAK_CONNECTIONS);
        let mut rates = Vec::new();
        for _ in 0..PEAK_TURNS {
            let begun = Instant::now();
            let tally = load::closed(job, &mut lanes, self.time).await;
            if let Some(fault) = tally.fault() {
                bail!("no peak can be measured: not as expected were {fault}");
            }
            rates.push(float(tally.times.len()) / begun.elapsed().as_secs_f64());
        }
        Ok(median(rates))
    }

    async fn load(
        &self,
        job: &Arc<Job>,
        peak: f64,
        factor: f64,
        upload: Option<&Upload>,
    ) -> Result<Load> {
        let mut flood = Flood::new(self.server, job.clone());
        let (readers, server) = (&self.readers, self.server);
        let others = async {
            match upload {
                Some(_) => Some(readers.read(server, self.time).await),
                None => None,
            }
        };
        let window = server.watched.begin()?;
        let ((), others) = tokio::join!(flood.run(peak * factor, self.time), others);
        let (used, took) = window.end()?;
        let memory = resident(server.watched.server)?;
        let ended = Instant::now();
        let (unfinished, reads_again, uploads_again) = tokio::join!(
            flood.drain(DRAIN),
            self.calm.reads_again(server, readers, ended),
            self.calm.uploads_again(server, upload, ended),
        );
        Ok(Load {
            factor,
            asked: peak * factor,
            seen: flood.seen(ended, self.time, unfinished),
            others,
            cores: used.cores(took),
            memory,
            reads_again,
            uploads_again,
        })
    }
}
