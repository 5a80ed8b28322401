//! HTTP itself: odd bodies, methods, hosts, origins, cursors, and who may ask for what.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};
use tintype_dto::{AlbumPage, CreatedApiToken, OpenSessions, Scope};
use uuid::Uuid;

use crate::client::Client;
use crate::pictures::jpeg;
use crate::server::{On, TestServer, on_both_databases};

/// Programs of one account: with each scope alone, with all but each, and with tokens that have ended.
struct Programs {
    alone: Vec<(&'static str, Client)>,
    without: Vec<(&'static str, Client)>,
    ended: Vec<Client>,
}

impl Programs {
    async fn of(server: &TestServer, owner: &Client) -> Self {
        let scopes = Scope::ALL.map(Scope::name);
        let (mut alone, mut without) = (Vec::new(), Vec::new());
        for scope in scopes {
            alone.push((scope, owner.program(&[scope]).await));
            let others: Vec<_> = scopes.into_iter().filter(|other| *other != scope).collect();
            without.push((scope, owner.program(&others).await));
        }
        let revoked = owner.make_token(&scopes).await;
        // The server has seen it work.
        owner.with_secret(&revoked.secret).list("").await;
        owner
            .delete(&format!("/me/tokens/{}", revoked.token.id))
            .await;
        let short = json!({"name": "short", "scopes": scopes, "expires_in_days": 1});
        let expired: CreatedApiToken = owner.post("/me/tokens", &short).await.ok();
        server.clock.advance(TimeDelta::days(1));
        let ended = [revoked.secret, expired.secret, "tt_forged".into()];
        let mut ended: Vec<_> = ended.map(|secret| owner.with_secret(&secret)).into();
        let name = &owner.session.as_ref().unwrap().user.username;
        let again = json!({"username": name, "password": "correct horse"});
        let again = owner.post("/auth/login", &again).await.ok();
        let left = Client {
            session: Some(again),
            ..owner.clone()
        };
        assert_eq!(
            left.send(Method::POST, "/auth/logout", None).await.status,
            204
        );
        ended.push(left);
        Self {
            alone,
            without,
            ended,
        }
    }

    /// The document names the scope of an operation, and no other lets a token in.
    async fn may_do_what_is_said_and_no_more(
        &self,
        operation: &Value,
        method: &Method,
        path: &str,
        body: Option<&Value>,
    ) {
        let name = operation["operationId"].as_str().unwrap();
        let security = operation["security"].as_array().unwrap();
        let scope = security
            .iter()
            .find_map(|accepted| accepted["token"][0].as_str());
        for program in &self.ended {
            let answer = program.send(method.clone(), path, body).await;
            answer.problem("unauthenticated");
        }
        // Any token ends itself: `a_program_ends_its_own_token_whatever_that_may_do`.
        let takes_any = |accepted: &Value| accepted["token"].as_array().is_some_and(Vec::is_empty);
        if security.iter().any(takes_any) {
            assert_eq!(name, "log_out");
            return;
        }
        for (missing, program) in &self.without {
            if scope.is_none_or(|scope| scope == *missing) {
                let answer = program.send(method.clone(), path, body).await;
                answer.problem("insufficient_scope");
            }
        }
        for (only, program) in &self.alone {
            let answer = program.send(method.clone(), path, body).await;
            let is_let_in = scope == Some(*only);
            assert_eq!(
                is_let_in,
                ![401, 403].contains(&answer.status.as_u16()),
                "{name} with {only}: {}",
                answer.status
            );
        }
    }
}

on_both_databases! {
    async fn every_operation_refuses_foreign_identities(server: TestServer) {
        let (alice, eve) = (server.user().await, server.user().await);
        let programs = Programs::of(&server, &eve).await;
        let image = alice.upload("a.jpg", &jpeg(1)).await;
        let pending = alice.announce("b.jpg", &jpeg(2)).await;
        let token = alice.make_token(&["upload", "read", "write", "delete"]).await;
        let album = alice.album(&[image.id]).await;
        let hers = alice.get("/me/sessions").await.ok::<OpenSessions>().items[0].id;
        let document = tintype_api::router::document().unwrap();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let name = operation["operationId"].as_str().unwrap();
                // What a caller without rights may do: `open` needs no token, `own` shows the caller's own things, `named` names an id,
                // `many` answers each id on its own.
                let (kind, id, body) = match name {
                    "register_user" | "log_in" | "get_limits" | "list_clients" => ("open", None, None),
                    "change_password" => {
                        ("own", None, Some(json!({"current_password": "correct horse", "new_password": "battery staple"})))
                    }
                    "delete_account" => ("own", None, Some(json!({"password": "correct horse"}))),
                    "get_me" | "export_account" | "log_out" | "log_out_everywhere" | "list_images" | "list_days" | "list_api_tokens" | "list_sessions" | "get_client" | "list_albums" => ("own", None, None),
                    "create_uploads" => {
                        ("own", None, Some(json!({"files": [{"filename": "a", "content_type": "image/png", "size_bytes": 5}]})))
                    }
                    "find_images" => ("own", None, Some(json!({"sha256": [image.sha256]}))),
                    "bulk_update_images" => ("many", None, Some(json!({"ids": [image.id], "change": {"title": "mine"}}))),
                    "bulk_delete_images" => ("many", None, Some(json!({"ids": [image.id], "permanent": true}))),
                    "bulk_restore_images" => ("many", None, Some(json!({"ids": [image.id]}))),
                    "create_upload" => ("own", None, Some(json!({"filename": "a", "content_type": "image/png", "size_bytes": 5}))),
                    "get_upload" | "confirm_upload" | "abort_upload" => ("named", Some(pending.id), None),
                    "get_image" | "get_image_by_slug" | "delete_image" | "restore_image" => ("named", Some(image.id), None),
                    "update_image" => ("named", Some(image.id), Some(json!({"title": "mine"}))),
                    // No JSON: it is refused for what it sends, once it is known who asks.
                    "upload_images" | "put_image" => ("own", None, Some(json!({}))),
                    "create_api_token" => ("own", None, Some(json!({"name": "mine", "scopes": ["read"]}))),
                    "revoke_api_token" => ("named", Some(token.token.id), None),
                    "end_session" => ("named", Some(hers), None),
                    "create_album" => ("own", None, Some(json!({"images": [image.id]}))),
                    "get_album" | "delete_album" | "list_album_images" => ("named", Some(album.id), None),
                    "update_album" => ("named", Some(album.id), Some(json!({"title": "mine"}))),
                    "add_album_images" | "remove_album_images" | "move_album_images" => ("named", Some(album.id), Some(json!({"ids": [image.id]}))),
                    other => panic!("the operation {other} has no case here"),
                };
                let secured = operation["security"].as_array().unwrap().iter().any(|s| s["session"].is_array());
                assert_eq!(secured, kind != "open", "{name}");
                if kind == "open" { continue }
                let path = path.strip_prefix("/api/v1").unwrap().replace("{id}", &id.map(|id| id.to_string()).unwrap_or_default()).replace("{slug}", &image.slug).replace("{name}", "sharex");
                let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
                server.anonymous().send(method.clone(), &path, body.as_ref()).await.problem("unauthenticated");
                let mut forged = eve.clone();
                forged.session.as_mut().unwrap().token.pop();
                forged.send(method.clone(), &path, body.as_ref()).await.problem("unauthenticated");
                programs.may_do_what_is_said_and_no_more(operation, &method, &path, body.as_ref()).await;
                if kind == "many" {
                    let answer: Value = eve.send(method.clone(), &path, body.as_ref()).await.ok();
                    assert_eq!(answer, json!({"items": [{"id": image.id, "outcome": "not_found"}]}), "{name}");
                }
                if kind == "named" {
                    let mut theirs = eve.send(method.clone(), &path, body.as_ref()).await.problem("not_found");
                    let nobodys = path.replace(&id.unwrap().to_string(), &Uuid::now_v7().to_string()).replace(&image.slug, "nothing1234");
                    let mut nothing = eve.send(method, &nobodys, body.as_ref()).await.problem("not_found");
                    (theirs.request_id, nothing.request_id) = (None, None);
                    assert_eq!(theirs, nothing, "{name}");
                }
            }
        }
        assert_eq!(alice.list("").await.items, [image], "nothing of Alice's has changed");
        assert_eq!(alice.get("/albums").await.ok::<AlbumPage>().items, [album]);
        let hers = eve.get("/albums").await.ok::<AlbumPage>().items;
        assert!(hers.iter().all(|album| album.count == 0), "what is Alice's is in nobody else's album");
        assert!(alice.get(&format!("/uploads/{}", pending.id)).await.ok::<tintype_dto::Upload>().put.is_some());
    }

