//! The disk fills, breaks or becomes read-only under the server, is mended, and then the process is killed: what was acknowledged is there.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use rustix::io::Errno;
use sea_orm::{ConnectionTrait, Database};
use tempfile::TempDir;
use uuid::Uuid;

use super::installation::{A_LEASE, Installation, Objects};
use super::invariants::Watch;
use super::ledger::Ledger;
use crate::faults::cluster::Cluster;
use crate::faults::faulty_disk::FaultyDisk;
use crate::pictures::sized;

/// How soon a server works again when its disk does.
const RECOVERY: Duration = Duration::from_secs(10);
const FAULTS: [Errno; 4] = [Errno::NOSPC, Errno::DQUOT, Errno::IO, Errno::ROFS];

/// What goes wrong.
trait Disk {
    fn fail(&self);
    fn mend(&self);
}

struct Broken<'a> {
    disk: &'a FaultyDisk,
    at: PathBuf,
    with: Errno,
}

impl Disk for Broken<'_> {
    fn fail(&self) {
        self.disk.fail(&self.at, self.with);
    }

    fn mend(&self) {
        self.disk.mend();
    }
}

/// A small file system, filled to the last byte.
struct Small(PathBuf);

impl Disk for Small {
    fn fail(&self) {
        use std::io::Write;
        let mut filler = std::fs::File::create(self.0.join("filler")).unwrap();
        // A block, then bytes: until nothing fits any more.
        for size in [4096, 1] {
            while filler.write_all(&vec![0; size]).is_ok() {}
        }
    }

    fn mend(&self) {
        std::fs::remove_file(self.0.join("filler")).unwrap();
    }
}

struct Story {
    at: Installation,
    ada: Ledger,
    watch: Watch,
    next: u32,
}

impl Story {
    async fn begin(mut at: Installation) -> Self {
        at.start().await;
        let mut ada = Ledger::new(at.client());
        ada.client.register("ada").await;
        Self {
            at,
            ada,
            watch: Watch::default(),
            next: 0,
        }
    }

    fn picture(&mut self) -> Vec<u8> {
        self.next += 1;
        sized(
            1640 + self.next / 256,
            8,
            u8::try_from(self.next % 256).unwrap(),
            image::ImageFormat::Jpeg,
        )
    }

    /// Writes of every kind. How many were not answered, or by an error of the server's.
    async fn write(&mut self, image: Uuid) -> u32 {
        let before = self.ada.counts.cut;
        for _ in 0..3 {
            let picture = self.picture();
            self.ada.announce(picture).await;
        }
        let picture = self.picture();
        if let Some(id) = self.ada.upload(picture, true).await
            && !self.ada.unfinished().contains(&id)
        {
            self.ada.trash(id).await;
        }
        let title = format!("title {}", self.next);
        self.ada.rename(image, &title).await;
        self.ada.counts.cut - before
    }

    /// Fill or break, write, mend, write, kill, look. `must_refuse`: nothing can be written meanwhile.
    async fn round(&mut self, disk: &dyn Disk, case: &str, must_refuse: bool, revive: impl Fn()) {
        let picture = self.picture();
        let image = self.ada.upload(picture, true).await.unwrap();
        self.at.shrink().await;
        disk.fail();
        let refused = self.write(image).await;
        let ready = self.at.readiness().await.status;
        disk.mend();
        revive();
        self.at.reconnect().await;
        assert!(
            refused > 0 || !must_refuse,
            "{case}: everything was written"
        );
        assert!(ready == 503 || ready == 200, "{case}: {ready}");
        self.recover(case).await;
        for _ in 0..3 {
            self.at.readiness().await;
        }
        let cut = self.write(image).await;
        assert_eq!(cut, 0, "{case}: not all was written on a disk that works");
        self.at.kill();
        self.at.pass(A_LEASE, None).await;
        self.at.start().await;
        self.ada.check(|id| *id == image).await;
        let mut wrong = std::mem::take(&mut self.ada.violations);
        wrong.extend(self.watch.look(&self.at).await);
        assert!(wrong.is_empty(), "{case}: {wrong:#?}");
    }

