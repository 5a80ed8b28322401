//! Each bound that the document states is the bound that the server holds: it takes what is just within, and refuses what is one past.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use tintype_dto::ContentType;
use uuid::Uuid;

use crate::client::{Answer, Client};
use crate::pictures::jpeg;
use crate::server::{On, TestServer};

/// A bound of a schema, `Type.field keyword`, and the request that has a value of this size there.
struct Bound {
    names: &'static [&'static str],
    request: fn(&Sender, usize) -> (Method, String, Value),
}

struct Sender {
    image: Uuid,
    album: Uuid,
}

fn text(length: usize) -> String {
    "é".repeat(length)
}

fn ids(count: usize) -> Vec<Uuid> {
    (0..count).map(|_| Uuid::now_v7()).collect()
}

fn account(username: &str, email: &str, password: &str) -> (Method, String, Value) {
    let body = json!({"username": username, "email": email, "password": password});
    (Method::POST, "/auth/register".into(), body)
}

/// A name and an address that nobody has yet.
fn fresh(length: usize) -> String {
    let name = Uuid::new_v4().simple().to_string();
    format!("{name}{name}")[..length].into()
}

fn token(name: &str, scopes: &[&str], days: Option<usize>) -> (Method, String, Value) {
    let body = json!({"name": name, "scopes": scopes, "expires_in_days": days});
    (Method::POST, "/me/tokens".into(), body)
}

fn of_album(sender: &Sender, what: &str, count: usize) -> (Method, String, Value) {
    let path = format!("/albums/{}/images/{what}", sender.album);
    (Method::POST, path, json!({"ids": ids(count)}))
}

