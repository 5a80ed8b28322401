//! What audit and sweep cost when there are 100,000 objects. `just measure-sweep` prints it.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, Database, DatabaseConnection, EntityTrait, IntoActiveModel,
};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tintype_core::db::{image, installation, upload, user};
use uuid::Uuid;

use crate::pictures::png;
use crate::program::Program;
use crate::server::{On, new_postgres_database};

/// Three objects each.
const IMAGES: usize = 33_000;
/// The others of 100,000.
const ORPHANS: usize = 1000;
/// How much more memory one of them may take than it does with one image, MiB.
const MOST: u64 = 64;

/// What a process has used so far.
#[derive(Clone, Copy, Debug, Default)]
struct Used {
    peak_kib: u64,
    cpu_ticks: u64,
}

impl Used {
    fn by(pid: u32) -> Option<Self> {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let peak = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))?;
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let times: Vec<u64> = stat
            .rsplit(')')
            .next()?
            .split(' ')
            .skip(12)
            .take(2)
            .filter_map(|field| field.parse().ok())
            .collect();
        Some(Self {
            peak_kib: peak.trim().strip_suffix(" kB")?.parse().ok()?,
            cpu_ticks: times.iter().sum(),
        })
    }
}

/// Linux counts hundredths.
fn seconds(ticks: u64) -> f64 {
    Duration::from_millis(10 * ticks).as_secs_f64()
}

pub struct Installation<'a> {
    pub folder: &'a Path,
    pub settings: Vec<(&'a str, &'a str)>,
}

impl Installation<'_> {
    pub fn serve(&self) -> Program {
        Program::start_as("serve", self.folder, &self.settings)
    }

    /// Runs a command beside the server: its peak of memory, KiB, and the last line that it wrote.
    pub fn run(&self, server: &Program, arguments: &[&str]) -> (u64, String) {
        let before = Used::by(server.child.id()).unwrap();
        let (peak, last) = self.run_alone(arguments);
        let after = Used::by(server.child.id()).unwrap();
        println!(
            "    the server {:5.1} s CPU, peak {:4} MiB",
            seconds(after.cpu_ticks - before.cpu_ticks),
            after.peak_kib / 1024,
        );
        (peak, last)
    }

    /// The same without a server.
    pub fn run_alone(&self, arguments: &[&str]) -> (u64, String) {
        let start = Instant::now();
        let media = fs::read_to_string(self.folder.join("media")).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_tintype"))
            .args(arguments)
            .env("TINTYPE_DATA_DIR", self.folder)
            .envs(self.settings.iter().copied())
            .env("TINTYPE_SERVER__MEDIA_ADDR", media)
            .stdout(File::create(self.folder.join("out")).unwrap())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let mut used = Used::default();
        while child.try_wait().unwrap().is_none() {
            used = Used::by(child.id()).unwrap_or(used);
            std::thread::sleep(Duration::from_millis(5));
        }
        let told = fs::read_to_string(self.folder.join("out")).unwrap();
        println!(
            "  {:<32} {:6.1} s, {:5.1} s CPU, peak {:4} MiB",
            arguments.join(" "),
            start.elapsed().as_secs_f64(),
            seconds(used.cpu_ticks),
            used.peak_kib / 1024,
        );
        let last = told.lines().last().unwrap_or_default().to_owned();
        println!("    {last}");
        (used.peak_kib, last)
    }
}

/// Writes an object as the embedded store does, two days ago.
pub fn write(objects: &Path, key: &str, bytes: &[u8]) {
    let name = hex::encode(Sha256::digest(format!("tintype\0{key}")));
    let sha256 = hex::encode(Sha256::digest(bytes));
    let record = serde_json::json!({"bucket": "tintype", "key": key, "content_type": "image/png", "size": bytes.len(), "sha256": sha256});
    let record = serde_json::to_vec(&record).unwrap();
    let mut file = File::create(objects.join(&name[..2]).join(name)).unwrap();
    let length = u32::try_from(record.len()).unwrap().to_le_bytes();
    file.write_all(
        &[
            bytes,
            &record,
            &length,
            &Sha256::digest(&record)[..8],
            b"TINTYPE1",
        ]
        .concat(),
    )
    .unwrap();
    file.set_modified(SystemTime::now() - Duration::from_hours(48))
        .unwrap();
}

