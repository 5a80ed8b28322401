//! A rebuild that is killed goes on; and a server that is killed while it hides something.

use std::time::Duration;

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::json;
use tempfile::TempDir;
use tintype_core::audit::Options;
use tintype_core::keys;
use uuid::Uuid;

use crate::client::Client;
use crate::kill::installation::free_port;
use crate::pictures::png;
use crate::program::{Program, run};
use crate::server::{On, new_postgres_database, on_both_databases};

/// Where a rebuild is killed.
pub const FAILPOINTS: [&str; 4] = [
    "rebuild.noted",
    "rebuild.begun",
    "rebuild.batch-committed",
    "rebuild.rows-put",
];

on_both_databases! {
    async fn a_rebuild_that_is_killed_goes_on_to_the_same_end(server: TestServer) {
        let mut server = server;
        let ada = server.user().await;
        let mut links = Vec::new();
        for seed in 0..3 {
            links.push(ada.upload("a.png", &png(seed)).await.links.original);
        }
        server.running.take().unwrap().stop().await;
        let mut server = server;
        for point in FAILPOINTS {
            server.lose_rows().await;
            let (ok, told, errors) = server.run(&["rebuild"], &[("FAILPOINTS", &format!("{point}=return"))]);
            assert!(!ok && told.is_empty(), "{point}: {told}{errors}");
            server.says_what_was_broken_off("tintype rebuild");
            let (ok, told, errors) = server.run(&["rebuild", "--hashes"], &[]);
            assert!(ok && told.starts_with("Brought back "), "{point}: {told}{errors}");
            let (ok, _, errors) = server.run(&["rebuild"], &[]);
            assert!(!ok && errors.contains("the database is not empty"), "{point}: {errors}");
            server.start_again().await;
            for link in &links {
                assert_eq!(server.fetch(link).await.status, 200, "{point}");
            }
            let report = server.audit(Options { hashes: true, grace: TimeDelta::hours(1) }).await;
            assert!(report.is_balanced() && report.checked.hashes == 3, "{point}: {report}");
            assert_eq!(server.app().store.head(keys::REBUILDING).await.unwrap(), None);
            server.running.take().unwrap().stop().await;
        }
    }
}

/// What hides an image, and where the server is killed. Behind some points it has been answered, and the worker dies.
const WAYS: [(&str, &str, &[&str]); 4] = [
    (
        "PATCH",
        "",
        &[
            "mark.made",
            "manifest.stored",
            "manifest.trimmed",
            "manifest.settled",
        ],
    ),
    (
        "DELETE",
        "",
        &[
            "mark.made",
            "transition.begun",
            "transition.made",
            "manifest.stored",
        ],
    ),
    (
        "DELETE",
        "?permanent=true",
        &[
            "transition.made",
            "purge.manifests-removed",
            "purge.original-removed",
        ],
    ),
    (
        "POST",
        "bulk",
        &[
            "mark.made",
            "many.marked",
            "many.committed",
            "manifest.stored",
        ],
    ),
];

/// A folder with the embedded store, a database that can be lost, and addresses that stay.
struct Place {
    folder: TempDir,
    on: On,
    settings: Vec<(&'static str, String)>,
}

impl Place {
    async fn new(on: On) -> Self {
        let address = || format!("127.0.0.1:{}", free_port());
        let mut place = Self {
            folder: TempDir::new().unwrap(),
            on,
            settings: vec![
                ("TINTYPE_SERVER__APP_ADDR", address()),
                ("TINTYPE_SERVER__MEDIA_ADDR", address()),
            ],
        };
        place.lose_database().await;
        place
    }

    async fn lose_database(&mut self) {
        for name in ["tintype.db", "tintype.db-wal", "tintype.db-shm"] {
            let _ = std::fs::remove_file(self.folder.path().join(name));
        }
        self.settings.truncate(2);
        if self.on == On::Postgres {
            self.settings
                .push(("DATABASE_URL", new_postgres_database().await));
        }
    }

    fn settings<'a>(&'a self, failpoint: &'a str) -> Vec<(&'a str, &'a str)> {
        let settings = self
            .settings
            .iter()
            .map(|(name, value)| (*name, value.as_str()));
        settings.chain([("FAILPOINTS", failpoint)]).collect()
    }

    fn start(&self, failpoint: &str) -> Program {
        Program::start_as("serve", self.folder.path(), &self.settings(failpoint))
    }

    fn run(&self, arguments: &[&str]) -> (bool, String, String) {
        run(arguments, self.folder.path(), &self.settings(""))
    }
}

/// Asks for something, and returns whether it was answered.
async fn ask(ada: &Client, method: &str, what: &str, id: Uuid) -> bool {
    let (path, body) = match (method, what) {
        ("POST", _) => (
            "/images/bulk/update".into(),
            json!({"ids": [id], "change": {"visibility": "private"}}),
        ),
        ("PATCH", _) => (format!("/images/{id}"), json!({"visibility": "private"})),
        _ => (format!("/images/{id}{what}"), json!({})),
    };
    let method: Method = method.parse().unwrap();
    let request = ada
        .http
        .request(method, format!("{}{path}", ada.api))
        .json(&body);
    let answer = request
        .bearer_auth(&ada.session.as_ref().unwrap().token)
        .send()
        .await;
    answer.is_ok_and(|answer| answer.status().is_success())
}

async fn dies(mut program: Program, point: &str) {
    let death = async {
        while program.child.try_wait().unwrap().is_none() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let death = tokio::time::timeout(Duration::from_secs(20), death);
    death
        .await
        .unwrap_or_else(|_| panic!("{point} is not passed"));
}

async fn killed_while_hiding(on: On) {
    for (method, what, points) in WAYS {
        for point in points {
            let mut place = Place::new(on).await;
            let program = place.start("");
            let mut ada = program.client();
            ada.register("ada").await;
            let hidden = ada.upload("a.png", &png(1)).await;
            let open = ada.upload("b.png", &png(2)).await;
            assert!(program.terminate());
            let program = place.start(&format!("{point}=return"));
            let is_answered = ask(&ada, method, what, hidden.id).await;
            let is_of_worker = point.starts_with("manifest.") || point.starts_with("purge.");
            dies(program, point).await;
            assert_eq!(is_answered, is_of_worker, "{point}");

            place.lose_database().await;
            let (_, told, errors) = place.run(&["rebuild"]);
            assert!(told.starts_with("Brought back "), "{point}: {told}{errors}");
            let program = place.start("");
            let fetch = async |link: &str| {
                ada.send_to(Method::GET, link, |request| request)
                    .await
                    .status
            };
            assert_eq!(
                fetch(&hidden.links.original).await,
                404,
                "{method} {what} {point}"
            );
            assert_eq!(
                fetch(&open.links.original).await,
                200,
                "{method} {what} {point}"
            );
            assert!(program.terminate());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_being_hidden_is_not_opened_wherever_the_server_is_killed_on_sqlite() {
    Box::pin(killed_while_hiding(On::Sqlite)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_being_hidden_is_not_opened_wherever_the_server_is_killed_on_postgres() {
    Box::pin(killed_while_hiding(On::Postgres)).await;
}