    async fn recover(&self, case: &str) {
        let start = Instant::now();
        loop {
            let ready = self.at.readiness().await;
            if ready.status == 200 {
                break;
            }
            assert!(
                start.elapsed() < RECOVERY,
                "{case}: {}",
                String::from_utf8_lossy(&ready.body)
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Time passes until all is done.
    async fn end(mut self) {
        for _ in 0..2 {
            self.at.kill();
            self.at.pass(TimeDelta::hours(3), None).await;
            self.at.start().await;
            self.at.quiet().await;
        }
        self.ada.check(|_| true).await;
        let mut wrong = std::mem::take(&mut self.ada.violations);
        wrong.extend(self.watch.look(&self.at).await);
        assert!(wrong.is_empty(), "{wrong:#?}");
        self.at.kill();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_fails_costs_nothing_that_was_acknowledged_on_sqlite() {
    let switch = TempDir::new().unwrap();
    let disk = FaultyDisk::new(switch.path());
    let folder = TempDir::new().unwrap();
    let root = folder.path().canonicalize().unwrap();
    let at = Installation::in_folder(folder, None, Objects::Embedded, &disk.variables()).await;
    let mut story = Story::begin(at).await;
    for with in FAULTS {
        // Together, and apart.
        for place in ["", "tintype.db", "objects"] {
            let broken = Broken {
                disk: &disk,
                at: root.join(place),
                with,
            };
            story
                .round(&broken, &format!("{with:?} in {place:?}"), true, || {})
                .await;
        }
    }
    Box::pin(story.end()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_fails_costs_nothing_that_was_acknowledged_on_postgres() {
    let switch = TempDir::new().unwrap();
    let disk = FaultyDisk::new(switch.path());
    let cluster = Cluster::start_with(disk.variables());
    let at = Installation::in_folder(
        TempDir::new().unwrap(),
        Some(cluster.url()),
        Objects::Embedded,
        &[],
    )
    .await;
    let mut story = Story::begin(at).await;
    for with in FAULTS {
        // Its log of writes, without which nothing is committed.
        let broken = Broken {
            disk: &disk,
            at: cluster.data().join("pg_wal"),
            with,
        };
        story
            .round(&broken, &format!("{with:?}"), false, || cluster.revive())
            .await;
    }
    Box::pin(story.end()).await;
}

/// The small file system of `tests/with-small-disk`.
fn small_disk() -> PathBuf {
    PathBuf::from(std::env::var("TINTYPE_TEST_SMALL_DISK").expect("run by tests/with-small-disk"))
}

const ROUNDS: u32 = 20;

async fn fill_again_and_again(folder: TempDir, database: Option<String>, disk: &Path, case: &str) {
    let settings = [("TINTYPE_STORAGE__MIN_FREE_BYTES", "0".to_owned())];
    let mut story =
        Story::begin(Installation::in_folder(folder, database, Objects::Embedded, &settings).await)
            .await;
    for round in 1..=ROUNDS {
        story
            .round(
                &Small(disk.to_owned()),
                &format!("{case}, round {round}"),
                true,
                || {},
            )
            .await;
    }
    Box::pin(story.end()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs tests/with-small-disk"]
async fn a_small_disk_that_fills_costs_nothing_that_was_acknowledged_on_sqlite() {
    let disk = small_disk();
    Box::pin(fill_again_and_again(
        TempDir::new_in(&disk).unwrap(),
        None,
        &disk,
        "database and objects",
    ))
    .await;
    let database = TempDir::new_in(&disk).unwrap();
    let url = format!(
        "sqlite://{}?mode=rwc",
        database.path().join("tintype.db").display()
    );
    Box::pin(fill_again_and_again(
        TempDir::new().unwrap(),
        Some(url),
        &disk,
        "the database alone",
    ))
    .await;
    drop(database);
    let elsewhere = TempDir::new().unwrap();
    let url = format!(
        "sqlite://{}?mode=rwc",
        elsewhere.path().join("tintype.db").display()
    );
    Box::pin(fill_again_and_again(
        TempDir::new_in(&disk).unwrap(),
        Some(url),
        &disk,
        "the objects alone",
    ))
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs tests/with-small-disk"]
async fn a_small_tablespace_that_fills_costs_nothing_that_was_acknowledged_on_postgres() {
    let disk = small_disk();
    let cluster = Cluster::start();
    let space = Cluster::folder_on(&disk);
    let db = Database::connect(cluster.url()).await.unwrap();
    db.execute_unprepared(&format!(
        "CREATE TABLESPACE small LOCATION '{}'",
        space.path().display()
    ))
    .await
    .unwrap();
    db.execute_unprepared("CREATE DATABASE small TABLESPACE small")
        .await
        .unwrap();
    db.close().await.unwrap();
    let url = cluster.url().replace("/postgres?", "/small?");
    let at =
        Installation::in_folder(TempDir::new().unwrap(), Some(url), Objects::Embedded, &[]).await;
    let mut story = Story::begin(at).await;
    for round in 1..=5 {
        // Pages that are there have room for a while: not every round meets the end.
        story
            .round(
                &Small(disk.clone()),
                &format!("the tablespace, round {round}"),
                false,
                || {},
            )
            .await;
    }
    Box::pin(story.end()).await;
}