const BOUNDS: &[Bound] = &[
    Bound {
        names: &[
            "BulkUpdateImages.ids minItems",
            "BulkUpdateImages.ids maxItems",
        ],
        request: |_, n| {
            (
                Method::POST,
                "/images/bulk/update".into(),
                json!({"ids": ids(n), "change": {"title": "x"}}),
            )
        },
    },
    Bound {
        names: &[
            "BulkDeleteImages.ids minItems",
            "BulkDeleteImages.ids maxItems",
        ],
        request: |_, n| {
            (
                Method::POST,
                "/images/bulk/delete".into(),
                json!({"ids": ids(n)}),
            )
        },
    },
    Bound {
        names: &[
            "BulkRestoreImages.ids minItems",
            "BulkRestoreImages.ids maxItems",
        ],
        request: |_, n| {
            (
                Method::POST,
                "/images/bulk/restore".into(),
                json!({"ids": ids(n)}),
            )
        },
    },
    Bound {
        names: &[
            "CreateUploads.files minItems",
            "CreateUploads.files maxItems",
        ],
        request: |_, n| {
            let file = json!({"filename": "a", "content_type": "image/png", "size_bytes": 5});
            (
                Method::POST,
                "/uploads/bulk".into(),
                json!({"files": vec![file; n]}),
            )
        },
    },
    Bound {
        names: &["FindImages.sha256 minItems", "FindImages.sha256 maxItems"],
        request: |_, n| {
            (
                Method::POST,
                "/images/find-by-hash".into(),
                json!({"sha256": vec!["0f".repeat(32); n]}),
            )
        },
    },
    Bound {
        names: &[
            "RegisterUser.username minLength",
            "RegisterUser.username maxLength",
        ],
        request: |_, n| {
            account(
                &fresh(n),
                &format!("{}@example.com", fresh(20)),
                "correct horse",
            )
        },
    },
    Bound {
        names: &[
            "RegisterUser.password minLength",
            "RegisterUser.password maxLength",
        ],
        request: |_, n| account(&fresh(20), &format!("{}@example.com", fresh(20)), &text(n)),
    },
    Bound {
        names: &["RegisterUser.email maxLength"],
        request: |_, n| {
            let label = "a".repeat(63);
            let domain = format!("{label}.{label}.{label}.{}", "a".repeat(n - 65 - 192));
            account(
                &fresh(20),
                &format!("{}@{domain}", fresh(64)),
                "correct horse",
            )
        },
    },
    Bound {
        names: &[
            "ChangePassword.new_password minLength",
            "ChangePassword.new_password maxLength",
        ],
        request: |_, n| {
            (
                Method::POST,
                "/me/password".into(),
                json!({"current_password": "wrong", "new_password": text(n)}),
            )
        },
    },
    Bound {
        names: &["UpdateImage.title maxLength"],
        request: |sender, n| {
            (
                Method::PATCH,
                format!("/images/{}", sender.image),
                json!({"title": text(n)}),
            )
        },
    },
    Bound {
        names: &["UpdateImage.alt maxLength"],
        request: |sender, n| {
            (
                Method::PATCH,
                format!("/images/{}", sender.image),
                json!({"alt": text(n)}),
            )
        },
    },
    Bound {
        names: &["CreateAlbum.title maxLength"],
        request: |_, n| (Method::POST, "/albums".into(), json!({"title": text(n)})),
    },
    Bound {
        names: &["CreateAlbum.description maxLength"],
        request: |_, n| {
            (
                Method::POST,
                "/albums".into(),
                json!({"description": text(n)}),
            )
        },
    },
    Bound {
        names: &["CreateAlbum.images maxItems"],
        request: |_, n| (Method::POST, "/albums".into(), json!({"images": ids(n)})),
    },
    Bound {
        names: &["UpdateAlbum.title maxLength"],
        request: |sender, n| {
            (
                Method::PATCH,
                format!("/albums/{}", sender.album),
                json!({"title": text(n)}),
            )
        },
    },
    Bound {
        names: &["UpdateAlbum.description maxLength"],
        request: |sender, n| {
            (
                Method::PATCH,
                format!("/albums/{}", sender.album),
                json!({"description": text(n)}),
            )
        },
    },
    Bound {
        names: &["AddAlbumImages.ids minItems", "AddAlbumImages.ids maxItems"],
        request: |sender, n| of_album(sender, "add", n),
    },
    Bound {
        names: &[
            "RemoveAlbumImages.ids minItems",
            "RemoveAlbumImages.ids maxItems",
        ],
        request: |sender, n| of_album(sender, "remove", n),
    },
    Bound {
        names: &[
            "MoveAlbumImages.ids minItems",
            "MoveAlbumImages.ids maxItems",
        ],
        request: |sender, n| of_album(sender, "move", n),
    },
    Bound {
        names: &["list_albums.limit minimum", "list_albums.limit maximum"],
        request: |_, n| (Method::GET, format!("/albums?limit={n}"), Value::Null),
    },
    Bound {
        names: &[
            "list_album_images.limit minimum",
            "list_album_images.limit maximum",
        ],
        request: |sender, n| {
            (
                Method::GET,
                format!("/albums/{}/images?limit={n}", sender.album),
                Value::Null,
            )
        },
    },
    Bound {
        names: &[
            "CreateApiToken.name minLength",
            "CreateApiToken.name maxLength",
        ],
        request: |_, n| token(&text(n), &["read"], None),
    },
    Bound {
        names: &["CreateApiToken.scopes minItems"],
        request: |_, n| token("a", &["read", "write"][..n], None),
    },
    Bound {
        names: &[
            "CreateApiToken.expires_in_days minimum",
            "CreateApiToken.expires_in_days maximum",
        ],
        request: |_, n| token("a", &["read"], Some(n)),
    },
    Bound {
        names: &["CreateUpload.size_bytes minimum"],
        request: |_, n| {
            (
                Method::POST,
                "/uploads".into(),
                json!({"filename": "a", "content_type": "image/png", "size_bytes": n}),
            )
        },
    },
    Bound {
        names: &["list_images.limit minimum", "list_images.limit maximum"],
        request: |_, n| (Method::GET, format!("/images?limit={n}"), Value::Null),
    },
    Bound {
        names: &["list_images.q maxLength"],
        request: |_, n| (Method::GET, format!("/images?q={}", text(n)), Value::Null),
    },
    Bound {
        names: &["list_days.q maxLength"],
        request: |_, n| {
            (
                Method::GET,
                format!("/images/days?q={}", text(n)),
                Value::Null,
            )
        },
    },
    Bound {
        names: &[
            "upload_images.title maxLength",
            "put_image.title maxLength",
            "UploadForm.title maxLength",
        ],
        request: |_, n| {
            (
                Method::PUT,
                format!("/images?title={}", text(n)),
                Value::Null,
            )
        },
    },
    Bound {
        names: &[
            "upload_images.alt maxLength",
            "put_image.alt maxLength",
            "UploadForm.alt maxLength",
        ],
        request: |_, n| (Method::PUT, format!("/images?alt={}", text(n)), Value::Null),
    },
    Bound {
        names: &[
            "upload_images.expires_in minimum",
            "upload_images.expires_in maximum",
            "put_image.expires_in minimum",
            "put_image.expires_in maximum",
            "UploadForm.expires_in minimum",
            "UploadForm.expires_in maximum",
        ],
        request: |_, n| (Method::PUT, format!("/images?expires_in={n}"), Value::Null),
    },
];
/// Any server takes less: a size above its own limit is `file_too_large`. Keys are sent by `repeated.rs`.
const NOT_SENT: [&str; 7] = [
    "CreateUpload.size_bytes maximum",
    "create_upload.Idempotency-Key minLength",
    "create_upload.Idempotency-Key maxLength",
    "upload_images.Idempotency-Key minLength",
    "upload_images.Idempotency-Key maxLength",
    "put_image.Idempotency-Key minLength",
    "put_image.Idempotency-Key maxLength",
];
const LOWER: [&str; 3] = ["minLength", "minItems", "minimum"];
const UPPER: [&str; 3] = ["maxLength", "maxItems", "maximum"];

