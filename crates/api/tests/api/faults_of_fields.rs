//! What is wrong with which field of a request: all of it at once, in words that say what to do, and without anything secret.

use reqwest::Method;
use serde_json::{Value, json};

use crate::client::{Answer, Client};
use crate::server::{On, TestServer};

/// The fields that are named and what is said of each.
fn named(answer: &Answer) -> Vec<(String, String)> {
    let problem = answer.problem("validation_failed");
    for error in &problem.errors {
        assert!(
            problem
                .detail
                .contains(&format!("{}: {}", error.field, error.message))
        );
    }
    let errors = problem.errors.into_iter();
    errors.map(|error| (error.field, error.message)).collect()
}

fn expected(errors: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(field, message): &(&str, &str)| (String::from(*field), String::from(*message));
    errors.iter().map(owned).collect()
}

const MISSING: &str = "It is missing: send it.";
const WHOLE: &str = "Send a whole number, 0 or more.";

#[tokio::test]
async fn every_fault_of_a_body_is_named_at_once() {
    let server = TestServer::start(On::Sqlite).await;
    let alice = server.user().await;
    let file = "There is nothing of this name here: leave it out. There is `filename`, `content_type`, `size_bytes`, `sha256`, `removed_by_client`, `visibility`, `created_at`, `expires_at`.";
    let album = "There is nothing of this name here: leave it out. There is `title`, `description`, `visibility`, `expires_at`, `images`.";
    let cases = [
        (
            "/uploads",
            json!({}),
            &[
                ("filename", MISSING),
                ("content_type", MISSING),
                ("size_bytes", MISSING),
            ][..],
        ),
        (
            "/uploads",
            json!({"content_type": 5, "size_bytes": "many", "sha256": null, "size": 1, "removed_by_client": ["location", "all"]}),
            &[
                ("size", file),
                ("content_type", "Send a string."),
                (
                    "removed_by_client[1]",
                    "Send one of `location`, `owner`, `device`, `serial`, `time`, `software`, `comment`, `thumbnail`, `maker_note`, `exif`, `xmp`, `iptc`, `c2pa`, `application`, `trailing_data`, `colour_profile`.",
                ),
                ("size_bytes", WHOLE),
                ("filename", MISSING),
            ],
        ),
        (
            "/uploads",
            json!({"filename": "a", "content_type": "image/png", "size_bytes": -1}),
            &[("size_bytes", WHOLE)],
        ),
        (
            "/uploads",
            json!({"filename": "a", "content_type": "image/png", "size_bytes": 1.5}),
            &[("size_bytes", WHOLE)],
        ),
        ("/uploads", json!([]), &[("body", "Send an object.")]),
        ("/uploads", json!(null), &[("body", "Send an object.")]),
        (
            "/uploads/bulk",
            json!({"files": [{"filename": "a", "content_type": "image/png", "size_bytes": 5}, {"filename": null, "content_type": "image/png"}, ["a", "image/png", 5]]}),
            &[
                ("files[1].filename", "Send a string."),
                ("files[1].size_bytes", MISSING),
                ("files[2]", "Send an object."),
            ],
        ),
        (
            "/images/bulk/update",
            json!({"ids": ["x", "019dd1a4-7c00-7000-8000-000000000003"], "change": {"title": 7, "visibility": {"private": null}}}),
            &[
                ("change.title", "Send a string."),
                ("change.visibility", "Send one of `unlisted`, `private`."),
                (
                    "ids[0]",
                    "Send an id, as 019dd1a4-7c00-7000-8000-000000000001.",
                ),
            ],
        ),
        (
            "/images/bulk/delete",
            json!({"ids": {}, "permanent": "yes"}),
            &[
                ("ids", "Send an array."),
                ("permanent", "Send `true` or `false`."),
            ],
        ),
        (
            "/albums",
            json!({"title": ["a"], "visibility": null, "images": ["x"], "cover": null}),
            &[
                ("cover", album),
                (
                    "images[0]",
                    "Send an id, as 019dd1a4-7c00-7000-8000-000000000001.",
                ),
                ("title", "Send a string."),
                ("visibility", "Send one of `unlisted`, `private`."),
            ],
        ),
        (
            "/me/tokens",
            json!({"name": "a", "scopes": ["read"], "expires_in_days": 5_000_000_000_u64}),
            &[("expires_in_days", "Send a smaller number.")],
        ),
    ];
    for (path, body, errors) in cases {
        assert_eq!(
            named(&alice.post(path, &body).await),
            expected(errors),
            "{path} {body}"
        );
    }
}

