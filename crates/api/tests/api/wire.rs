//! Requests as no client library sends them, and the headers of answers.

use reqwest::Method;
use serde_json::{Value, json};
use tintype_api::config::Delivery;
use tintype_dto::Image;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::pictures::jpeg;
use crate::program::Program;
use crate::server::{On, TestServer, on_both_databases};

/// `127.0.0.1:1234` of `http://127.0.0.1:1234`.
fn address(url: &str) -> &str {
    url.split('/').nth(2).unwrap()
}

/// The answer to these lines, on a connection of its own.
async fn say(url: &str, lines: &[&str]) -> String {
    let mut stream = TcpStream::connect(address(url)).await.unwrap();
    let head = [lines, &["connection: close", "", ""]]
        .concat()
        .join("\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_names_two_hosts_or_none_is_refused_by_every_listener() {
    let server = TestServer::start(On::Sqlite).await;
    let folder = tempfile::TempDir::new().unwrap();
    let settings = [
        ("TINTYPE_STORAGE__ACCESS_KEY_ID", "tintype"),
        (
            "TINTYPE_STORAGE__SECRET_ACCESS_KEY",
            "abcdefghijklmnopqrstuv0123456789",
        ),
        ("TINTYPE_SERVER__APP_URL", "http://127.0.0.1:8080"),
    ];
    let storage = Program::start_as("storage", folder.path(), &settings);
    let (app, media, ops) = (server.app_url(), server.media_url(), server.ops_url());
    for (url, path) in [
        (&*app, "/api/v1/limits"),
        (&media, "/i/x.jpg"),
        (&media, "/tintype/x"),
        (ops, "/healthz"),
        (&storage.url, "/tintype/x"),
    ] {
        let get = format!("GET {path} HTTP/1.1");
        let own = format!("host: {}", address(url));
        let fine = say(url, &[&get, &own]).await;
        assert!(["200", "403", "404"].contains(&status(&fine)), "{fine}");
        for second in ["host: evil.example", &own] {
            for hosts in [[&*own, second], [second, &own]] {
                let answer = say(url, &[&get, hosts[0], hosts[1]]).await;
                assert!(
                    status(&answer) == "400" && answer.contains("bad_request"),
                    "{path} {hosts:?}: {answer}"
                );
            }
        }
        assert_eq!(status(&say(url, &[&get]).await), "400", "{path}");
    }
    // What stands in the target is whom it is for.
    let elsewhere = say(
        &app,
        &[
            "GET http://evil.example/api/v1/limits HTTP/1.1",
            &format!("host: {}", address(&app)),
        ],
    )
    .await;
    assert!(
        status(&elsewhere) == "421" && elsewhere.contains("unknown_host"),
        "{elsewhere}"
    );
    let here = say(
        &app,
        &[
            &format!("GET {app}/api/v1/limits HTTP/1.1"),
            "host: evil.example",
        ],
    )
    .await;
    assert_eq!(status(&here), "200", "{here}");
}

#[tokio::test]
async fn the_ops_listener_answers_to_no_name_that_anyone_can_register() {
    let server = TestServer::start(On::Sqlite).await;
    for path in ["/healthz", "/readyz", "/metrics"] {
        let get = format!("GET {path} HTTP/1.1");
        for host in [
            "127.0.0.1:9090",
            "localhost",
            "api:9090",
            "[::1]:9090",
            "10.213.7.4:9090",
            "tintype.monitoring.svc.cluster.local",
        ] {
            assert_eq!(
                status(&say(server.ops_url(), &[&get, &format!("host: {host}")]).await),
                "200",
                "{path} {host}"
            );
        }
        for host in [
            "evil.example:9090",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "",
        ] {
            let answer = say(server.ops_url(), &[&get, &format!("host: {host}")]).await;
            assert!(
                status(&answer) == "421"
                    && answer.contains("unknown_host")
                    && !answer.contains("tintype_"),
                "{path} {host}: {answer}"
            );
        }
        // As old probes ask.
        assert_eq!(
            status(&say(server.ops_url(), &[&format!("GET {path} HTTP/1.0")]).await),
            "200"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn head_tells_of_the_whole_whatever_range_is_asked_for() {
    let server = TestServer::start(On::Sqlite).await;
    let alice = server.user().await;
    let image = alice.upload("a.jpg", &jpeg(1)).await;
    let page = server.folder.path().join("page");
    std::fs::create_dir_all(page.join("assets")).unwrap();
    std::fs::write(page.join("assets/app-1.js"), "0123456789").unwrap();
    let asset = format!("{}/assets/app-1.js", server.app_url());
    for (url, size) in [(&image.links.original, image.size_bytes), (&asset, 10)] {
        for range in ["bytes=2-5", "bytes=-3", "bytes=99999999-"] {
            let head = alice
                .send_to(Method::HEAD, url, |r| r.header("range", range))
                .await;
            assert_eq!(
                (head.status.as_u16(), head.header("content-length")),
                (200, &*size.to_string()),
                "{url} {range}"
            );
            assert!(head.headers.get("content-range").is_none());
        }
        assert_eq!(
            alice
                .send_to(Method::GET, url, |r| r.header("range", "bytes=2-5"))
                .await
                .status,
            206
        );
    }
}

#[tokio::test]
async fn the_docs_are_compressed_for_those_who_ask_alone() {
    let server = TestServer::start(On::Sqlite).await;
    let client = server.anonymous();
    for file in ["", "/style.css"] {
        let url = format!("{}/docs{file}", server.app_url());
        let plain = client.send_to(Method::GET, &url, |r| r).await;
        assert_eq!(
            (plain.status.as_u16(), plain.header("content-encoding")),
            (200, ""),
            "{file}"
        );
        assert!(
            !plain.body.starts_with(&[0x1f, 0x8b]) && std::str::from_utf8(&plain.body).is_ok(),
            "{file}"
        );
        let none = client
            .send_to(Method::GET, &url, |r| {
                r.header("accept-encoding", "identity")
            })
            .await;
        assert_eq!(
            (none.header("content-encoding"), none.body == plain.body),
            ("", true),
            "{file}"
        );
        let packed = client
            .send_to(Method::GET, &url, |r| r.header("accept-encoding", "gzip"))
            .await;
        assert_eq!(
            (packed.header("content-encoding"), packed.header("vary")),
            ("gzip", "accept-encoding"),
            "{file}"
        );
    }
}

#[tokio::test]
async fn a_share_page_that_is_lost_says_that_it_depends_on_who_asks() {
    let server = TestServer::start(On::Sqlite).await;
    let lost = format!("{}/s/doesnotexist", server.app_url());
    for accept in ["text/html", "application/json"] {
        for encoding in ["identity", "gzip"] {
            let answer = server
                .anonymous()
                .send_to(Method::GET, &lost, |r| {
                    r.header("accept", accept)
                        .header("accept-encoding", encoding)
                })
                .await;
            let vary: Vec<_> = answer
                .headers
                .get_all("vary")
                .iter()
                .map(|value| value.to_str().unwrap())
                .collect();
            assert!(
                answer.status == 404 && vary.contains(&"accept"),
                "{accept}: {vary:?}"
            );
        }
    }
}

on_both_databases! {
    async fn what_the_api_answers_is_stored_nowhere_but_with_its_owner(server: TestServer) {
        let alice = server.user().await;
        let image = alice.upload("a.jpg", &jpeg(1)).await;
        let change = json!({"visibility": "private"});
        let path = format!("/images/{}", image.id);
        let signed = alice.send(Method::PATCH, &path, Some(&change)).await;
        assert!(signed.ok::<Image>().links.original.contains("sig="));
        let pending = alice.announce("b.jpg", &jpeg(2)).await;
        let sha256 = signed.json::<Image>().sha256;
        let mut answers = vec![signed, alice.confirm(image.id).await];
        // What has a tag is for the owner's own cache, which asks each time.
        for path in [&path, "/images"] {
            let answer = alice.get(path).await;
            assert!(answer.headers.contains_key("etag"));
            assert_eq!(answer.header("cache-control"), "private, no-cache", "{answer:?}");
        }
        for path in ["/images/days", &format!("/uploads/{}", image.id), &format!("/uploads/{}", pending.id), "/me", "/limits"] {
            answers.push(alice.get(path).await);
        }
        let ids = json!({"ids": [image.id], "change": {"title": "x"}});
        answers.push(alice.post("/images/bulk/update", &ids).await);
        answers.push(alice.post("/images/find-by-hash", &json!({"sha256": [sha256]})).await);
        answers.push(alice.post("/uploads", &json!({"filename": "a", "content_type": "image/png", "size_bytes": 5})).await);
        answers.push(alice.delete(&path).await);
        answers.push(alice.post(&format!("{path}/restore"), &json!({})).await);
        answers.push(alice.get("/images/nothing").await);
        for answer in answers {
            assert_eq!(answer.header("cache-control"), "no-store", "{answer:?}");
        }
    }

    async fn an_array_is_no_object_and_an_object_no_name(server: TestServer) {
        let alice = server.user().await;
        let image = alice.upload("a.jpg", &jpeg(1)).await;
        for (path, body) in [
            ("/auth/register", json!(["eve", "eve@example.com", "correct horse"])),
            ("/auth/login", json!(["eve", "correct horse"])),
            ("/me/password", json!(["correct horse", "battery staple"])),
            ("/me/delete", json!(["correct horse"])),
            ("/uploads", json!(["a.png", "image/png", 5, null, []])),
            ("/uploads/bulk", json!([[{"filename": "a", "content_type": "image/png", "size_bytes": 5}]])),
            ("/uploads/bulk", json!({"files": [["a.png", "image/png", 5, null, []]]})),
            ("/uploads", json!({"filename": "a", "content_type": "image/png", "size_bytes": 5, "removed_by_client": [{"location": null}]})),
            ("/images/bulk/update", json!([[image.id], {"title": "x"}])),
            ("/images/bulk/update", json!({"ids": [image.id], "change": ["x", null, null]})),
            ("/images/bulk/update", json!({"ids": [image.id], "change": {"visibility": {"private": null}}})),
            ("/images/bulk/delete", json!([[image.id], true])),
            ("/images/bulk/restore", json!([[image.id]])),
            ("/images/find-by-hash", json!([[image.sha256]])),
        ] {
            alice.post(path, &body).await.problem("validation_failed");
        }
        let one = format!("/images/{}", image.id);
        for body in [json!(["x", null, "private"]), json!([])] {
            alice.send(Method::PATCH, &one, Some(&body)).await.problem("validation_failed");
        }
        assert_eq!(alice.list("").await.items, [image], "nothing has changed");
        let nested = json!({"files": [{"filename": "a", "content_type": "image/png", "size_bytes": 5}, ["a.png", "image/png", 5, null, []]]});
        assert_eq!(alice.post("/uploads/bulk", &nested).await.problem("validation_failed").errors[0].field, "files[1]");
        let all = json!({"title": null, "alt": "A lake", "visibility": "private"});
        assert_eq!(alice.send(Method::PATCH, &one, Some(&all)).await.ok::<Value>()["alt"], "A lake");
    }
}

#[tokio::test]
async fn browsers_are_kept_to_https_where_that_is_the_address() {
    let secure = TestServer::start_with(On::Sqlite, |config| {
        config.server.app_url = Some("https://img.example.com:8443".parse().unwrap());
        config.server.media_url = Some("https://media.example.com:8443".parse().unwrap());
    })
    .await;
    let plain = TestServer::start(On::Sqlite).await;
    let listens = |server: &TestServer| server.running().process.listens_on.clone();
    for (server, host, expected) in [
        (
            &secure,
            "img.example.com:8443",
            Some("strict-transport-security: max-age=31536000\r\n"),
        ),
        (&plain, address(&plain.app_url()), None),
    ] {
        for path in [
            "/api/v1/limits",
            "/api/v1/nothing",
            "/s/style.css",
            "/docs/",
        ] {
            let answer = say(
                &listens(server),
                &[&format!("GET {path} HTTP/1.1"), &format!("host: {host}")],
            )
            .await;
            assert_eq!(
                answer.contains("strict-transport-security"),
                expected.is_some(),
                "{answer}"
            );
            assert!(
                expected.is_none_or(|line| answer.contains(line)),
                "{answer}"
            );
        }
    }
    let stranger = say(&listens(&secure), &["GET / HTTP/1.1", "host: evil.example"]).await;
    assert!(
        !stranger.contains("strict-transport-security"),
        "{stranger}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_can_not_be_called_back_works_for_a_minute_at_most() {
    let server = TestServer::start_with(On::Sqlite, |config| {
        config.server.delivery = Delivery::Redirect;
    })
    .await;
    let alice = server.user().await;
    let image = alice.upload("a.jpg", &jpeg(1)).await;
    let answer = server.fetch(&image.links.original).await;
    let seconds = |text: &str, name: &str| -> u32 {
        text.split(name)
            .nth(1)
            .unwrap()
            .split('&')
            .next()
            .unwrap()
            .parse()
            .unwrap()
    };
    let works = seconds(answer.header("location"), "X-Amz-Expires=");
    let cached = seconds(answer.header("cache-control"), "max-age=");
    assert!(works <= 60 && cached * 2 <= works, "{works} {cached}");
    assert_eq!(server.fetch(answer.header("location")).await.status, 200);
    assert_eq!(
        alice
            .delete(&format!("/images/{}?permanent=true", image.id))
            .await
            .status,
        204
    );
    server
        .fetch(&image.links.original)
        .await
        .problem("not_found");
    server.work().await;
    assert_eq!(
        server.fetch(answer.header("location")).await.status,
        404,
        "with the object it is gone at once"
    );
}