/// What the document states about the value called `name`.
fn stated(name: &str, schema: &Value, found: &mut Vec<(String, u64)>) {
    for keyword in LOWER.into_iter().chain(UPPER) {
        // No number of these types is below zero: that is not a bound that somebody has chosen.
        if let Some(bound) = schema[keyword].as_u64().filter(|bound| *bound > 0) {
            found.push((format!("{name} {keyword}"), bound));
        }
    }
}

/// Every bound of a request: of parameters, and of the types that bodies are made of.
fn bounds_of_requests(document: &Value) -> Vec<(String, u64)> {
    let mut found = Vec::new();
    let mut open: Vec<&Value> = Vec::new();
    for operation in document["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|item| item.as_object().unwrap().values())
    {
        let id = operation["operationId"].as_str().unwrap();
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            stated(
                &format!("{id}.{}", parameter["name"].as_str().unwrap()),
                &parameter["schema"],
                &mut found,
            );
        }
        open.push(&operation["requestBody"]);
    }
    let mut seen = BTreeSet::new();
    while let Some(value) = open.pop() {
        if let Some(name) = value["$ref"]
            .as_str()
            .and_then(|path| path.strip_prefix("#/components/schemas/"))
            && seen.insert(name)
        {
            let schema = &document["components"]["schemas"][name];
            for (field, schema) in schema["properties"].as_object().into_iter().flatten() {
                stated(&format!("{name}.{field}"), schema, &mut found);
            }
            open.push(schema);
        }
        match value {
            Value::Object(fields) => open.extend(fields.values()),
            Value::Array(values) => open.extend(values),
            _ => {}
        }
    }
    found
}