    async fn cursors_and_limits_changed_by_hand_are_refused(server: TestServer) {
        let alice = server.user().await;
        for limit in ["-1", "0", "201", "1000000000", "99999999999999999999", "x", "1.5", ""] {
            alice.get(&format!("/images?limit={limit}")).await.problem("validation_failed");
        }
        for cursor in ["x", "", "AAAA", "f39__________________________w", "%00", "' OR 1=1 --"] {
            alice.get(&format!("/images?cursor={cursor}")).await.problem("bad_cursor");
        }
        for bad in ["before=yesterday", "before=", "before=%2B12345-01-01T00:00:00Z", "visibility=public", "visibility=", "q=a%00b", "q=a%0Ab"] {
            alice.get(&format!("/images?{bad}")).await.problem("validation_failed");
        }
        alice.get(&format!("/images?q={}", "x".repeat(101))).await.problem("validation_failed");
        alice.get("/images/days?limit=5").await.problem("validation_failed");
        alice.get("/images?offset=5").await.problem("validation_failed");
        alice.delete(&format!("/images/{}?permanent=maybe", Uuid::now_v7())).await.problem("validation_failed");
        alice.get("/images/no-id").await.problem("not_found");
    }

    async fn odd_bodies_get_the_problem_that_fits(server: TestServer) {
        let client = server.user().await;
        let url = format!("{}/uploads", client.api);
        let token = client.session.as_ref().unwrap().token.clone();
        let send = async |content_type: &str, body: Vec<u8>| {
            client.send_to(Method::POST, &url, |r| r.bearer_auth(&token).header("content-type", content_type).body(body)).await
        };
        send("application/json", b"{".to_vec()).await.problem("bad_request");
        send("application/json", b"[]".to_vec()).await.problem("validation_failed");
        send("application/json", b"\xff\xfe".to_vec()).await.problem("bad_request");
        send("application/json", "[".repeat(60_000).into_bytes()).await.problem("bad_request");
        send("text/plain", b"{}".to_vec()).await.problem("unsupported_content_type");
        send("application/json", vec![b' '; 64 * 1024 + 1]).await.problem("body_too_large");
        send("application/json", vec![b' '; 900 * 1024]).await.problem("body_too_large");
        client.send(Method::PUT, "/uploads", None).await.problem("method_not_allowed");
        client.get("/nothing").await.problem("not_found");
        let gzip = client.send_to(Method::POST, &url, |r| r.bearer_auth(&token).header("content-type", "application/json").header("content-encoding", "gzip").body(vec![31, 139])).await;
        gzip.problem("bad_request");
    }
}

