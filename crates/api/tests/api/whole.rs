//! Files in one request, as the programs of the world send them.

use std::process::Command;
use std::time::Duration;

use reqwest::multipart::{Form, Part};
use reqwest::{Method, RequestBuilder};
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use tintype_core::db::{image, upload};
use tintype_dto::{Image, UploadedImages, Visibility};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::client::{Answer, Client};
use crate::pictures::{jpeg, png};
use crate::server::{On, TestServer, on_both_databases};

impl Client {
    /// POST of a body, or whatever else the request is made to be.
    async fn whole(
        &self,
        method: Method,
        query: &str,
        change: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Answer {
        let token = self.session.as_ref().map(|session| session.token.clone());
        let url = format!("{}/images{query}", self.api);
        self.send_to(method, &url, |request| {
            let request = token.into_iter().fold(request, RequestBuilder::bearer_auth);
            change(request)
        })
        .await
    }

    /// The same, with a key that says so when it is sent again.
    pub async fn try_upload_once(&self, bytes: &[u8]) -> Option<Answer> {
        let request = self.http.post(format!("{}/images", self.api));
        let request = request.header("idempotency-key", "once");
        let request = request.bearer_auth(&self.session.as_ref()?.token);
        Answer::try_read(request.body(bytes.to_vec()).send().await.ok()?).await
    }

    /// The bytes of one file, for a private image, if the server lives to answer.
    pub async fn try_upload_whole(&self, bytes: &[u8]) -> Option<Answer> {
        let request = self
            .http
            .post(format!("{}/images?visibility=private", self.api));
        let request = request.bearer_auth(&self.session.as_ref()?.token);
        Answer::try_read(request.body(bytes.to_vec()).send().await.ok()?).await
    }
}

/// A file of a form.
fn file(name: &str, bytes: &[u8]) -> Part {
    Part::bytes(bytes.to_vec()).file_name(name.to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_with_large_files_arrives_however_quickly_it_is_sent() {
    let server = TestServer::start(On::Sqlite).await;
    let alice = server.user().await;
    let bytes = large();
    for round in 0..10 {
        let files = ["a.png", "b.png", "c.png"];
        let form = files.iter().fold(Form::new(), |form, name| {
            form.part("file", file(name, &bytes))
        });
        let answer = alice.whole(Method::POST, "", |r| r.multipart(form)).await;
        assert_eq!(
            answer.status,
            200,
            "{round}: {}",
            String::from_utf8_lossy(&answer.body)
        );
    }
}

/// A picture that does not fit into the memory that is set aside for one.
fn large() -> Vec<u8> {
    let picture = ::image::RgbImage::from_fn(1200, 900, |x, y| {
        let noise = x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503).rotate_left(7);
        ::image::Rgb([
            noise.to_le_bytes()[0],
            noise.to_le_bytes()[1],
            noise.to_le_bytes()[2],
        ])
    });
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture
        .write_to(&mut bytes, ::image::ImageFormat::Png)
        .unwrap();
    let bytes = bytes.into_inner();
    assert!(bytes.len() > 1_500_000, "{}", bytes.len());
    bytes
}

on_both_databases! {
    async fn a_file_is_published_however_it_is_sent(server: TestServer) {
        let alice = server.user().await;
        let program = alice.program(&["upload"]).await;
        let of_form = program.whole(Method::POST, "", |r| r.multipart(Form::new().part("whatever", file("été.jpg", &jpeg(1))))).await;
        let raw = program.whole(Method::POST, "?filename=raw.jpg", |r| r.header("content-type", "application/x-www-form-urlencoded").body(jpeg(2))).await;
        let put = program.whole(Method::PUT, "", |r| r.header("x-tintype-filename", "put.png").body(png(3))).await;
        let spooled = program.whole(Method::POST, "?filename=large.png", |r| r.body(large())).await;
        let mut names = Vec::new();
        for answer in [&of_form, &raw, &put, &spooled] {
            assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
            assert_eq!(answer.header("cache-control"), "no-store");
            let uploaded: UploadedImages = answer.ok();
            let image = uploaded.image.clone().unwrap();
            let same = UploadedImages { delete_url: uploaded.delete_url.clone(), ..UploadedImages::of(vec![image.clone()], Vec::new()) };
            assert_eq!((same, uploaded.delete_url.is_some()), (uploaded.clone(), true));
            assert_eq!(server.fetch(uploaded.url.as_ref().unwrap()).await.status, 200);
            assert_eq!(alice.get(&format!("/images/{}", image.id)).await.ok::<Image>(), image);
            names.push(image.filename);
        }
        assert_eq!(names, ["été.jpg", "raw.jpg", "put.png", "large.png"]);
        // What a program finds by a name stands before everything else.
        let first = String::from_utf8(of_form.body).unwrap();
        assert!(first.starts_with(r#"{"url":"http"#), "{first}");
        let again = program.whole(Method::POST, "", |r| r.body(jpeg(2))).await.ok::<UploadedImages>();
        assert_eq!(again.id, raw.ok::<UploadedImages>().id, "the same picture is not kept twice");
        let spool = server.folder.path().join("spool");
        assert_eq!(std::fs::read_dir(spool).map_or(0, Iterator::count), 0, "what was spooled has no name");
    }

    async fn files_of_one_request_are_answered_each_on_its_own(server: TestServer) {
        let alice = server.user().await;
        let form = |second: Part| Form::new().part("list", file("1.jpg", &jpeg(1))).part("list", second).part("list", file("3.png", &png(3)));
        let all: UploadedImages = alice.whole(Method::POST, "", |r| r.multipart(form(file("2.jpg", &jpeg(2))))).await.ok();
        let names: Vec<_> = all.images.iter().map(|image| image.filename.as_str()).collect();
        assert_eq!((names, all.success, all.result.len()), (vec!["1.jpg", "2.jpg", "3.png"], true, 3));
        let text = alice.whole(Method::POST, "?format=text", |r| r.multipart(form(file("2.jpg", &jpeg(2))))).await;
        assert_eq!(String::from_utf8(text.body).unwrap(), all.result.join("\n") + "\n");

        let bob = server.user().await;
        let some = bob.whole(Method::POST, "", |r| r.multipart(form(file("2.txt", b"no picture")))).await;
        let problem = some.problem("unsupported_media");
        assert!(problem.detail.starts_with("2.txt: "), "{}", problem.detail);
        let refusal: Value = some.json();
        assert_eq!((refusal["success"].as_bool(), refusal["message"].as_str()), (Some(false), Some(&*problem.detail)));
        assert_eq!(refusal["result"].as_array().unwrap().len(), 2);
        assert_eq!(bob.list("").await.items.len(), 2, "what was published stays");
    }

    async fn an_image_is_what_the_options_say_from_its_first_moment_on(server: TestServer) {
        let alice = server.user().await;
        // The server stores the file, and dies before it is confirmed: the worker publishes it.
        let options = "?visibility=private&title=Secret";
        let request = alice.whole(Method::POST, options, |r| r.body(jpeg(1)));
        let answer = request.await.ok::<UploadedImages>().image.unwrap();
        assert_eq!((answer.title.as_deref(), answer.visibility), (Some("Secret"), Visibility::Private));
        let row = upload::Entity::find_by_id(answer.id).one(server.db()).await.unwrap().unwrap();
        assert_eq!((row.title.as_deref(), row.visibility), (Some("Secret"), Some(image::Visibility::Private)));
        assert_eq!(alice.list("?q=secret").await.items, [answer]);
    }

    async fn a_field_of_a_form_that_nobody_has_filled_is_no_file(server: TestServer) {
        let alice = server.user().await;
        let form = Form::new().part("empty", file("", b"")).part("file", file("a.jpg", &jpeg(1)));
        let answer: UploadedImages = alice.whole(Method::POST, "", |r| r.multipart(form)).await.ok();
        assert_eq!(answer.images.len(), 1);
    }

    async fn options_come_in_three_ways(server: TestServer) {
        let alice = server.user().await;
        let form = Form::new().text("alt", "A lake").part("file", file("a.jpg", &jpeg(1))).text("title", "Summer");
        let answer = alice.whole(Method::POST, "?title=by%20query&visibility=private", |r| r.header("x-tintype-alt", "by header").multipart(form)).await;
        let image = answer.ok::<UploadedImages>().image.unwrap();
        assert_eq!((image.title.as_deref(), image.alt.as_deref(), image.visibility), (Some("Summer"), Some("A lake"), Visibility::Private));
        assert_eq!(alice.list("").await.items[0].title.as_deref(), Some("Summer"));
        assert_eq!(answer.ok::<UploadedImages>().page_url, None, "a private image has no page");
        // One that was there already is changed too, by whoever may.
        let same = alice.whole(Method::POST, "?visibility=unlisted", |r| r.body(jpeg(1))).await.ok::<UploadedImages>().image.unwrap();
        assert_eq!((same.id, same.title.as_deref(), same.visibility), (image.id, Some("Summer"), Visibility::Unlisted));
        let program = alice.program(&["upload", "read"]).await;
        let refused = program.whole(Method::POST, "?visibility=private", |r| r.body(jpeg(1))).await;
        refused.problem("insufficient_scope");
        assert_eq!(program.whole(Method::POST, "", |r| r.body(jpeg(1))).await.ok::<UploadedImages>().id, Some(image.id));
        let own = program.whole(Method::POST, "", |r| r.body(jpeg(2))).await.ok::<UploadedImages>();
        let hidden = program.whole(Method::POST, "?visibility=private", |r| r.body(jpeg(2))).await.ok::<UploadedImages>();
        assert_eq!((hidden.id, hidden.image.unwrap().visibility), (own.id, Visibility::Private));
    }

    async fn what_is_wrong_is_said_and_leaves_nothing(server: TestServer) {
        let alice = server.user().await;
        let program = alice.program(&["upload"]).await;
        let refused = async |query: &str, form: Form, code: &str| {
            let answer = program.whole(Method::POST, query, |r| r.multipart(form)).await;
            answer.problem(code);
            assert_eq!(answer.json::<Value>()["success"], false);
        };
        let picture = || Form::new().part("file", file("a.jpg", &jpeg(1)));
        refused("", Form::new(), "bad_request").await;
        refused("", Form::new().text("title", "no file"), "validation_failed").await;
        refused("", Form::new().part("file", file("a.jpg", b"")), "validation_failed").await;
        refused("", picture().text("colour", "red"), "validation_failed").await;
        refused("", picture().text("title", "x".repeat(5000)), "validation_failed").await;
        refused("", picture().text("title", "two\nlines"), "validation_failed").await;
        refused("?visibility=public", picture(), "validation_failed").await;
        refused("?format=xml", picture(), "validation_failed").await;
        let many = (0..21).fold(Form::new(), |form, n| form.part("file", file("a.jpg", &jpeg(n))));
        refused("", many, "validation_failed").await;
        let raw = async |content_type: &str, body: Vec<u8>| {
            program.whole(Method::POST, "", |r| r.header("content-type", content_type.to_owned()).body(body)).await
        };
        raw("application/json", b"{}".to_vec()).await.problem("unsupported_content_type");
        raw("multipart/form-data", jpeg(1)).await.problem("bad_request");
        raw("multipart/form-data; boundary=x", b"no form".to_vec()).await.problem("bad_request");
        raw("image/jpeg", b"no picture".to_vec()).await.problem("unsupported_media");
        let capitals = program.whole(Method::POST, "", |r| r.header("content-type", "Multipart/Form-Data; boundary=x").body("--x--\r\n")).await;
        capitals.problem("validation_failed");
        raw("image/jpeg", Vec::new()).await.problem("validation_failed");
        raw("image/jpeg", jpeg(1)[..200].to_vec()).await.problem("image_damaged");
        let most = usize::try_from(server.config.limits.max_bytes).unwrap();
        raw("image/jpeg", vec![0xff; most + 1]).await.problem("file_too_large");
        server.anonymous().whole(Method::POST, "", |r| r.body(jpeg(1))).await.problem("unauthenticated");
        alice.program(&["read", "write", "delete"]).await.whole(Method::POST, "", |r| r.body(jpeg(1))).await.problem("insufficient_scope");

        server.work().await;
        assert!(alice.list("").await.items.is_empty());
        let left: Vec<_> = server.objects().await.into_iter().filter(|key| key.starts_with("images/")).collect();
        assert!(left.is_empty(), "{left:?}");
        assert_eq!(alice.get("/me").await.ok::<Value>()["usage"]["bytes"], 0);
    }
}

/// A request head as a program writes it, with a body that is longer than what follows.
async fn begin(server: &TestServer, token: &str, boundary: &str, length: usize) -> TcpStream {
    let address = server.app_url().replace("http://", "");
    let mut stream = TcpStream::connect(&address).await.unwrap();
    let head = format!(
        "POST /api/v1/images HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\
         content-type: multipart/form-data; boundary={boundary}\r\ncontent-length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

fn part(boundary: &str, bytes: &[u8]) -> Vec<u8> {
    let head = format!(
        "--{boundary}\r\ncontent-disposition: form-data; name=\"f\"; filename=\"a.jpg\"\r\n\r\n"
    );
    [head.as_bytes(), bytes, b"\r\n"].concat()
}

#[tokio::test]
async fn a_file_that_is_announced_as_too_large_is_refused_before_it_is_sent() {
    let server = TestServer::start(On::Sqlite).await;
    let alice = server.user().await;
    let token = alice.session.as_ref().unwrap().token.clone();
    let address = server.app_url().replace("http://", "");
    let mut stream = TcpStream::connect(&address).await.unwrap();
    let head = format!(
        "PUT /api/v1/images HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\ncontent-length: 1000000000000\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = vec![0; 4096];
    let read = tokio::time::timeout(Duration::from_secs(10), stream.read(&mut answer));
    let length = read.await.expect("it is answered at once").unwrap();
    let answer = String::from_utf8_lossy(&answer[..length]);
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[tokio::test]
async fn nothing_of_a_request_is_announced_before_all_of_it_has_arrived() {
    let server = TestServer::start(On::Sqlite).await;
    let alice = server.user().await;
    let token = alice.session.as_ref().unwrap().token.clone();
    let first = part("x", &jpeg(1));
    let mut stream = begin(&server, &token, "x", first.len() * 2).await;
    stream.write_all(&first).await.unwrap();
    stream
        .write_all(
            b"--x\r\ncontent-disposition: form-data; name=\"f\"; filename=\"b.jpg\"\r\n\r\nhalf",
        )
        .await
        .unwrap();
    // Long enough for the worker, if there were something for it.
    tokio::time::sleep(Duration::from_millis(300)).await;
    server.clock.advance(chrono::TimeDelta::minutes(5));
    server.work().await;
    let usage = alice.get("/me").await.ok::<Value>()["usage"].clone();
    assert_eq!(usage, json!({"images": 0, "bytes": 0}));
    drop(stream);
    server.clock.advance(chrono::TimeDelta::hours(2));
    server.work().await;
    assert!(alice.list("").await.items.is_empty() && server.objects().await.is_empty());
}

#[tokio::test]
async fn whoever_loses_the_right_while_sending_has_sent_in_vain() {
    let server = TestServer::start(On::Sqlite).await;
    let alice = server.user().await;
    let made = alice.make_token(&["upload"]).await;
    let body = [part("x", &jpeg(1)), b"--x--\r\n".to_vec()].concat();
    let mut stream = begin(&server, &made.secret, "x", body.len()).await;
    stream.write_all(&body[..200]).await.unwrap();
    alice.delete(&format!("/me/tokens/{}", made.token.id)).await;
    stream.write_all(&body[200..]).await.unwrap();
    let mut answer = vec![0; 4096];
    let read = stream.read(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer[..read]);
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    server.clock.advance(chrono::TimeDelta::minutes(5));
    server.work().await;
    assert!(alice.list("").await.items.is_empty());
}

#[tokio::test]
async fn headers_of_a_part_without_end_are_cut_short() {
    let server = TestServer::start(On::Sqlite).await;
    let alice = server.user().await;
    let token = alice.session.as_ref().unwrap().token.clone();
    for start in ["", "--x\r\nx-pad: "] {
        let mut stream = begin(&server, &token, "x", 20_000_000).await;
        stream.write_all(start.as_bytes()).await.unwrap();
        let mut sent = 0;
        let piece = vec![b'a'; 64 * 1024];
        while stream.write_all(&piece).await.is_ok() && sent < 20_000_000 - piece.len() - 20 {
            sent += piece.len();
        }
        let mut answer = vec![0; 4096];
        let read = stream.read(&mut answer).await.unwrap_or_default();
        let answer = String::from_utf8_lossy(&answer[..read]);
        assert!(
            sent < 15_000_000 || answer.starts_with("HTTP/1.1 400"),
            "{sent}: {answer}"
        );
    }
}

#[tokio::test]
async fn slow_senders_keep_nobody_else_from_uploading() {
    let server = TestServer::start(On::Sqlite).await;
    let (alice, bob) = (server.user().await, server.user().await);
    let token = alice.session.as_ref().unwrap().token.clone();
    let mut slow = Vec::new();
    for who in [&*token, "tt_nobody"] {
        for _ in 0..40 {
            let mut stream = begin(&server, who, "x", 1_000_000).await;
            stream.write_all(&part("x", b"slow")).await.unwrap();
            slow.push(stream);
        }
    }
    let upload = bob.whole(Method::POST, "", |r| r.body(jpeg(1)));
    let upload = tokio::time::timeout(Duration::from_secs(5), upload).await;
    assert_eq!(upload.expect("bob waits for nobody").status, 200);
    let preflight = bob.whole(Method::OPTIONS, "", |r| r).await;
    assert_eq!(preflight.status, 204);
}

#[tokio::test]
async fn one_who_hangs_up_after_the_last_byte_has_uploaded_as_was_asked() {
    let server = TestServer::start(On::Sqlite).await;
    let alice = server.user().await;
    let token = alice.session.as_ref().unwrap().token.clone();
    let private =
        b"--x\r\ncontent-disposition: form-data; name=\"visibility\"\r\n\r\nprivate\r\n--x--\r\n";
    let body = [part("x", &jpeg(1)), private.to_vec()].concat();
    let mut stream = begin(&server, &token, "x", body.len()).await;
    stream.write_all(&body).await.unwrap();
    drop(stream);
    let published = async {
        loop {
            let items = alice.list("").await.items;
            if items
                .iter()
                .any(|image| image.visibility == Visibility::Private)
            {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), published)
        .await
        .expect("it is private");
}

#[tokio::test]
async fn a_length_that_lies_is_no_file() {
    let server = TestServer::start(On::Sqlite).await;
    let alice = server.user().await;
    let token = alice.session.as_ref().unwrap().token.clone();
    let body = [part("x", &jpeg(1)), b"--x--\r\n".to_vec()].concat();
    // Shorter than what comes: the rest is no request either.
    let mut stream = begin(&server, &token, "x", body.len() - 20).await;
    stream.write_all(&body).await.unwrap();
    let mut answer = vec![0; 4096];
    let read = stream.read(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer[..read]);
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    server.work().await;
    assert!(alice.list("").await.items.is_empty());
}

#[tokio::test]
async fn scripts_of_every_origin_may_upload_with_a_token_and_nothing_else() {
    let server = TestServer::start(On::Sqlite).await;
    let alice = server.user().await;
    let ask = async |method: Method, path: &str| {
        let url = format!("{}{path}", alice.api);
        alice
            .send_to(method, &url, |r| {
                r.header("origin", "https://elsewhere.example")
                    .header("access-control-request-method", "POST")
                    .header("access-control-request-headers", "authorization")
            })
            .await
    };
    let preflight = ask(Method::OPTIONS, "/images").await;
    assert_eq!(preflight.status, 204);
    assert_eq!(preflight.header("access-control-allow-origin"), "*");
    assert_eq!(
        preflight.header("access-control-allow-methods"),
        "POST, PUT"
    );
    assert!(
        preflight
            .header("access-control-allow-headers")
            .contains("authorization")
    );
    assert!(
        preflight
            .headers
            .get("access-control-allow-credentials")
            .is_none()
    );
    let uploaded = alice
        .whole(Method::POST, "", |r| {
            r.header("origin", "null").body(jpeg(1))
        })
        .await;
    assert_eq!(
        (
            uploaded.status.as_u16(),
            uploaded.header("access-control-allow-origin")
        ),
        (200, "*")
    );
    let refused = ask(Method::POST, "/images").await;
    assert_eq!(
        (
            refused.status.as_u16(),
            refused.header("access-control-allow-origin")
        ),
        (401, "*")
    );
    for (method, path) in [
        (Method::GET, "/images"),
        (Method::POST, "/uploads"),
        (Method::OPTIONS, "/uploads"),
    ] {
        let other = ask(method, path).await;
        assert!(
            other.headers.get("access-control-allow-origin").is_none(),
            "{path}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn curl_uploads_in_all_its_ways() {
    let server = TestServer::start(On::Sqlite).await;
    let alice = server.user().await;
    let secret = alice.make_token(&["upload"]).await.secret;
    let folder = tempfile::TempDir::new().unwrap();
    for n in 1..=4 {
        std::fs::write(folder.path().join(format!("{n}.jpg")), jpeg(n)).unwrap();
    }
    let url = format!("{}/images", alice.api);
    let text = format!("{url}?format=text");
    let ways: [&[&str]; 4] = [
        &["-F", "file=@1.jpg", &url],
        &[
            "-F",
            "a=@2.jpg",
            "-F",
            "b=@3.jpg",
            "-F",
            "format=text",
            &url,
        ],
        &["-T", "4.jpg", &text],
        &["--data-binary", "@1.jpg", &url],
    ];
    for (way, lines) in ways.into_iter().zip([None, Some(2), Some(1), None]) {
        let mut curl = Command::new("curl");
        curl.args(["-sS", "--fail-with-body", "-H"])
            .arg(format!("Authorization: Bearer {secret}"))
            .args(way)
            .current_dir(folder.path());
        let done = tokio::task::spawn_blocking(move || curl.output().unwrap());
        let done = done.await.unwrap();
        let said = String::from_utf8(done.stdout).unwrap();
        assert!(done.status.success(), "{way:?}: {said}");
        match lines {
            Some(lines) => assert_eq!(
                said.lines().filter(|line| line.starts_with("http")).count(),
                lines,
                "{way:?}: {said}"
            ),
            None => assert_eq!(
                serde_json::from_str::<Value>(&said).unwrap()["success"],
                json!(true),
                "{way:?}"
            ),
        }
    }
    assert_eq!(alice.list("").await.items.len(), 4);
}

#[tokio::test]
async fn a_token_in_the_address_may_upload_and_nothing_else() {
    let server = TestServer::start(On::Sqlite).await;
    let alice = server.user().await;
    let (secret, more) = (
        alice.make_token(&["upload"]).await.secret,
        alice.make_token(&["upload", "read"]).await.secret,
    );
    let anyone = server.anonymous();
    // As Obsidian sends it: no header, and it wants exactly 200.
    let form = Form::new()
        .part("list", file("a.jpg", &jpeg(1)))
        .part("list", file("b.jpg", &jpeg(2)));
    let answer = anyone
        .whole(Method::POST, &format!("?key={secret}"), |r| {
            r.multipart(form)
        })
        .await;
    let said: Value = answer.ok();
    assert_eq!(
        (answer.status.as_u16(), said["success"].as_bool()),
        (200, Some(true))
    );
    assert_eq!(said["result"].as_array().unwrap().len(), 2);
    let refused = async |who: &Client, query: &str, code: &str| {
        who.whole(Method::POST, query, |r| r.body(jpeg(3)))
            .await
            .problem(code);
    };
    refused(&anyone, &format!("?key={more}"), "insufficient_scope").await;
    refused(&anyone, "?key=tt_unknown", "unauthenticated").await;
    refused(&anyone, "?key=", "unauthenticated").await;
    refused(&alice, &format!("?key={secret}"), "bad_request").await;
    let token = alice.session.as_ref().unwrap().token.clone();
    refused(&anyone, &format!("?key={token}"), "unauthenticated").await;
    assert_eq!(alice.list("").await.items.len(), 2);
}

on_both_databases! {
    async fn a_delete_url_asks_before_it_deletes_and_ends_with_its_token(server: TestServer) {
        let alice = server.user().await;
        let made = alice.make_token(&["upload"]).await;
        let program = alice.with_secret(&made.secret);
        let upload = async |n: u8| {
            let uploaded: UploadedImages = program.whole(Method::POST, &format!("?title=%3Cb%3E{n}"), |r| r.body(jpeg(n))).await.ok();
            uploaded.delete_url.unwrap()
        };
        let ask = async |method: Method, url: &str| server.anonymous().send_to(method, url, |r| r).await;
        let (first, second, third) = (upload(1).await, upload(2).await, upload(3).await);
        assert!(first.starts_with(&format!("{}/d/", server.app_url())), "{first}");
        for _ in 0..2 {
            let page = ask(Method::GET, &first).await;
            assert_eq!(page.status, 200);
            assert_eq!((page.header("cache-control"), page.header("referrer-policy"), page.header("x-robots-tag")), ("no-store", "no-referrer", "noindex"));
            let html = String::from_utf8(page.body).unwrap();
            assert!(html.contains("&lt;b&gt;1") && html.contains("method=\"post\""), "{html}");
        }
        assert_eq!(alice.list("").await.items.len(), 3);
        // Neither another image's secret nor a piece of the right one opens it.
        let (address, secret) = first.split_once("?secret=").unwrap();
        let (_, others) = second.split_once("?secret=").unwrap();
        for wrong in [others, &secret[..20], "", "x"] {
            assert_eq!(ask(Method::POST, &format!("{address}?secret={wrong}")).await.status, 404, "{wrong}");
        }
        ask(Method::POST, address).await.problem("validation_failed");
        assert_eq!(alice.list("").await.items.len(), 3);

        assert_eq!(ask(Method::POST, &first).await.status, 200);
        assert_eq!(ask(Method::POST, &first).await.status, 404);
        assert_eq!(ask(Method::DELETE, &second).await.status, 204);
        assert_eq!(alice.list("").await.items.len(), 1);
        alice.delete(&format!("/me/tokens/{}", made.token.id)).await;
        assert_eq!(ask(Method::GET, &third).await.status, 404);
        assert_eq!(ask(Method::DELETE, &third).await.status, 404);
        // A session has no such address to give away.
        let own: UploadedImages = alice.whole(Method::POST, "", |r| r.body(jpeg(4))).await.ok();
        assert_eq!(own.delete_url, None);
    }
}
