//! Databases that earlier versions have left, with data, are brought up to date and work.

use std::path::{Path, PathBuf};

use sea_orm::{ConnectionTrait, Database};
use serde_json::json;
use tintype_core::db::schema;
use tintype_core::secret::Secret;
use tintype_dto::{ImagePage, Session, Visibility};

use crate::server::{On, TestServer, new_postgres_database};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_of_every_released_version_comes_up_to_date_on_sqlite() {
    for version in versions() {
        let folder = tempfile::TempDir::new().unwrap();
        let url = format!(
            "sqlite://{}?mode=rwc",
            folder.path().join("released.db").display()
        );
        come_up(On::Sqlite, &url, &version.join("sqlite.sql")).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_of_every_released_version_comes_up_to_date_on_postgres() {
    for version in versions() {
        come_up(
            On::Postgres,
            &new_postgres_database().await,
            &version.join("postgres.sql"),
        )
        .await;
    }
}

fn versions() -> Vec<PathBuf> {
    let released = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/released");
    let entries = released
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let versions: Vec<_> = entries.filter(|path| path.is_dir()).collect();
    assert!(!versions.is_empty());
    versions
}

async fn come_up(on: On, url: &str, dump: &Path) {
    let db = Database::connect(url).await.unwrap();
    db.execute_unprepared(&std::fs::read_to_string(dump).unwrap())
        .await
        .unwrap();
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
}