#[tokio::test]
async fn unknown_hosts_are_refused_and_loopback_aliases_are_sent_to_the_real_address() {
    let server = TestServer::start(On::Sqlite).await;
    let client = server.anonymous();
    let port = server.app_url().rsplit(':').next().unwrap().to_owned();
    let ask = async |path: &str, host: &str| {
        client
            .send_to(Method::GET, &format!("{}{path}", server.app_url()), |r| {
                r.header("host", host)
            })
            .await
    };
    ask("/", "evil.example").await.problem("unknown_host");
    ask("/api/v1/limits", "evil.example")
        .await
        .problem("unknown_host");
    let alias = ask("/images/5?x=1", &format!("localhost:{port}")).await;
    assert_eq!(
        (alias.status.as_u16(), alias.header("location")),
        (308, format!("{}/images/5?x=1", server.app_url()).as_str())
    );
    assert_eq!(
        ask("/api/v1/limits", &format!("localhost:{port}"))
            .await
            .status,
        200
    );
    let media = client
        .send_to(
            Method::GET,
            &format!("{}/i/x.jpg", server.media_url()),
            |r| r.header("host", "evil.example"),
        )
        .await;
    media.problem("unknown_host");
}

#[tokio::test]
async fn no_foreign_origin_may_read_the_api() {
    let server = TestServer::start(On::Sqlite).await;
    let client = server.user().await;
    for origin in [
        "https://evil.example",
        "null",
        &format!("{}.evil.example", server.app_url()),
    ] {
        let answer = client
            .send_to(Method::GET, &format!("{}/limits", client.api), |r| {
                r.header("origin", origin)
            })
            .await;
        assert!(
            answer.headers.get("access-control-allow-origin").is_none(),
            "{origin}"
        );
        let preflight = client
            .send_to(Method::OPTIONS, &format!("{}/me", client.api), |r| {
                r.header("origin", origin)
                    .header("access-control-request-method", "GET")
            })
            .await;
        assert!(
            preflight
                .headers
                .get("access-control-allow-origin")
                .is_none(),
            "{origin}"
        );
    }
}

