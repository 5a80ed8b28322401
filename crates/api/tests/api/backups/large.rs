//! What backup and restore of much take of time and memory, beside what `cp`, `sync`, `sha256sum` and `pg_dump` take. `just test-restore` prints it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rand::RngExt;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, Database, DatabaseConnection, EntityTrait, IntoActiveModel};
use tempfile::TempDir;
use tintype_core::db::{Sha256, Slug, image, upload, user};
use uuid::Uuid;

use super::drill::load;
use crate::measure::{Installation, write};
use crate::pictures::png;
use crate::server::{On, new_postgres_database};

/// How much more memory one of them may take than it does with one image, KiB.
const MOST: u64 = 64 * 1024;
/// How much longer than the programs beside it it may take.
const SLOWER: f64 = 2.0;

fn number(name: &str, otherwise: u64) -> u64 {
    let text = std::env::var(format!("TINTYPE_TEST_RESTORE_{name}"));
    text.map_or(otherwise, |text| text.parse().unwrap())
}

/// Random bytes: what nothing makes smaller, and no two images share.
fn noise(bytes: u64) -> Vec<u8> {
    let mut noise = vec![0; usize::try_from(bytes).unwrap()];
    rand::rng().fill(&mut noise[..]);
    noise
}

/// So many images, which have so many bytes together, as copies of the row that there is.
async fn fill(db: &DatabaseConnection, objects: &Path, images: u64, bytes: u64) {
    let first = image::Entity::find().one(db).await.unwrap().unwrap();
    let its_upload = upload::Entity::find().one(db).await.unwrap().unwrap();
    let (mut left, mut used) = (images, first.size_bytes);
    while left > 0 {
        let (mut rows, mut uploads) = (Vec::new(), Vec::new());
        for _ in 0..left.min(500) {
            let id = Uuid::now_v7();
            let key = |part: &str| format!("images/{id}/1/{part}");
            // A tenth are renditions.
            let size = bytes / images;
            let original = noise(size * 9 / 10);
            write(objects, &key("original"), &original);
            write(objects, &key("preview"), &noise(size * 8 / 100));
            write(objects, &key("thumb"), &noise(size * 2 / 100));
            used += i64::try_from(original.len()).unwrap();
            let row = image::Model {
                id: id.into(),
                slug: Slug(id.to_string()),
                size_bytes: i64::try_from(original.len()).unwrap(),
                sha256: Sha256::of(&original),
                source_sha256: Sha256::of(&original),
                original_key: key("original"),
                preview_key: Some(key("preview")),
                thumb_key: Some(key("thumb")),
                manifest_key: None,
                ..first.clone()
            };
            rows.push(row.into_active_model().reset_all());
            let upload = upload::Model {
                id: id.into(),
                staging_key: format!("staging/{id}"),
                due_at: None,
                ..its_upload.clone()
            };
            uploads.push(upload.into_active_model().reset_all());
            left -= 1;
        }
        let uploads = upload::Entity::insert_many(uploads);
        uploads.exec_without_returning(db).await.unwrap();
        let rows = image::Entity::insert_many(rows);
        rows.exec_without_returning(db).await.unwrap();
    }
    let set = user::Entity::update_many().col_expr(user::Column::UsedBytes, Expr::value(used));
    set.exec(db).await.unwrap();
}

/// What other programs take for the same: copy, synchronise, hash, and dump the database. What is deleted meanwhile they can't copy.
fn beside(objects: &Path, to: &Path, database: &str, least: u64) -> Duration {
    let start = Instant::now();
    let dump = match database.strip_prefix("sqlite://") {
        Some(path) => format!(
            "cp '{}' '{}/dump'",
            path.split('?').next().unwrap(),
            to.display()
        ),
        None => format!("pg_dump '{database}' > '{}/dump'", to.display()),
    };
    let copy = format!(
        "{dump} && {{ cp -r '{0}' '{1}/objects' 2>'{1}/gone' || true; }} && sync -f '{1}' && find '{1}/objects' -type f -print0 | xargs -0 sha256sum > '{1}/hashes'",
        objects.display(),
        to.display()
    );
    let mut bash = Command::new("bash");
    bash.args(["-euo", "pipefail", "-c", &copy])
        .stdout(Stdio::null());
    let status = bash.status().unwrap();
    assert!(status.success());
    let took = start.elapsed();
    let hashed = fs::read_to_string(to.join("hashes")).unwrap();
    assert!(hashed.lines().count() as u64 > least);
    println!(
        "  copied, synchronised, hashed and dumped by other programs in {:.1} s",
        took.as_secs_f64()
    );
    took
}

