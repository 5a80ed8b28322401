//! An album in one archive: what anyone with its link takes away.

use std::collections::HashMap;
use std::io::Write;
use std::process::{Command, Stdio};

use chrono::Datelike;
use image::ImageFormat;
use reqwest::Method;
use sea_orm::{ConnectionTrait, EntityTrait};
use serde_json::{Value, json};
use tintype_core::db::image::Entity;
use tintype_dto::{Album, Image};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use uuid::Uuid;

use crate::albums::copy_images;
use crate::client::{Answer, Client};
use crate::crowd::noise;
use crate::pictures::{jpeg, png, sized};
use crate::server::{On, TestServer, on_both_databases};

/// What Python's zipfile reads: each name with its bytes as hex, and when it was changed.
const READ: &str = "
import io, json, sys, zipfile
archive = zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read()))
assert archive.testzip() is None
print(json.dumps([[one.filename, archive.read(one).hex(), list(one.date_time), one.external_attr >> 16] for one in archive.infolist()]))
";

/// A file in an archive.
pub struct File {
    pub name: String,
    pub bytes: Vec<u8>,
    modified: Value,
}

/// The files of an archive in their order, as Python and Info-ZIP read it.
pub fn read(archive: &[u8]) -> Vec<File> {
    let mut python = Command::new("python3")
        .args(["-c", READ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    python.stdin.take().unwrap().write_all(archive).unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success());
    let files: Vec<(String, String, Value, u32)> = serde_json::from_slice(&output.stdout).unwrap();
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("a.zip");
    std::fs::write(&path, archive).unwrap();
    let tested = Command::new("unzip")
        .arg("-tqq")
        .arg(&path)
        .output()
        .unwrap();
    assert!(
        tested.status.success() && tested.stdout.is_empty(),
        "{tested:?}"
    );
    let file = |(name, bytes, modified, rights)| {
        assert_eq!(rights, 0o100_644);
        let bytes = hex::decode::<String>(bytes).unwrap();
        File {
            name,
            bytes,
            modified,
        }
    };
    files.into_iter().map(file).collect()
}

pub fn names(files: &[File]) -> Vec<&str> {
    files.iter().map(|file| file.name.as_str()).collect()
}

impl TestServer {
    pub fn archive(&self, album: &Album) -> String {
        format!("{}/i/a/{}.zip", self.media_url(), album.slug)
    }
}

async fn change(client: &Client, image: Uuid, body: Value) {
    let path = format!("/images/{image}");
    client
        .send(Method::PATCH, &path, Some(&body))
        .await
        .ok::<Image>();
}

/// Asks without reading more of the answer than its head, on a connection of its own.
async fn begin(url: &str, more: &str) -> (TcpStream, String) {
    let (host, path) = url
        .strip_prefix("http://")
        .unwrap()
        .split_once('/')
        .unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    let ask = format!("GET /{path} HTTP/1.1\r\nhost: {host}\r\n{more}\r\n");
    stream.write_all(ask.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    (stream, String::from_utf8(head).unwrap())
}

/// The same, if it is not refused.
async fn begun(url: &str, more: &str) -> Option<TcpStream> {
    let (stream, head) = begin(url, more).await;
    let status = head.split(' ').nth(1).unwrap();
    assert!(["200", "429"].contains(&status), "{head}");
    (status == "200").then_some(stream)
}

on_both_databases! {
    async fn an_archive_has_the_originals_of_an_album_in_its_order_under_their_names(server: TestServer) {
        let ada = server.user().await;
        // Noon of tomorrow: no midnight comes between here and the archive.
        let noon = (server.clock.now() + chrono::TimeDelta::days(1)).date_naive().and_hms_opt(12, 0, 0).unwrap().and_utc();
        server.clock.advance(noon - server.clock.now());
        let lake = ada.upload("IMG_1.JPG", &jpeg(1)).await;
        let twin = ada.upload("img_1.jpeg", &jpeg(2)).await;
        let other = ada.upload("été.png", &png(3)).await;
        let untitled = ada.upload("..\\con.gif", &sized(30, 20, 4, ImageFormat::Gif)).await;
        let album = ada.album(&[untitled.id, twin.id, lake.id, other.id]).await;
        change(&ada, other.id, json!({"title": "A/b: \"c\"?"})).await;
        ada.change_album(album.id, json!({"title": "Spring / \"2026\" été"})).await.ok::<Album>();
        // When they were uploaded is nobody's business.
        server.clock.advance(chrono::TimeDelta::days(1));
        let url = album.links.archive.clone().unwrap();
        let answer = server.fetch(&url).await;
        assert_eq!(answer.status, 200);
        let length = answer.body.len().to_string();
        for (name, value) in [
            ("content-type", "application/zip"),
            ("content-length", &*length),
            ("content-disposition", "attachment; filename=\"Spring _ _2026_ _t_.zip\"; filename*=UTF-8''Spring%20_%20_2026_%20%C3%A9t%C3%A9.zip"),
            ("cache-control", "no-store"),
            ("x-robots-tag", "noindex"),
            ("x-content-type-options", "nosniff"),
            ("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox"),
        ] {
            assert_eq!(answer.header(name), value, "{name}");
        }
        let files = read(&answer.body);
        assert_eq!(names(&files), ["_con.gif", "img_1.jpg", "IMG_1 (1).jpg", "A_b_ _c__.png"]);
        let day = server.clock.now();
        let modified = json!([day.year(), day.month(), day.day(), 0, 0, 0]);
        assert!(files.iter().all(|file| file.modified == modified));
        for (file, image) in files.iter().zip([&untitled, &twin, &lake, &other]) {
            assert_eq!(file.bytes, server.fetch(&image.links.original).await.body, "{}", file.name);
        }
        let head = server.anonymous().send_to(Method::HEAD, &url, |r| r).await;
        assert_eq!((head.status.as_u16(), head.header("content-length"), head.body.len()), (200, &*length, 0));
        let page = server.fetch(&album.links.page.unwrap()).await;
        let link = format!(r#"<a class="button" href="{url}" rel="nofollow">Download all</a>"#);
        assert!(String::from_utf8_lossy(&page.body).contains(&link));
    }

    async fn an_archive_has_what_the_page_shows_and_nothing_else(server: TestServer) {
        let (ada, eve) = (server.user().await, server.user().await);
        let mut images = Vec::new();
        for seed in 0..4 {
            images.push(ada.upload(&format!("{seed}.png"), &png(seed)).await.id);
        }
        let album = ada.album(&images).await;
        let url = server.archive(&album);
        change(&ada, images[0], json!({"visibility": "private"})).await;
        ada.delete(&format!("/images/{}", images[2])).await;
        let answer = server.fetch(&url).await;
        assert_eq!(names(&read(&answer.body)), ["1.png", "3.png"]);
        assert!(answer.header("content-disposition").starts_with("attachment; filename=\"2 pictures.zip\""));

        ada.change_album(album.id, json!({"visibility": "private"})).await.ok::<Album>();
        server.fetch(&url).await.problem("not_found");
        ada.change_album(album.id, json!({"visibility": "unlisted"})).await.ok::<Album>();
        assert_eq!(server.fetch(&url).await.status, 200);
        let empty = eve.album(&[]).await;
        server.fetch(&server.archive(&empty)).await.problem("not_found");
        let media = server.media_url();
        for odd in ["nothing1234.zip", "%00.zip", "a%2Fb.zip", ".zip", "a.b.zip"] {
            server.fetch(&format!("{media}/i/a/{odd}")).await.problem("not_found");
        }
        let (name, slug) = (&url[..url.len() - 4], &album.slug);
        for odd in [name.into(), format!("{name}.ZIP"), format!("{url}/"), format!("{}/i/a/{slug}.zip", server.app_url())] {
            server.fetch(&odd).await.problem("not_found");
        }
        server.anonymous().send_to(Method::POST, &url, |r| r).await.problem("method_not_allowed");
        ada.delete(&format!("/albums/{}", album.id)).await;
        server.fetch(&url).await.problem("not_found");
    }

    async fn an_archive_of_thousands_is_read_page_by_page_and_keeps_their_order(server: TestServer) {
        let ada = server.user().await;
        let image = ada.upload("a.png", &png(1)).await;
        let album = ada.album(&[]).await;
        copy_images(&server, album.id, image.id, 1_201).await;
        server.db().execute_unprepared("UPDATE images SET filename = slug").await.unwrap();
        share_original(&server, image.id).await;
        let answer = server.fetch(&server.archive(&album)).await;
        assert_eq!(answer.header("content-length"), answer.body.len().to_string());
        let expected: Vec<_> = (1..=1_201).map(|n| format!("s{n}.png")).collect();
        assert_eq!(names(&read(&answer.body)), expected);
    }

    async fn an_archive_breaks_off_when_a_picture_can_not_be_read_or_shown_any_more(server: TestServer) {
        let ada = server.user().await;
        let images = [ada.upload("a.png", &png(1)).await, ada.upload("b.png", &png(2)).await];
        let album = ada.album(&[images[0].id, images[1].id]).await;
        let rows: HashMap<_, _> = Entity::find().all(server.db()).await.unwrap().into_iter().map(|row| (row.id.0, row)).collect();
        let key = &rows[&images[1].id].original_key;
        let bytes = server.app().store.get(key, 1 << 20).await.unwrap().unwrap();
        let url = server.archive(&album);
        let broken = async || {
            let response = server.anonymous().http.get(&url).send().await.unwrap();
            assert_eq!(response.status(), 200);
            Answer::try_read(response).await.is_none()
        };
        assert!(!broken().await);
        server.app().store.delete(key).await.unwrap();
        assert!(broken().await, "it is missing");
        let first = rows[&images[0].id].original_key.clone();
        let saved = server.app().store.get(&first, 1 << 20).await.unwrap().unwrap();
        server.app().store.delete(&first).await.unwrap();
        server.fetch(&url).await.problem("storage_unavailable");
        server.app().store.put(&first, "image/png", saved).await.unwrap();
        server.app().store.put(key, "image/png", bytes.slice(1..)).await.unwrap();
        assert!(broken().await, "it is short");
        server.app().store.put(key, "image/png", bytes).await.unwrap();
        assert!(!broken().await);
    }

    async fn an_archive_on_its_way_breaks_off_before_a_picture_that_has_become_private(server: TestServer) {
        let ada = server.user().await;
        let large = ada.upload("large.png", &noise()).await;
        let small = ada.upload("small.png", &png(1)).await;
        let album = ada.album(&[large.id, small.id]).await;
        let whole = server.fetch(&server.archive(&album)).await.body;
        let (mut stream, head) = begin(&server.archive(&album), "").await;
        assert!(head.contains(&format!("content-length: {}\r\n", whole.len())), "{head}");
        change(&ada, small.id, json!({"visibility": "private"})).await;
        let mut sent = Vec::new();
        // However the connection ends.
        stream.read_to_end(&mut sent).await.ok();
        assert_eq!(server.fetch(&small.links.original).await.status, 404);
        // A connection that is broken may take with it what was on its way.
        assert!(!sent.is_empty() && whole.starts_with(&sent), "of the first");
        assert!(sent.len() < whole.len() - usize::try_from(small.size_bytes).unwrap(), "none of the second");
    }

    async fn two_archives_at_once_go_to_one_address(server: TestServer) {
        let (url, image) = long(&server).await;
        let first = begun(&url, "").await.unwrap();
        let _second = begun(&url, "").await.unwrap();
        let refused = server.fetch(&url).await;
        assert_eq!((refused.status.as_u16(), refused.header("retry-after")), (429, "30"));
        refused.problem("rate_limited");
        let person = server.anonymous().send_to(Method::GET, &url, |r| r.header("accept", "text/html")).await;
        assert_eq!((person.status.as_u16(), person.header("retry-after"), person.header("content-type")), (429, "30", "text/html; charset=utf-8"));
        assert!(String::from_utf8_lossy(&person.body).contains("<h1>Two downloads at once are the most</h1>"));
        assert_eq!(server.fetch(&image.links.original).await.status, 200, "pictures go on");
        drop(first);
        // Until the server has seen that it is gone.
        while begun(&url, "").await.is_none() {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_archives_at_once_go_to_each_address_behind_a_proxy() {
    let server = TestServer::start_with(On::Sqlite, |config| {
        config.server.trusted_proxies = serde_json::from_value(json!("127.0.0.0/8")).unwrap();
    })
    .await;
    let (url, _) = long(&server).await;
    let mut held = Vec::new();
    for (address, is_served) in [
        ("203.0.113.1", true),
        ("203.0.113.1", true),
        ("203.0.113.1", false),
        ("203.0.113.2", true),
        ("2001:db8:0:1::1", true),
        ("2001:db8:0:1::2", true),
        ("2001:db8:0:1::3", false),
    ] {
        let answer = begun(&url, &format!("x-forwarded-for: {address}\r\n")).await;
        assert_eq!(answer.is_some(), is_served, "{address}");
        held.extend(answer);
    }
}

/// The archive of an album that is more than sockets hold, and a picture like those in it.
async fn long(server: &TestServer) -> (String, Image) {
    let ada = server.user().await;
    let image = ada.upload("noise.png", &noise()).await;
    let album = ada.album(&[]).await;
    copy_images(server, album.id, image.id, 20).await;
    share_original(server, image.id).await;
    (server.archive(&album), image)
}

/// Copies of an image have its object, too.
async fn share_original(server: &TestServer, id: Uuid) {
    let original = Entity::find_by_id(id).one(server.db()).await;
    let key = original.unwrap().unwrap().original_key;
    let sql = format!("UPDATE images SET original_key = '{key}'");
    server.db().execute_unprepared(&sql).await.unwrap();
}
