//! Settings that programs are given: each is used as its program uses it.

use std::io::Write;
use std::process::{Command, Stdio};

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::Value;
use tintype_dto::UploadClients;

use crate::client::{Answer, Client};
use crate::pictures::{jpeg, png};
use crate::server::{On, TestServer};

impl Client {
    async fn settings(&self, name: &str) -> String {
        let answer = self.get(&format!("/clients/{name}")).await;
        assert_eq!(answer.status, 200, "{name}");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert!(
            answer
                .header("content-disposition")
                .starts_with("attachment; filename=")
        );
        String::from_utf8(answer.body).unwrap()
    }

    async fn json_settings(&self, name: &str) -> Value {
        serde_json::from_str(&self.settings(name).await).unwrap()
    }
}

/// A form with one file, as programs send it.
async fn post(url: &str, field: &str, header: Option<(&str, &str)>, bytes: Vec<u8>) -> Answer {
    let part = Part::bytes(bytes).file_name("Screenshot 1.png");
    let form = Form::new().part(field.to_owned(), part);
    let request = reqwest::Client::new().post(url).multipart(form);
    let request = header.into_iter().fold(request, |request, (name, value)| {
        request.header(name, value)
    });
    Answer::read(request.send().await.unwrap()).await
}

/// What stands at `url` in an answer, fetched.
async fn shows_a_picture(server: &TestServer, url: &Value) {
    assert_eq!(
        server.fetch(url.as_str().unwrap()).await.status,
        200,
        "{url}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sharex_uploads_with_its_file() {
    let server = TestServer::start(On::Sqlite).await;
    let ada = server.user().await;
    let program = ada.program(&["upload"]).await;
    let settings = program.json_settings("sharex").await;
    let text = |name: &str| settings[name].as_str().unwrap().to_owned();
    assert_eq!(
        (text("RequestMethod"), text("Body")),
        ("POST".into(), "MultipartFormData".into())
    );
    let header = settings["Headers"]["Authorization"].as_str().unwrap();
    let send = async |bytes| {
        let header = Some(("authorization", header));
        post(&text("RequestURL"), &text("FileFormName"), header, bytes).await
    };
    let published = send(png(1)).await;
    assert_eq!(published.status, 200);
    let answer: Value = published.json();
    // `{json:path}`: ShareX asks for a scalar at that path.
    let at = |name: &str| {
        let path = text(name);
        let path = path
            .strip_prefix("{json:")
            .unwrap()
            .strip_suffix('}')
            .unwrap();
        answer[path].clone()
    };
    for link in ["URL", "ThumbnailURL", "DeletionURL"] {
        shows_a_picture(&server, &at(link)).await;
    }
    assert_eq!(
        ada.list("").await.items.len(),
        1,
        "what opens a link deletes nothing"
    );
    let refused = send(b"no picture".to_vec()).await;
    assert_eq!(refused.status, 422);
    let message = text("ErrorMessage");
    let path = message
        .strip_prefix("{json:")
        .unwrap()
        .strip_suffix('}')
        .unwrap();
    assert!(
        refused.json::<Value>()[path]
            .as_str()
            .unwrap()
            .contains("JPEG")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn programs_with_a_form_of_their_own_upload_with_their_files() {
    let server = TestServer::start(On::Sqlite).await;
    let ada = server.user().await;
    let program = ada.program(&["upload"]).await;

    let ishare = program.json_settings("ishare").await;
    let header = ishare["headers"]["Authorization"].as_str().unwrap();
    let url = ishare["requesturl"].as_str().unwrap();
    let field = ishare["fileformname"].as_str().unwrap();
    let answer: Value = post(url, field, Some(("authorization", header)), jpeg(1))
        .await
        .ok();
    assert_eq!(ishare["responseurl"], "{{url}}");
    shows_a_picture(&server, &answer["url"]).await;

    let picgo = program.json_settings("picgo").await;
    let header: Value = serde_json::from_str(picgo["customHeader"].as_str().unwrap()).unwrap();
    let header = header["Authorization"].as_str().unwrap();
    let (url, field) = (
        picgo["url"].as_str().unwrap(),
        picgo["paramName"].as_str().unwrap(),
    );
    let answer: Value = post(url, field, Some(("authorization", header)), jpeg(2))
        .await
        .ok();
    shows_a_picture(&server, &answer[picgo["jsonPath"].as_str().unwrap()]).await;

    let upic = program.json_settings("upic").await;
    let header = &upic["headers"][0];
    let header = (
        header["key"].as_str().unwrap(),
        header["value"].as_str().unwrap(),
    );
    let (url, field) = (
        upic["url"].as_str().unwrap(),
        upic["field"].as_str().unwrap(),
    );
    let answer: Value = post(url, field, Some(header), jpeg(3)).await.ok();
    let path = upic["resultPath"].as_array().unwrap();
    let found = path
        .iter()
        .fold(&answer, |value, name| &value[name.as_str().unwrap()]);
    shows_a_picture(&server, found).await;

    // Obsidian sends no header, calls its field `list`, and wants exactly 200 with `result`.
    let obsidian = program.json_settings("obsidian").await;
    let sent = post(
        obsidian["uploadServer"].as_str().unwrap(),
        "list",
        None,
        jpeg(4),
    )
    .await;
    assert_eq!(sent.status, 200);
    let answer: Value = sent.json();
    assert_eq!(answer["success"], true);
    shows_a_picture(&server, &answer["result"][0]).await;

    for name in ["dropshare", "shortcut"] {
        let text = program.settings(name).await;
        let line = |start: &str| {
            let mut lines = text
                .lines()
                .filter_map(|line| line.trim().split_once(start));
            lines.next().unwrap().1.trim().to_owned()
        };
        let authorization = if name == "dropshare" {
            "Authorization:"
        } else {
            "Authorization ="
        };
        let url = if name == "dropshare" {
            line("Upload URL:")
        } else {
            line("contents of")
        };
        let header = line(authorization);
        let bytes = if name == "dropshare" {
            jpeg(5)
        } else {
            jpeg(6)
        };
        let answer: Value = post(&url, "file", Some(("authorization", &header)), bytes)
            .await
            .ok();
        shows_a_picture(&server, &answer["url"]).await;
    }
    assert_eq!(ada.list("").await.items.len(), 6);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_script_prints_one_address_a_line() {
    let server = TestServer::start(On::Sqlite).await;
    let ada = server.user().await;
    let program = ada.program(&["upload"]).await;
    let folder = tempfile::TempDir::new().unwrap();
    let script = folder.path().join("tintype-upload");
    std::fs::write(&script, program.settings("shell").await).unwrap();
    let (one, other) = (
        folder.path().join("one.jpg"),
        folder.path().join("odd, \"name\"; 10:30 \\.png"),
    );
    std::fs::write(&one, jpeg(1)).unwrap();
    std::fs::write(&other, png(2)).unwrap();
    let run = async |files: Vec<std::path::PathBuf>, input: Vec<u8>| {
        let mut child = Command::new("sh")
            .arg(&script)
            .args(files)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(&input).unwrap();
        let ended = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap());
        let ended = ended.await.unwrap();
        (
            ended.status.success(),
            String::from_utf8(ended.stdout).unwrap(),
        )
    };
    let (succeeded, printed) = run(vec![one, other], Vec::new()).await;
    assert!(succeeded, "{printed}");
    let (succeeded, piped) = run(Vec::new(), jpeg(3)).await;
    assert!(succeeded, "{piped}");
    let lines: Vec<_> = printed.lines().chain(piped.lines()).collect();
    assert_eq!(lines.len(), 3, "{printed}{piped}");
    for line in lines {
        assert_eq!(server.fetch(line).await.status, 200, "{line}");
    }
    let (succeeded, printed) = run(
        vec![script.clone(), folder.path().join("one.jpg")],
        Vec::new(),
    )
    .await;
    assert!(!succeeded, "one is no picture");
    assert_eq!(
        printed.lines().count(),
        1,
        "the other is sent all the same: {printed}"
    );
}

#[tokio::test]
async fn settings_hold_the_token_that_asks_and_no_other() {
    let server = TestServer::start(On::Sqlite).await;
    let ada = server.user().await;
    let listed: UploadClients = server.anonymous().get("/clients").await.ok();
    let strong = ada.program(&["upload", "read"]).await;
    let reader = ada.program(&["read"]).await;
    for client in &listed.items {
        assert!(!client.about.is_empty() && !client.file_name.contains(['/', '"']));
        let path = format!("/clients/{}", client.name);
        let of_person = ada.settings(&client.name).await;
        assert!(
            of_person.contains("YOUR_API_TOKEN") && !of_person.contains("tt_"),
            "{of_person}"
        );
        assert!(!of_person.contains(&ada.session.as_ref().unwrap().token));
        let answer = strong.get(&path).await;
        if client.by_address {
            answer.problem("insufficient_scope");
        } else {
            let text = String::from_utf8(answer.body).unwrap();
            assert!(
                text.contains(&strong.session.as_ref().unwrap().token),
                "{text}"
            );
        }
        reader.get(&path).await.problem("insufficient_scope");
        server
            .anonymous()
            .get(&path)
            .await
            .problem("unauthenticated");
    }
    for nothing in ["nothing", "%ff"] {
        let path = format!("/clients/{nothing}");
        ada.send(Method::GET, &path, None)
            .await
            .problem("not_found");
    }
}