/// An address that stays the same over restarts.
fn free() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

fn installation<'a>(
    folder: &'a Path,
    url: &'a str,
    app: &'a str,
    media: &'a str,
) -> Installation<'a> {
    fs::write(folder.join("media"), media).unwrap();
    let settings = vec![
        ("DATABASE_URL", url),
        ("TINTYPE_SERVER__APP_ADDR", app),
        ("TINTYPE_SERVER__MEDIA_ADDR", media),
        ("TINTYPE_SWEEP__EVERY", "0"),
    ];
    Installation { folder, settings }
}

async fn restore_drill(from: On, to: On) {
    let (images, bytes) = (number("IMAGES", 100_000), number("BYTES", 10_000_000_000));
    println!(
        "{from:?} to {to:?}: {images} images, {} MB",
        bytes / 1_000_000
    );
    let root = std::env::var("TINTYPE_TEST_RESTORE_FOLDER")
        .map_or_else(|_| std::env::temp_dir(), PathBuf::from);
    let new_folder = || TempDir::new_in(&root).unwrap();
    let database = async |on, folder: &TempDir| match on {
        On::Sqlite => format!(
            "sqlite://{}?mode=rwc",
            folder.path().join("tintype.db").display()
        ),
        On::Postgres => new_postgres_database().await,
    };
    let (folder, place, small) = (new_folder(), new_folder(), new_folder());
    let url = database(from, &folder).await;
    let (app, media) = (free(), free());
    let at = installation(folder.path(), &url, &app, &media);
    let server = at.serve();
    let mut ada = server.client();
    ada.register("ada").await;
    ada.upload("a.png", &png(1)).await;
    let idle = at
        .run(&server, &["backup", small.path().to_str().unwrap()])
        .0;
    assert!(server.terminate());
    let db = Database::connect(&url).await.unwrap();
    fill(&db, &folder.path().join("objects/objects"), images, bytes).await;
    let objects = folder.path().join("objects/objects");
    // They stay until the end: for minutes ext4 looks for places that no file had which was deleted just now.
    let copies = (small, new_folder(), new_folder());
    let quiet = beside(&objects, copies.1.path(), &url, 3 * images);

    let server = at.serve();
    let stop = Arc::new(AtomicBool::new(false));
    let mut eve = server.client();
    eve.register("eve").await;
    let others = tokio::spawn(load(eve, 1000, stop.clone()));
    let (under_load, (peak, told), took) = tokio::task::block_in_place(|| {
        let under_load = beside(&objects, copies.2.path(), &url, 3 * images);
        let start = Instant::now();
        let backed_up = at.run(&server, &["backup", place.path().to_str().unwrap()]);
        (under_load, backed_up, start.elapsed())
    });
    stop.store(true, Ordering::Relaxed);
    println!("  {} uploads meanwhile", others.await.unwrap());
    println!(
        "  {:.2} times as long as the others; {} MiB more than with one image",
        took.as_secs_f64() / under_load.as_secs_f64(),
        peak.saturating_sub(idle) / 1024
    );
    assert!(told.contains("API tokens"), "{told}");
    assert!(peak < idle + MOST, "{peak} KiB, with one image {idle}");
    assert!(
        took.as_secs_f64() < SLOWER * under_load.as_secs_f64(),
        "too slow"
    );
    assert!(server.terminate());
    db.close().await.unwrap();

    let restored = new_folder();
    let url = database(to, &restored).await;
    let at = installation(restored.path(), &url, &app, &media);
    let start = Instant::now();
    let (peak, _) = at.run_alone(&["restore", place.path().to_str().unwrap()]);
    let took = start.elapsed();
    println!(
        "  restored in {:.2} times as long; {} MiB more",
        took.as_secs_f64() / quiet.as_secs_f64(),
        peak.saturating_sub(idle) / 1024
    );
    assert!(peak < idle + MOST, "{peak} KiB, with one image {idle}");
    assert!(
        took.as_secs_f64() < SLOWER * quiet.as_secs_f64(),
        "too slow"
    );
    let server = at.serve();
    let (_, told) = at.run(&server, &["audit", "--hashes", "--grace", "0"]);
    assert!(told.starts_with("Balanced: "), "{told}");
    assert!(server.terminate());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes: `just test-restore`"]
async fn much_is_backed_up_under_load_and_restored_from_sqlite_to_postgres() {
    Box::pin(restore_drill(On::Sqlite, On::Postgres)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes: `just test-restore`"]
async fn much_is_backed_up_under_load_and_restored_from_postgres_to_sqlite() {
    Box::pin(restore_drill(On::Postgres, On::Sqlite)).await;
}
