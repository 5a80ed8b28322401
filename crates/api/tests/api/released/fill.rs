//! Writes the dumps of a release: databases in which every table and every column holds something.

use std::path::Path;
use std::process::Command;

use chrono::{DateTime, Utc};
use reqwest::Method;
use sea_orm::ConnectionTrait;
use serde_json::json;
use tintype_core::operator;
use tintype_dto::{Image, Session, UploadedImages};

use super::TOKEN;
use crate::client::Client;
use crate::server::{On, TestServer};

const PASSWORD: &str = "correct horse battery";
/// What no request leaves for long, or no test would live to see: a check and a sweep under way, what is never over, a token whose secret is known.
const BESIDE: [&str; 5] = [
    "UPDATE uploads SET title = 'Waiting', alt = 'for its bytes' WHERE filename = 'waiting.jpg'",
    "UPDATE uploads SET state = 'processing', attempts = 1, lapses = 1, lease_id = installation.id, \
        lease_until = installation.sweep_due_at FROM installation WHERE filename = 'checked.jpg'",
    "UPDATE installation SET sweep_lease_id = id, sweep_lease_until = sweep_due_at, swept_at = sweep_due_at, \
        kept_until = sweep_due_at",
    "UPDATE images SET expires_at = '2999-01-01T00:00:00+00:00' WHERE filename = 'café ΟΔΟΣ.gif'",
    "UPDATE albums SET expires_at = '2999-01-01T00:00:00+00:00' WHERE title = 'A week'",
];

fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../imaging/fixtures");
    std::fs::read(folder.join(name)).unwrap()
}

async fn change(client: &Client, image: &Image, body: serde_json::Value) -> Image {
    let path = format!("/images/{}", image.id);
    client.send(Method::PATCH, &path, Some(&body)).await.ok()
}

async fn upload_once(client: &Client, path: &str, bytes: Vec<u8>) -> Image {
    let url = format!("{}{path}", client.api);
    let token = &client.session.as_ref().unwrap().token;
    let sent = client
        .send_to(Method::POST, &url, |r| {
            r.bearer_auth(token)
                .header("idempotency-key", "once")
                .body(bytes)
        })
        .await;
    sent.ok::<UploadedImages>().images.remove(0)
}

/// Five pictures of ada's in the list and two in the trash, one of which has ended; two albums, a token, three sessions.
async fn ada(server: &TestServer) {
    let mut ada = server.anonymous();
    ada.register("ada").await;
    let landscape = ada.upload("Landscape.JPG", &fixture("landscape.jpg")).await;
    let gps = ada
        .upload("portrait-gps.jpg", &fixture("portrait-gps.jpg"))
        .await;
    assert_eq!(ada.delete(&format!("/images/{}", gps.id)).await.status, 204);
    let private = ada.upload("alpha.png", &fixture("alpha.png")).await;
    let private = change(
        &ada,
        &private,
        json!({"title": "Café", "visibility": "private"}),
    )
    .await;
    let made: tintype_dto::CreatedApiToken = ada
        .post(
            "/me/tokens",
            &json!({"name": "a program", "scopes": ["upload", "read"], "expires_in_days": 3000}),
        )
        .await
        .ok();
    let program = ada.with_secret(&made.secret);
    let street = upload_once(
        &program,
        "/images?filename=%C3%9Cn%C3%AFcode%20Stra%C3%9Fe.webp",
        fixture("photo.webp"),
    )
    .await;
    change(
        &ada,
        &street,
        json!({"title": "STRASSE, Café und İstanbul"}),
    )
    .await;
    let gif = ada.upload("café ΟΔΟΣ.gif", &fixture("animated.gif")).await;
    let gif = change(&ada, &gif, json!({"alt": "A street, from above"})).await;
    ended(server, &ada).await;
    let week = ada
        .album(&[landscape.id, private.id, street.id, gif.id])
        .await;
    let about = json!({"title": "A week", "description": "In the mountains", "cover": street.id});
    assert_eq!(ada.change_album(week.id, about).await.status, 200);
    let hidden = ada.album(&[landscape.id]).await;
    assert_eq!(
        ada.change_album(hidden.id, json!({"visibility": "private"}))
            .await
            .status,
        200
    );
    let log_in = json!({"username": "ada", "password": PASSWORD});
    let mut other = server.anonymous();
    other.session = Some(other.post("/auth/login", &log_in).await.ok());
    assert_eq!(other.post("/auth/logout", &json!({})).await.status, 204);
    ada.post("/auth/login", &log_in).await.ok::<Session>();
}