async fn send(client: &Client, (method, path, body): (Method, String, Value)) -> Answer {
    if method == Method::PUT {
        let url = format!("{}{path}", client.api);
        let token = client.session.as_ref().unwrap().token.clone();
        return client
            .send_to(method, &url, |r| r.bearer_auth(token).body(jpeg(1)))
            .await;
    }
    client
        .send(method, &path, Some(&body).filter(|body| !body.is_null()))
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_bound_of_the_document_is_the_bound_of_the_server() {
    let server = TestServer::start(On::Sqlite).await;
    let alice = server.user().await;
    let sender = Sender {
        image: alice.upload("a.jpg", &jpeg(1)).await.id,
        album: alice.album(&[]).await.id,
    };
    let document = tintype_api::router::document().unwrap();
    let mut tried: BTreeSet<String> = NOT_SENT.map(String::from).into();
    for (name, bound) in bounds_of_requests(&document) {
        let Some(case) = BOUNDS.iter().find(|case| case.names.contains(&&*name)) else {
            assert!(NOT_SENT.contains(&&*name), "nothing sends {name}");
            continue;
        };
        let bound = usize::try_from(bound).unwrap();
        let keyword = name.split(' ').next_back().unwrap();
        let past = if LOWER.contains(&keyword) {
            bound - 1
        } else {
            bound + 1
        };
        let within = send(&alice, (case.request)(&sender, bound)).await;
        let is_taken =
            within.status.is_success() || within.json::<Value>()["code"] == "wrong_password";
        assert!(
            is_taken,
            "{name} {bound}: {}",
            String::from_utf8_lossy(&within.body)
        );
        send(&alice, (case.request)(&sender, past))
            .await
            .problem("validation_failed");
        tried.insert(name);
    }
    for name in BOUNDS.iter().flat_map(|case| case.names) {
        assert!(tried.contains(*name), "the document does not state {name}");
    }
}

#[tokio::test]
async fn texts_are_written_as_the_document_says() {
    let server = TestServer::start(On::Sqlite).await;
    let alice = server.user().await;
    let document = tintype_api::router::document().unwrap();
    let schemas = &document["components"]["schemas"];
    assert_eq!(schemas["Sha256"]["pattern"], "^[0-9a-f]{64}$");
    for (hash, is_taken) in [
        ("0f".repeat(32), true),
        ("0F".repeat(32), false),
        ("0".repeat(63), false),
        ("0".repeat(65), false),
    ] {
        let found = alice
            .post("/images/find-by-hash", &json!({"sha256": [hash]}))
            .await;
        let file =
            json!({"filename": "a", "content_type": "image/png", "size_bytes": 5, "sha256": hash});
        let announced = alice.post("/uploads", &file).await;
        assert_eq!(
            (found.status.is_success(), announced.status.is_success()),
            (is_taken, is_taken),
            "{hash}"
        );
    }
    assert_eq!(
        schemas["RegisterUser"]["properties"]["username"]["pattern"],
        "^[A-Za-z0-9_-]+$"
    );
    for (letters, is_taken) in [
        ("aZ0_-", true),
        ("é", false),
        (" ", false),
        (".", false),
        ("@", false),
    ] {
        let (_, path, body) = account(
            &format!("{letters}{}", fresh(20)),
            &format!("{}@example.com", fresh(20)),
            "correct horse",
        );
        assert_eq!(
            alice.post(&path, &body).await.status.is_success(),
            is_taken,
            "{letters}"
        );
    }
    let types = schemas["ContentType"]["enum"].as_array().unwrap();
    assert_eq!(types.len(), ContentType::ALL.len());
    assert_eq!(
        schemas["CreateUpload"]["properties"]["content_type"]["$ref"],
        "#/components/schemas/ContentType"
    );
    for content_type in types {
        let file = json!({"filename": "a", "content_type": content_type, "size_bytes": 5});
        assert_eq!(alice.post("/uploads", &file).await.status, 201);
    }
    let heic = json!({"filename": "a", "content_type": "image/heic", "size_bytes": 5});
    assert!(
        alice
            .post("/uploads", &heic)
            .await
            .problem("unsupported_media")
            .detail
            .contains("HEIC")
    );
    let secret = alice.make_token(&["read"]).await.secret;
    assert_eq!(
        schemas["CreatedApiToken"]["properties"]["secret"]["pattern"],
        "^tt_[A-Za-z0-9]{32}$"
    );
    assert!(secret.len() == 35 && secret[3..].bytes().all(|b| b.is_ascii_alphanumeric()));
}

#[tokio::test]
async fn null_takes_a_title_away_and_is_refused_where_there_is_nothing_to_take() {
    let server = TestServer::start(On::Sqlite).await;
    let alice = server.user().await;
    let image = alice.upload("a.jpg", &jpeg(1)).await;
    let path = format!("/images/{}", image.id);
    let change = async |body: Value| alice.send(Method::PATCH, &path, Some(&body)).await;
    assert_eq!(
        change(json!({"title": "a", "alt": "b"}))
            .await
            .json::<Value>()["title"],
        "a"
    );
    let taken: Value = change(json!({"title": null})).await.ok();
    assert_eq!(
        (&taken["title"], &taken["alt"]),
        (&Value::Null, &json!("b"))
    );
    let refused = change(json!({"visibility": null}))
        .await
        .problem("validation_failed");
    assert_eq!(refused.errors[0].field, "visibility");
    let album = format!("/albums/{}", alice.album(&[image.id]).await.id);
    let change = async |body: Value| alice.send(Method::PATCH, &album, Some(&body)).await;
    change(json!({"title": "a", "description": "b", "cover": image.id}))
        .await
        .ok::<Value>();
    let taken: Value = change(json!({"title": null, "cover": null})).await.ok();
    assert_eq!(
        (&taken["title"], &taken["description"]),
        (&Value::Null, &json!("b"))
    );
    change(json!({"visibility": null}))
        .await
        .problem("validation_failed");
}
