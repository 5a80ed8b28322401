//! What every client may rely on: entity tags, preconditions, limits of requests.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};
use tintype_dto::{Image, ImagePage};

use crate::client::{Answer, Client};
use crate::pictures::jpeg;
use crate::server::{On, TestServer, on_both_databases};

impl Client {
    /// A request with one header more.
    pub async fn send_with(
        &self,
        method: Method,
        path: &str,
        (name, value): (&str, &str),
        body: Option<&Value>,
    ) -> Answer {
        let token = self.session.as_ref().unwrap().token.clone();
        let url = format!("{}{path}", self.api);
        self.send_to(method, &url, |request| {
            let request = request.bearer_auth(token).header(name, value);
            match body {
                Some(body) => request.json(body),
                None => request,
            }
        })
        .await
    }

    async fn holds(&self, path: &str, tag: &str) -> bool {
        let answer = self
            .send_with(Method::GET, path, ("if-none-match", tag), None)
            .await;
        assert_eq!(answer.status == 304, answer.body.is_empty());
        answer.status == 304
    }
}

on_both_databases! {
    async fn who_has_it_already_is_told_so_in_a_few_bytes(server: TestServer) {
        let ada = server.user().await;
        let image = ada.upload("a.jpg", &jpeg(1)).await;
        let one = format!("/images/{}", image.id);
        let album = format!("/albums/{}", ada.album(&[image.id]).await.id);
        for path in ["/images", "/images?limit=1", &one, "/albums", &album, &format!("{album}/images")] {
            let first = ada.get(path).await;
            let tag = first.header("etag").to_owned();
            assert!(tag.starts_with('"') && tag.ends_with('"'), "{tag}");
            assert_eq!(first.header("cache-control"), "private, no-cache");
            for held in [tag.as_str(), &format!("\"other\", W/{tag}"), "*"] {
                assert!(ada.holds(path, held).await, "{path} {held}");
            }
            for other in ["\"other\"", "", "nonsense"] {
                assert!(!ada.holds(path, other).await, "{path} {other}");
            }
            let again = ada.send_with(Method::GET, path, ("if-none-match", &tag), None).await;
            assert_eq!((again.header("etag"), again.header("cache-control")), (tag.as_str(), "private, no-cache"));
            ada.send(Method::PATCH, &one, Some(&json!({"title": format!("named at {path}")}))).await.ok::<Image>();
            assert!(!ada.holds(path, &tag).await, "{path} has changed");
        }
        let tag = ada.get("/images").await.header("etag").to_owned();
        assert!(ada.holds("/images", &tag).await);
        assert_eq!(ada.delete(&one).await.status, 204);
        assert!(!ada.holds("/images", &tag).await);
        ada.send_with(Method::GET, &one, ("if-none-match", "*"), None).await.problem("not_found");
        server.anonymous().get("/images").await.problem("unauthenticated");
    }

    async fn nobody_keeps_links_that_have_expired(server: TestServer) {
        let ada = server.user().await;
        let image = ada.upload("a.jpg", &jpeg(1)).await;
        let one = format!("/images/{}", image.id);
        ada.send(Method::PATCH, &one, Some(&json!({"visibility": "private"}))).await.ok::<Image>();
        let album = format!("/albums/{}", ada.album(&[image.id]).await.id);
        for path in ["/images", &one, "/albums", &album, &format!("{album}/images")] {
            let answer = ada.get(path).await;
            let tag = answer.header("etag").to_owned();
            server.clock.advance(TimeDelta::minutes(1));
            assert!(!ada.holds(path, &tag).await, "its links are renewed each minute");
        }
        let program = ada.program(&["read"]).await;
        for path in ["/images", &one, "/albums", &album, &format!("{album}/images")] {
            let tag = program.get(path).await.header("etag").to_owned();
            let name = ada.session.as_ref().unwrap().user.username.clone();
            let again = ada.post("/auth/login", &json!({"username": name, "password": "correct horse"})).await.ok();
            let ada = Client { session: Some(again), ..ada.clone() };
            assert_eq!(ada.send(Method::POST, "/me/logout-everywhere", None).await.status, 204);
            assert!(!program.holds(path, &tag).await, "its links have ended with the sessions");
        }
    }

    async fn a_change_that_someone_else_was_quicker_with_is_not_lost(server: TestServer) {
        let ada = server.user().await;
        let image = ada.upload("a.jpg", &jpeg(1)).await;
        let path = format!("/images/{}", image.id);
        let change = async |tag: &str, title: &str| ada.send_with(Method::PATCH, &path, ("if-match", tag), Some(&json!({"title": title}))).await;
        let read = ada.get(&path).await.header("etag").to_owned();
        let changed = change(&read, "mine").await;
        assert_eq!(changed.ok::<Image>().title.as_deref(), Some("mine"));
        assert_eq!(changed.header("etag"), ada.get(&path).await.header("etag"));
        for stale in [&read, "\"other\"", "W/\"other\"", &format!("W/{}", changed.header("etag")), "x"] {
            change(stale, "yours").await.problem("precondition_failed");
        }
        let fresh = changed.header("etag").to_owned();
        assert_eq!(change(&format!("\"other\", {fresh}"), "ours").await.ok::<Image>().title.as_deref(), Some("ours"));
        assert_eq!(change("*", "anyone's").await.ok::<Image>().title.as_deref(), Some("anyone's"));
        // The minute of its links is no change.
        ada.send(Method::PATCH, &path, Some(&json!({"visibility": "private"}))).await.ok::<Image>();
        let private = ada.get(&path).await.header("etag").to_owned();
        server.clock.advance(TimeDelta::minutes(2));
        assert_eq!(change(&private, "late").await.status, 200);
        assert_eq!(ada.delete(&path).await.status, 204);
        change("*", "gone").await.problem("not_found");
    }

    async fn whoever_has_a_link_finds_their_image(server: TestServer) {
        let (ada, eve) = (server.user().await, server.user().await);
        let image = ada.upload("a.jpg", &jpeg(1)).await;
        let path = format!("/images/by-slug/{}", image.slug);
        let found = ada.get(&path).await;
        assert!(ada.holds(&path, found.header("etag")).await);
        assert_eq!(found.ok::<Image>(), image);
        eve.get(&path).await.problem("not_found");
        for nothing in ["nothing1234", "restore", "%00", "%ff", "a%2Fb"] {
            ada.get(&format!("/images/by-slug/{nothing}")).await.problem("not_found");
        }
        assert_eq!(ada.delete(&format!("/images/{}", image.id)).await.status, 204);
        ada.get(&path).await.problem("not_found");
    }

    async fn a_private_image_has_no_page_and_no_snippet_that_leads_there(server: TestServer) {
        let ada = server.user().await;
        let image = ada.upload("a.jpg", &jpeg(1)).await;
        assert!(image.links.page.is_some());
        let path = format!("/images/{}", image.id);
        let private: Value = ada.send(Method::PATCH, &path, Some(&json!({"visibility": "private"}))).await.ok();
        assert_eq!(private["links"]["page"], Value::Null);
    }

    async fn of_many_changes_at_once_from_one_state_one_is_made(server: TestServer) {
        let ada = server.user().await;
        let image = ada.upload("a.jpg", &jpeg(1)).await;
        let path = format!("/images/{}", image.id);
        let tag = ada.get(&path).await.header("etag").to_owned();
        let patches = (0..6).map(|n| {
            let (ada, path, tag) = (&ada, &path, &tag);
            async move { ada.send_with(Method::PATCH, path, ("if-match", tag), Some(&json!({"title": format!("title {n}")}))).await.status.as_u16() }
        });
        let mut statuses = futures::future::join_all(patches).await;
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412, 412, 412, 412, 412]);
    }
}