/// A picture whose time is over.
async fn ended(server: &TestServer, ada: &Client) {
    let image = ada.upload("ended.png", &crate::pictures::png(9)).await;
    let soon: DateTime<Utc> = server.clock.now() + chrono::TimeDelta::minutes(2);
    change(ada, &image, json!({"expires_at": soon})).await;
    server.clock.advance(chrono::TimeDelta::minutes(3));
    server.work().await;
}

/// Uploads of bob's in every state.
async fn bob(server: &TestServer) {
    let mut bob = server.anonymous();
    bob.register("bob").await;
    bob.upload("bob.png", &fixture("alpha.png")).await;
    let end: DateTime<Utc> = server.clock.now() + chrono::TimeDelta::days(3000);
    let waiting = json!({
        "filename": "waiting.jpg", "content_type": "image/jpeg", "size_bytes": 44230, "sha256": "ab".repeat(32), "expires_at": end,
        "visibility": "private", "created_at": "2020-02-03T04:05:06Z", "removed_by_client": ["location"],
    });
    assert_eq!(bob.post("/uploads", &waiting).await.status, 201);
    let given_up = bob.announce("aborted.jpg", &crate::pictures::jpeg(3)).await;
    assert_eq!(
        bob.delete(&format!("/uploads/{}", given_up.id))
            .await
            .status,
        204
    );
    bob.announce("checked.jpg", &crate::pictures::jpeg(4)).await;
    let broken = &fixture("landscape.jpg")[..204];
    bob.try_upload("broken.jpg", broken).await;
}

/// One account that is closed, and one that is gone.
async fn others(server: &TestServer) {
    let mut eve = server.anonymous();
    eve.register("eve").await;
    operator::disable_user(server.db(), "eve", server.clock.now())
        .await
        .unwrap();
    let mut gone = server.anonymous();
    gone.register("gone").await;
    gone.upload("gone.jpg", &fixture("landscape.jpg")).await;
    let left = gone
        .post("/me/delete", &json!({"password": PASSWORD}))
        .await;
    assert_eq!(left.status, 204, "{left:?}");
    let wrong = json!({"username": "ada", "password": "not this one"});
    gone.post("/auth/login", &wrong)
        .await
        .problem("invalid_credentials");
}

async fn fill(server: &TestServer) {
    bob(server).await;
    ada(server).await;
    others(server).await;
    let known = format!(
        "UPDATE api_tokens SET sha256 = '{}'",
        hex::encode(<sha2::Sha256 as sha2::Digest>::digest(TOKEN))
    );
    for sql in BESIDE.into_iter().chain([known.as_str()]) {
        let done = server.db().execute_unprepared(sql).await.unwrap();
        assert_eq!(done.rows_affected(), 1, "{sql}");
    }
}

fn dump(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by `just release-data VERSION`"]
async fn the_databases_of_a_release_are_written() {
    let version = std::env::var("TINTYPE_TEST_RELEASE").unwrap();
    assert_eq!(
        version,
        env!("CARGO_PKG_VERSION"),
        "the program is of another version"
    );
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../migrations/released")
        .join(version);
    std::fs::create_dir_all(&folder).unwrap();
    for on in [On::Sqlite, On::Postgres] {
        let server = TestServer::start(on).await;
        fill(&server).await;
        let url = server.config.database_url();
        let (name, text) = if on == On::Sqlite {
            let file = server.folder.path().join("tintype.db");
            (
                "sqlite.sql",
                dump(Command::new("sqlite3").arg(file).arg(".dump")),
            )
        } else {
            let mut command = Command::new("pg_dump");
            command.args([
                "--inserts",
                "--no-owner",
                "--no-privileges",
                "--no-comments",
                &url,
            ]);
            // Comments, psql's own commands, and the line that empties `search_path`: any client can run the rest.
            let foreign = |line: &&str| {
                !line.is_empty()
                    && !line.starts_with(['\\', '-'])
                    && !line.contains("'search_path'")
            };
            let text = dump(&mut command);
            (
                "postgres.sql",
                text.lines()
                    .filter(foreign)
                    .fold(String::new(), |text, line| text + line + "\n"),
            )
        };
        std::fs::write(folder.join(name), text).unwrap();
    }
}
