//! How long things take when nothing else is asked, and when that is so again.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tokio::time::sleep;

use crate::job::Job;
use crate::lane::Lane;
use crate::load::{self, Tally};
use crate::numbers::percentile;
use crate::outcome::Outcome;
use crate::request::Request;
use crate::server::Server;
use crate::upload::Upload;

/// Others who read while somebody uploads too much: so many requests a second of each kind, over so many connections.
const READS_PER_SECOND: f64 = 20.0;
const READ_CONNECTIONS: usize = 8;
const CALM_TIME: Duration = Duration::from_secs(5);
const CALM_UPLOADS: u64 = 10;
/// It is calm again after so many in a row that took at most so many times what they took before.
const IN_A_ROW: usize = 20;
const TIMES: u32 = 2;
/// Less than this is not told from chance.
const LEAST: Duration = Duration::from_millis(10);
const BETWEEN: Duration = Duration::from_millis(10);
/// Then it is not waited for any longer.
const LONGEST: Duration = Duration::from_mins(1);

/// Somebody who looks at the list, and at thumbnails.
pub struct Readers {
    list: Job,
    thumbs: Job,
}

/// What became of their requests.
pub struct Reads {
    pub list: Tally,
    pub thumbs: Tally,
}

impl Readers {
    pub fn new(list: Request, thumbs: Vec<Request>) -> Self {
        Self {
            list: Job::always(list),
            thumbs: Job::in_turn(thumbs),
        }
    }

    /// Reads for this time, at a low rate.
    pub async fn read(&self, server: &Server, time: Duration) -> Reads {
        let mut of_list = server.lanes(READ_CONNECTIONS);
        let mut of_thumbs = server.lanes(READ_CONNECTIONS);
        let (list, thumbs) = tokio::join!(
            load::open(&self.list, &mut of_list, READS_PER_SECOND, time),
            load::open(&self.thumbs, &mut of_thumbs, READS_PER_SECOND, time),
        );
        Reads { list, thumbs }
    }
}

/// How long things take at rest: 99 of 100 readers, and the slowest upload.
pub struct Calm {
    pub list: Duration,
    pub thumbs: Duration,
    pub upload: Duration,
}

impl Calm {
    pub async fn measure(server: &Server, readers: &Readers, upload: &Upload) -> Result<Self> {
        let Reads { list, thumbs } = readers.read(server, CALM_TIME).await;
        for tally in [&list, &thumbs] {
            ensure!(tally.first.is_none(), "at rest: {:?}", tally.fault());
        }
        let (mut lane, mut slowest) = (server.lane(), Duration::ZERO);
        for turn in 0..CALM_UPLOADS {
            let begun = Instant::now();
            let outcome = upload.run(&mut lane, turn).await;
            ensure!(outcome == Outcome::Done, "at rest: {outcome:?}");
            slowest = slowest.max(begun.elapsed());
        }
        let part = |tally: &Tally| percentile(&tally.times, 99).context("nothing was read");
        Ok(Self {
            list: part(&list)?,
            thumbs: part(&thumbs)?,
            upload: slowest,
        })
    }

    /// How long after the end of a load reading took as long as before. `None`: too long to wait for.
    pub async fn reads_again(
        &self,
        server: &Server,
        readers: &Readers,
        end: Instant,
    ) -> Option<Duration> {
        let (mut lane, mut calm_since, mut in_a_row) = (server.lane(), Instant::now(), 0);
        let mut turn = 0;
        while end.elapsed() < LONGEST {
            let list = is_quick(&readers.list, &mut lane, turn, self.list).await;
            let thumb = is_quick(&readers.thumbs, &mut lane, turn, self.thumbs).await;
            turn += 1;
            in_a_row += 1;
            if !(list && thumb) {
                (calm_since, in_a_row) = (Instant::now(), 0);
            }
            if in_a_row == IN_A_ROW {
                return Some(calm_since.saturating_duration_since(end));
            }
            sleep(BETWEEN).await;
        }
        None
    }

    /// How long after the end of a load a new upload took as long as before.
    pub async fn uploads_again(
        &self,
        server: &Server,
        upload: Option<&Upload>,
        end: Instant,
    ) -> Option<Duration> {
        let job = Job::Upload(upload?.clone());
        let (mut lane, mut turn) = (server.lane(), 0);
        while end.elapsed() < LONGEST {
            let begun = Instant::now();
            if is_quick(&job, &mut lane, turn, self.upload).await {
                return Some(begun.saturating_duration_since(end));
            }
            turn += 1;
            sleep(BETWEEN).await;
        }
        None
    }
}

async fn is_quick(job: &Job, lane: &mut Lane, turn: u64, before: Duration) -> bool {
    let begun = Instant::now();
    let outcome = job.run(lane, turn).await;
    outcome == Outcome::Done && begun.elapsed() <= LEAST.max(before * TIMES)
}