/// How much is left, by the name of each limit; that it is renewed within a minute.
fn left(answer: &Answer) -> Vec<(String, u32)> {
    let standing = |text: &str| {
        let mut parts = text.trim().split(';');
        let name = parts.next().unwrap().trim_matches('"').to_owned();
        let mut number = |name: &str| -> u32 {
            let part = parts.next().unwrap().strip_prefix(name).unwrap();
            part.parse().unwrap()
        };
        let (left, seconds) = (number("r="), number("t="));
        assert!((1..=60).contains(&seconds), "{text}");
        (name, left)
    };
    answer
        .header("ratelimit")
        .split(',')
        .map(standing)
        .collect()
}

#[tokio::test]
async fn answers_say_how_many_requests_are_left_and_too_many_are_refused() {
    let server = TestServer::start_with(On::Sqlite, |config| {
        config.rates.requests_per_token = 3;
        config.rates.requests_per_account = 7;
    })
    .await;
    let ada = server.user().await;
    let made = ada.make_token(&["read"]).await;
    let (one, other) = (
        ada.with_secret(&made.secret),
        ada.program(&["read", "upload"]).await,
    );
    let first = one.get("/images").await;
    assert_eq!(
        first.header("ratelimit-policy"),
        "\"token\";q=3;w=60, \"account\";q=7;w=60"
    );
    assert_eq!(left(&first), [("token".into(), 2), ("account".into(), 4)]);
    for _ in 0..2 {
        assert_eq!(one.get("/images").await.status, 200);
    }
    server.clock.advance(TimeDelta::seconds(10));
    let refused = one.get("/images").await;
    assert!(
        refused
            .problem("rate_limited")
            .detail
            .starts_with("This token")
    );
    assert!((40..=50).contains(&refused.header("retry-after").parse::<u32>().unwrap()));
    assert_eq!(left(&refused), [("token".into(), 0)]);
    assert_eq!(other.get("/images").await.status, 200);
    let whole = other.try_upload_whole(&jpeg(1)).await.unwrap();
    assert_eq!(whole.status, 200, "what was refused took nothing");
    let whole = other.try_upload_whole(&jpeg(1)).await.unwrap();
    let whole: Value = whole.json();
    assert_eq!(
        (&whole["code"], &whole["success"]),
        (&json!("rate_limited"), &json!(false))
    );
    ada.get("/me").await.problem("rate_limited");
    let eve = server.user().await;
    let hers = eve.get("/images").await;
    assert_eq!(left(&hers), [("account".into(), 6)]);
    server.clock.advance(TimeDelta::seconds(61));
    for client in [&one, &other, &ada] {
        assert_eq!(client.get("/images").await.ok::<ImagePage>().items.len(), 1);
    }
}