#[tokio::test]
async fn forwarded_headers_and_request_ids_of_clients_change_nothing() {
    let server = TestServer::start(On::Sqlite).await;
    let client = server.user().await;
    let image = client.upload("a.jpg", &jpeg(1)).await;
    let token = client.session.as_ref().unwrap().token.clone();
    let answer = client
        .send_to(
            Method::GET,
            &format!("{}/images/{}", client.api, image.id),
            |r| {
                r.bearer_auth(token)
                    .header("x-forwarded-host", "evil.example")
                    .header("x-forwarded-proto", "https")
                    .header("x-request-id", "mine")
            },
        )
        .await;
    assert_eq!(answer.ok::<tintype_dto::Image>(), image);
    assert_ne!(answer.header("x-request-id"), "mine");
    assert_eq!(answer.header("x-request-id").len(), 36);
}

#[tokio::test]
async fn long_answers_are_compressed_for_those_who_ask() {
    let server = TestServer::start(On::Sqlite).await;
    let document = format!("{}/openapi.json", server.app_url());
    let client = server.user().await;
    let plain = client
        .send_to(Method::GET, &document, |request| request)
        .await;
    let packed = client
        .send_to(Method::GET, &document, |request| {
            request.header("accept-encoding", "gzip")
        })
        .await;
    assert_eq!(
        (
            plain.header("content-encoding"),
            packed.header("content-encoding")
        ),
        ("", "gzip")
    );
    assert!(packed.body.len() * 3 < plain.body.len() && packed.body.starts_with(&[0x1f, 0x8b]));
}

#[tokio::test]
async fn the_page_and_the_docs_have_their_policies() {
    let server = TestServer::start(On::Sqlite).await;
    let page = server.folder.path().join("page");
    std::fs::create_dir_all(page.join("assets")).unwrap();
    std::fs::write(page.join("index.html"), "<!doctype html>").unwrap();
    std::fs::write(page.join("assets/app-1234.js"), "1").unwrap();
    for path in [
        "/",
        "/images/019dd1a4-7c00-7000-8000-000000000001",
        "/login",
    ] {
        let answer = server.fetch(&format!("{}{path}", server.app_url())).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("cache-control")),
            (200, "no-cache"),
            "{path}"
        );
        assert_eq!(
            answer.header("link"),
            format!("<{}>; rel=preconnect", server.media_url())
        );
        let csp = answer.header("content-security-policy");
        for part in [
            "default-src 'none'",
            "script-src 'self' 'wasm-unsafe-eval'",
            "frame-ancestors 'none'",
            &format!("img-src 'self' blob: data: {}", server.media_url()),
        ] {
            assert!(csp.contains(part), "{part} in {csp}");
        }
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
    let asset = server
        .fetch(&format!("{}/assets/app-1234.js", server.app_url()))
        .await;
    assert_eq!(
        (asset.status.as_u16(), asset.header("cache-control")),
        (200, "public, max-age=31536000, immutable")
    );
    for path in [
        "/assets/none.js",
        "/../tintype.db",
        "/%2e%2e/tintype.db",
        "/favicon.ico",
    ] {
        server
            .fetch(&format!("{}{path}", server.app_url()))
            .await
            .problem("not_found");
    }
    let document: Value = server
        .fetch(&format!("{}/openapi.json", server.app_url()))
        .await
        .ok();
    assert_eq!(document["info"]["title"], "Tintype");
    let docs = server.fetch(&format!("{}/docs", server.app_url())).await;
    assert_eq!(docs.status, 200);
    let html = String::from_utf8(docs.body)
        .unwrap()
        .replace(&server.app_url(), "");
    assert!(
        !html.contains("src=\"http") && !html.contains("href=\"http"),
        "the docs work offline: {html}"
    );
}