/// Rows of images and their uploads, as copies of those that there are.
async fn insert(db: &DatabaseConnection, ids: &[Uuid]) {
    let (first, its_upload) = (
        image::Entity::find().one(db).await.unwrap().unwrap(),
        upload::Entity::find().one(db).await.unwrap().unwrap(),
    );
    for ids in ids.chunks(500) {
        let uploads = ids.iter().map(|id| upload::Model {
            id: (*id).into(),
            staging_key: format!("staging/{id}"),
            due_at: None,
            ..its_upload.clone()
        });
        upload::Entity::insert_many(uploads.map(|row| row.into_active_model().reset_all()))
            .exec_without_returning(db)
            .await
            .unwrap();
        let images = ids.iter().map(|id| image::Model {
            id: (*id).into(),
            slug: tintype_core::db::Slug(id.to_string()),
            size_bytes: 200,
            original_key: format!("images/{id}/1/original"),
            preview_key: Some(format!("images/{id}/1/preview")),
            thumb_key: Some(format!("images/{id}/1/thumb")),
            manifest_key: None,
            ..first.clone()
        });
        image::Entity::insert_many(images.map(|row| row.into_active_model().reset_all()))
            .exec_without_returning(db)
            .await
            .unwrap();
    }
    let used = first.size_bytes + 200 * i64::try_from(ids.len()).unwrap();
    user::Entity::update_many()
        .col_expr(user::Column::UsedBytes, Expr::value(used))
        .exec(db)
        .await
        .unwrap();
}