#[tokio::test]
async fn every_path_says_what_it_takes() {
    let server = TestServer::start(On::Sqlite).await;
    let ada = server.user().await;
    let image = ada.upload("a.jpg", &jpeg(1)).await;
    let album = ada.album(&[image.id]).await;
    let document = tintype_api::router::document().unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        let id = if path.contains("/albums/") {
            album.id
        } else {
            image.id
        };
        let path = path
            .replace("{id}", &id.to_string())
            .replace("{slug}", &image.slug)
            .replace("{name}", "sharex");
        let url = format!("{}{path}", server.app_url());
        let answer = ada.send_to(Method::OPTIONS, &url, |request| request).await;
        assert_eq!(answer.status, 204, "{path}");
        let allowed = answer.header("allow").to_owned();
        for method in item.as_object().unwrap().keys() {
            assert!(
                allowed.contains(&method.to_uppercase()),
                "{path}: {allowed}"
            );
        }
        if item["get"].is_object() {
            let get = ada.get(path.strip_prefix("/api/v1").unwrap()).await;
            let token = &ada.session.as_ref().unwrap().token;
            let head = ada
                .send_to(Method::HEAD, &url, |r| r.bearer_auth(token))
                .await;
            assert_eq!((head.status, head.body.len()), (get.status, 0), "{path}");
            for name in ["etag", "content-type", "cache-control"] {
                assert_eq!(head.header(name), get.header(name), "{path} {name}");
            }
        }
    }
}