async fn send_text(client: &Client, path: &str, body: &str) -> Answer {
    let url = format!("{}{path}", client.api);
    let token = client.session.as_ref().unwrap().token.clone();
    client
        .send_to(Method::POST, &url, |request| {
            let request = request.bearer_auth(token);
            request
                .header("content-type", "application/json")
                .body(body.to_owned())
        })
        .await
}

#[tokio::test]
async fn a_field_that_is_sent_twice_or_broken_json_is_named_by_its_place() {
    let server = TestServer::start(On::Sqlite).await;
    let alice = server.user().await;
    let twice = r#"{"title": "a", "title": "b"}"#;
    let twice = send_text(
        &alice,
        "/images/bulk/update",
        &format!(r#"{{"ids": [], "change": {twice}}}"#),
    )
    .await;
    assert_eq!(
        named(&twice),
        expected(&[("change.title", "It is given twice: send it once.")])
    );
    let broken = send_text(&alice, "/images/bulk/update", "{\n  \"ids\": [hunter2]\n}").await;
    let problem = broken.problem("bad_request");
    assert_eq!(
        problem.detail,
        "The body is no JSON: look at line 2, column 11."
    );
    // A number with a point is whole to JSON Schema when nothing stands behind it.
    let whole = r#"{"filename": "a", "content_type": "image/png", "size_bytes": 5.0}"#;
    assert_eq!(send_text(&alice, "/uploads", whole).await.status, 201);
    // Neither a long list nor a long name makes the answer long.
    let many: Vec<_> = (0..2000).map(|number| json!(number)).collect();
    let long = json!({"files": many, "x".repeat(9000): 1});
    let answer = alice.post("/uploads/bulk", &long).await;
    assert_eq!(named(&answer).len(), 20);
    assert!(answer.body.len() < 8000, "{}", answer.body.len());
}

#[tokio::test]
async fn no_secret_is_repeated() {
    let server = TestServer::start(On::Sqlite).await;
    let alice = server.user().await;
    for (path, body) in [
        (
            "/auth/login",
            json!({"username": "ada", "password": ["hunter2"]}),
        ),
        (
            "/auth/login",
            json!({"username": "ada", "password": {"hunter": "hunter2"}}),
        ),
        (
            "/auth/register",
            json!({"username": "ada", "email": 1, "password": "hunter2", "again": "hunter2"}),
        ),
        (
            "/me/password",
            json!({"current_password": "hunter2", "new_password": false}),
        ),
        ("/me/delete", json!("hunter2")),
    ] {
        let answer = alice.post(path, &body).await;
        assert!(!named(&answer).is_empty());
        assert!(
            !String::from_utf8_lossy(&answer.body).contains("hunter2"),
            "{path} {body}"
        );
    }
}

#[tokio::test]
async fn every_fault_of_a_query_is_named_at_once() {
    let server = TestServer::start(On::Sqlite).await;
    let alice = server.user().await;
    let list = "There is nothing of this name here: leave it out. There is `limit`, `cursor`, `q`, `before`, `visibility`, `content_type`, `sort`, `state`.";
    for (query, errors) in [
        (
            "limit=x&offset=5&visibility=public",
            &[
                ("offset", list),
                ("limit", WHOLE),
                ("visibility", "Send one of `unlisted`, `private`."),
            ][..],
        ),
        ("limit=-1", &[("limit", WHOLE)]),
        ("limit=70000", &[("limit", "Send a smaller number.")]),
        ("limit=201", &[("limit", "Ask for 1 to 200 images.")]),
        (
            "limit=5&limit=6",
            &[("limit", "It is given twice: send it once.")],
        ),
        (
            "before=yesterday&limit=",
            &[
                ("before", "Send a time, as 2026-11-24T10:20:30Z."),
                ("limit", WHOLE),
            ],
        ),
    ] {
        assert_eq!(
            named(&alice.get(&format!("/images?{query}")).await),
            expected(errors),
            "{query}"
        );
    }
    let answer = alice.get("/albums?limit=201&sort=name").await;
    let page = "There is nothing of this name here: leave it out. There is `limit`, `cursor`.";
    assert_eq!(named(&answer), expected(&[("sort", page)]));
    let answer = alice.get("/albums?limit=201").await;
    let most = "Ask for 1 to 200 albums.";
    assert_eq!(named(&answer), expected(&[("limit", most)]));
    let id = uuid::Uuid::now_v7();
    let answer = alice.delete(&format!("/images/{id}?permanent=maybe")).await;
    assert_eq!(
        named(&answer),
        expected(&[("permanent", "Send `true` or `false`.")])
    );
    let answer = alice.delete(&format!("/images/{id}?permanent=true")).await;
    assert_eq!(answer.json::<Value>()["code"], "not_found");
}
