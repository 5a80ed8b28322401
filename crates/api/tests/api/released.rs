//! Databases that earlier versions have left, with data, are brought up to date and work.

mod fill;
mod kept;

use std::path::{Path, PathBuf};

use sea_orm::{ConnectionTrait, Database, EntityTrait};
use serde_json::json;
use tintype_core::db::{image, schema};
use tintype_core::secret::Secret;
use tintype_dto::{AlbumPage, ApiTokens, ImagePage, OpenSessions, Session, Visibility};

use crate::client::Client;
use crate::server::{On, TestServer, new_postgres_database};

/// The secret of ada's API token, from 0.2.0 on.
const TOKEN: &str = "tt_ReleasedWithTheDataOfItsVersion0";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_of_every_released_version_comes_up_to_date_on_sqlite() {
    for release in versions() {
        let folder = tempfile::TempDir::new().unwrap();
        let url = format!(
            "sqlite://{}?mode=rwc",
            folder.path().join("released.db").display()
        );
        come_up(On::Sqlite, &url, &release).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_of_every_released_version_comes_up_to_date_on_postgres() {
    for release in versions() {
        come_up(On::Postgres, &new_postgres_database().await, &release).await;
    }
}

/// Their folders, the oldest first.
fn versions() -> Vec<PathBuf> {
    let released = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/released");
    let entries = released
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut versions: Vec<_> = entries.filter(|path| path.is_dir()).collect();
    versions.sort_by_key(|path| numbers(path));
    assert!(!versions.is_empty());
    versions
}

fn numbers(release: &Path) -> Vec<u64> {
    let name = release.file_name().unwrap().to_str().unwrap();
    name.split('.').map(|part| part.parse().unwrap()).collect()
}

fn dumped(on: On, release: &Path) -> String {
    let name = match on {
        On::Sqlite => "sqlite.sql",
        On::Postgres => "postgres.sql",
    };
    std::fs::read_to_string(release.join(name)).unwrap()
}

async fn come_up(on: On, url: &str, release: &Path) {
    let db = Database::connect(url).await.unwrap();
    db.execute_unprepared(&dumped(on, release)).await.unwrap();
    db.close().await.unwrap();
    let server = TestServer::start_with(on, |config| {
        config.database.url = Some(Secret::from(url.to_owned()));
    })
    .await;
    assert!(
        schema::status(url)
            .await
            .unwrap()
            .iter()
            .all(|(_, applied)| *applied)
    );
    let mut ada = server.anonymous();
    let login = json!({"username": "ada", "password": "correct horse battery"});
    let session: Session = ada.post("/auth/login", &login).await.ok();
    assert_eq!(session.user.usage.images, 4);
    ada.session = Some(session);
    let images: ImagePage = ada.get("/images").await.ok();
    let private: Vec<_> = images
        .items
        .iter()
        .filter(|image| image.visibility == Visibility::Private)
        .collect();
    assert!(images.items.len() == 4 && private.len() == 1, "{images:?}");
    // The last but one stands in a description, which no search found then.
    for (name, found) in [("landscape", 1), ("street", 1), ("nothing of the kind", 0)] {
        assert_eq!(
            ada.get(&format!("/images?q={name}"))
                .await
                .ok::<ImagePage>()
                .items
                .len(),
            found,
            "{name}"
        );
    }
    let closed = json!({"username": "gone", "password": "correct horse battery"});
    ada.post("/auth/login", &closed)
        .await
        .problem("invalid_credentials");
    server.work().await;
    let rows = image::Entity::find().all(server.db()).await.unwrap();
    let has_manifest =
        |row: &image::Model| row.manifest_key.is_some() && row.manifest_due_at.is_none();
    assert!(
        rows.iter().all(has_manifest),
        "the worker writes what the release knew nothing of"
    );
    if numbers(release) >= vec![0, 2] {
        what_came_with_0_2(&ada).await;
    }
}

async fn what_came_with_0_2(ada: &Client) {
    let AlbumPage { items, .. } = ada.get("/albums").await.ok();
    let week = items.iter().find(|album| album.title.is_some()).unwrap();
    assert!(items.len() == 2 && week.cover.is_some() && week.expires_at.is_some());
    assert_eq!(ada.images_of(week.id, 100).await.len(), 4);
    let trash = ada.list("?state=trashed").await.items;
    let ended = trash.iter().filter(|image| image.expires_at.is_some());
    assert_eq!((trash.len(), ended.count()), (2, 1), "{trash:?}");
    let program = ada.with_secret(TOKEN);
    assert_eq!(program.list("").await.items.len(), 4);
    let ApiTokens { items } = ada.get("/me/tokens").await.ok();
    assert_eq!(items[0].name, "a program");
    // Those of the release were ada's three and this one; one of them was ended.
    let OpenSessions { items } = ada.get("/me/sessions").await.ok();
    assert!(items.len() >= 2, "{items:?}");
}
