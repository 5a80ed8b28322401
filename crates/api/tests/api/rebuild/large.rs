//! What a rebuild of much takes of time and memory. `just measure-rebuild` prints it.

use std::fs;
use std::path::Path;

use sea_orm::{Database, EntityTrait};
use tempfile::TempDir;
use tintype_core::db::{ImageId, Sha256, Slug, image};
use tintype_core::keys;
use tintype_core::manifests::Manifest;
use uuid::Uuid;

use crate::kill::installation::free_port;
use crate::measure::{Installation, write};
use crate::pictures::png;
use crate::program::Program;
use crate::server::{On, new_postgres_database};

/// How much more memory a rebuild may take than it does with one image, KiB.
const MOST: u64 = 64 * 1024;

/// So many images of a hundred accounts, as copies of the row that there is.
fn fill(objects: &Path, first: &image::Model, count: u32) {
    let owners: Vec<Uuid> = (0..100).map(|_| Uuid::now_v7()).collect();
    for (n, owner) in (0..count).zip(owners.iter().cycle()) {
        let id = ImageId::generate();
        let bytes = id.to_string().into_bytes();
        let row = image::Model {
            id,
            user_id: (*owner).into(),
            slug: Slug(format!("s{n}")),
            size_bytes: i64::try_from(bytes.len()).unwrap(),
            sha256: Sha256::of(&bytes),
            original_key: format!("images/{id}/1/original"),
            preview_key: None,
            thumb_key: None,
            ..first.clone()
        };
        write(objects, &row.original_key, &bytes);
        let username = format!("user-{}", owner.simple());
        let manifest = Manifest::of(&row, &username[..32]);
        write(
            objects,
            &keys::manifest(id, 1),
            &serde_json::to_vec(&manifest).unwrap(),
        );
    }
}

async fn measure(on: On) {
    println!("{on:?}");
    let count = std::env::var("TINTYPE_TEST_REBUILD_IMAGES");
    let count = count.map_or(100_000, |count| count.parse().unwrap());
    let folder = TempDir::new().unwrap();
    let mut urls = Vec::new();
    for name in ["first.db", "second.db", "third.db"] {
        urls.push(match on {
            On::Sqlite => format!("sqlite://{}?mode=rwc", folder.path().join(name).display()),
            On::Postgres => new_postgres_database().await,
        });
    }
    let [media, store] = [free_port(), free_port()].map(|port| format!("127.0.0.1:{port}"));
    fs::write(folder.path().join("media"), &media).unwrap();
    let endpoint = format!("http://{store}");
    // The store is a process of its own: it keeps an index of its keys.
    let keys = [
        ("TINTYPE_STORAGE__ACCESS_KEY_ID", "tintype"),
        (
            "TINTYPE_STORAGE__SECRET_ACCESS_KEY",
            "0123456789abcdefghijklmnopqrstuv",
        ),
    ];
    let store = || {
        let own = [
            ("TINTYPE_STORAGE__LISTEN_ADDR", &*store),
            ("TINTYPE_SERVER__APP_URL", "http://127.0.0.1:1"),
        ];
        let settings: Vec<_> = own.into_iter().chain(keys).collect();
        Program::start_as("storage", folder.path(), &settings)
    };
    let at = |url: usize| {
        let own = [
            ("DATABASE_URL", &*urls[url]),
            ("TINTYPE_SERVER__MEDIA_ADDR", &*media),
            ("TINTYPE_STORAGE__ENDPOINT", &*endpoint),
        ];
        Installation {
            folder: folder.path(),
            settings: own.into_iter().chain(keys).collect(),
        }
    };
    let storage = store();
    let server = at(0).serve();
    let mut ada = server.client();
    ada.register("ada").await;
    ada.upload("a.png", &png(1)).await;
    let db = Database::connect(&urls[0]).await.unwrap();
    let first = image::Entity::find().one(&db).await.unwrap().unwrap();
    db.close().await.unwrap();
    assert!(server.terminate());
    let (one, _) = at(1).run_alone(&["rebuild"]);
    assert!(storage.terminate());
    fill(&folder.path().join("objects/objects"), &first, count);
    let storage = store();
    let (much, _) = at(2).run_alone(&["rebuild"]);
    let more = much.saturating_sub(one);
    println!("  {more} KiB more for {count} images than for one");
    let (_, balance) = at(2).run_alone(&["audit", "--hashes"]);
    assert!(
        balance.contains("Balanced") && storage.terminate(),
        "{balance}"
    );
    assert!(more <= MOST);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes: `just measure-rebuild`"]
async fn much_is_rebuilt_in_bounded_memory_on_sqlite() {
    Box::pin(measure(On::Sqlite)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes: `just measure-rebuild`"]
async fn much_is_rebuilt_in_bounded_memory_on_postgres() {
    Box::pin(measure(On::Postgres)).await;
}