#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
async fn measure(on: On) {
    println!("{on:?}");
    let folder = TempDir::new().unwrap();
    let database = match on {
        On::Sqlite => format!(
            "sqlite://{}?mode=rwc",
            folder.path().join("tintype.db").display()
        ),
        On::Postgres => new_postgres_database().await,
    };
    // Both have to stay where they are over restarts.
    let free = || {
        std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .to_string()
    };
    let (app, media) = (free(), free());
    fs::write(folder.path().join("media"), &media).unwrap();
    let mut at = Installation {
        folder: folder.path(),
        settings: vec![
            ("DATABASE_URL", database.as_str()),
            ("TINTYPE_SERVER__APP_ADDR", app.as_str()),
            ("TINTYPE_SERVER__MEDIA_ADDR", media.as_str()),
            ("TINTYPE_SWEEP__EVERY", "0"),
        ],
    };
    let server = at.serve();
    let mut ada = server.client();
    ada.register("ada").await;
    ada.upload("a.png", &png(1)).await;
    let mut small = HashMap::new();
    for command in ["audit", "sweep"] {
        small.insert(command, at.run(&server, &[command]).0);
    }
    let small_server = Used::by(server.child.id()).unwrap().peak_kib;
    assert!(server.terminate());

    let ids: Vec<_> = (0..IMAGES).map(|_| Uuid::now_v7()).collect();
    let strays: Vec<_> = (0..ORPHANS)
        .map(|_| format!("images/{}/1/original", Uuid::now_v7()))
        .collect();
    let objects = folder.path().join("objects/objects");
    for id in &ids {
        for part in ["original", "preview", "thumb"] {
            write(&objects, &format!("images/{id}/1/{part}"), &[7; 200]);
        }
    }
    for key in &strays {
        write(&objects, key, &[8; 200]);
    }
    let db = Database::connect(&database).await.unwrap();
    insert(&db, &ids).await;
    let server = at.serve();
    let grows = |peak: u64, small: u64| (peak.saturating_sub(small)) / 1024;
    let under = |what: &str, peak: u64| {
        let more = grows(peak, small[what.split(' ').next().unwrap()]);
        println!("    {more} MiB more than with one image");
        assert!(more < MOST, "{what}: {more} MiB more");
    };
    let check = |arguments: &[&str], expected: &str| {
        let (peak, told) = at.run(&server, arguments);
        assert!(told.contains(expected), "{expected} in {told}");
        under(arguments[0], peak);
    };
    check(&["audit"], "1000 findings: 100003 objects (0 new)");
    check(
        &["sweep", "--dry-run"],
        "100003 objects (0 new), 1000 orphans (200000 bytes): nothing was touched.",
    );
    check(
        &["sweep"],
        "1000 moved into quarantine (200000 bytes), 0 left",
    );
    check(&["sweep"], "99003 objects (0 new), 0 orphans");
    check(
        &["sweep", "restore"],
        "1000 objects put back (200000 bytes)",
    );
    let more = grows(Used::by(server.child.id()).unwrap().peak_kib, small_server);
    println!(
        "  the server: {more} MiB more than with one image, the store's index and every audit and sweep above"
    );
    assert!(server.terminate());

    // The same inside the server, which is the store too.
    at.settings
        .retain(|(name, _)| *name != "TINTYPE_SWEEP__EVERY");
    db.execute_unprepared("UPDATE installation SET swept_at = NULL")
        .await
        .unwrap();
    let server = at.serve();
    let start = Instant::now();
    while installation::find(&db)
        .await
        .unwrap()
        .unwrap()
        .swept_at
        .is_none()
    {
        assert!(
            start.elapsed() < Duration::from_mins(10),
            "the worker sweeps"
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let used = Used::by(server.child.id()).unwrap();
    let more = grows(used.peak_kib, small_server);
    println!(
        "  audit and sweep by the worker        {:6.1} s, {:5.1} s CPU, peak {:4} MiB: {more} MiB more than with one image, the store's index included",
        start.elapsed().as_secs_f64(),
        seconds(used.cpu_ticks),
        used.peak_kib / 1024,
    );
    assert!(more < MOST, "{more} MiB more");

    assert!(server.terminate());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes: `just measure-sweep`"]
async fn audit_and_sweep_of_100_000_objects_take_less_than_64_mib_on_sqlite() {
    measure(On::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes: `just measure-sweep`"]
async fn audit_and_sweep_of_100_000_objects_take_less_than_64_mib_on_postgres() {
    measure(On::Postgres).await;
}

/// The worst case: the database knows one image, and 99,000 objects are there that it does not know.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes: `just measure-sweep`"]
async fn a_database_that_has_forgotten_everything_takes_no_more_memory() {
    let folder = TempDir::new().unwrap();
    let free = || {
        std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .to_string()
    };
    let (app, media) = (free(), free());
    fs::write(folder.path().join("media"), &media).unwrap();
    let settings = vec![
        ("TINTYPE_SERVER__APP_ADDR", app.as_str()),
        ("TINTYPE_SERVER__MEDIA_ADDR", media.as_str()),
        ("TINTYPE_SWEEP__EVERY", "0"),
    ];
    let at = Installation {
        folder: folder.path(),
        settings,
    };
    let server = at.serve();
    let mut ada = server.client();
    ada.register("ada").await;
    ada.upload("a.png", &png(1)).await;
    let small = [at.run(&server, &["sweep"]).0, at.run(&server, &["audit"]).0];
    assert!(server.terminate());
    let objects = folder.path().join("objects/objects");
    for _ in 0..IMAGES {
        let id = Uuid::now_v7();
        for part in ["original", "preview", "thumb"] {
            write(&objects, &format!("images/{id}/1/{part}"), &[7; 200]);
        }
    }
    let server = at.serve();
    // The first listing reads the whole folder, which a busy disk may take longer for than a call to the store may last.
    let is_listed = (0..5).any(|_| !at.run(&server, &["sweep"]).1.is_empty());
    assert!(is_listed, "the store answers");
    for (command, small) in ["sweep", "audit"].into_iter().zip(small) {
        let (peak, told) = at.run(&server, &[command]);
        assert!(
            told.contains("99000 orphans") && told.contains(" 0 moved")
                || told.starts_with("99000 findings"),
            "{told}"
        );
        let more = peak.saturating_sub(small) / 1024;
        println!("    {more} MiB more than with one image");
        assert!(more < MOST, "{command}: {more} MiB more");
    }
    assert!(server.terminate());
}
