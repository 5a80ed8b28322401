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
    let media = format!("127.0.0.1:{}", free_port());
    fs::write(folder.path().join("media"), &media).unwrap();
    let at = |url: usize| Installation {
        folder: folder.path(),
        settings: vec![
            ("DATABASE_URL", &*urls[url]),
            ("TINTYPE_SERVER__MEDIA_ADDR", &*media),
        ],
    };
    let server = at(0).serve();
    let mut ada = server.client();
    ada.register("ada").await;
    ada.upload("a.png", &png(1)).await;
    let db = Database::connect(&urls[0]).await.unwrap();
    let first = image::Entity::find().one(&db).await.unwrap().unwrap();
    db.close().await.unwrap();
    assert!(server.terminate());
    let (one, _) = at(1).run_alone(&["rebuild"]);
    fill(&folder.path().join("objects/objects"), &first, count);
    let (much, _) = at(2).run_alone(&["rebuild"]);
    println!(
        "  {} KiB more for {count} images than for one",
        much.saturating_sub(one)
    );
    let server = at(2).serve();
    let (_, balance) = at(2).run(&server, &["audit", "--hashes"]);
    assert!(
        balance.contains("Balanced") && server.terminate(),
        "{balance}"
    );
    assert!(much <= one + MOST);
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
