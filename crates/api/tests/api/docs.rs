//! The page about the API: complete, without dead ends, and what it tells people to paste works.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::{Command, Stdio};

use tintype_dto::{Problem, ProblemCode};

use crate::pictures::jpeg;
use crate::server::{On, TestServer};

/// What stands between `before` and `after`, wherever it occurs.
fn between<'a>(html: &'a str, before: &str, after: &str) -> Vec<&'a str> {
    let parts = html.split(before).skip(1);
    parts
        .map(|part| part.split(after).next().unwrap())
        .collect()
}

async fn page(server: &TestServer) -> String {
    let answer = server.fetch(&format!("{}/docs", server.app_url())).await;
    assert_eq!(answer.status, 200);
    let policy = answer.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'self';"));
    String::from_utf8(answer.body).unwrap()
}

#[tokio::test]
async fn the_docs_name_everything_and_no_link_leads_nowhere() {
    let server = TestServer::start(On::Sqlite).await;
    let html = page(&server).await;
    let places: BTreeSet<_> = between(&html, " id=\"", "\"").into_iter().collect();
    let document = tintype_api::router::document().unwrap();
    let operations = document["paths"].as_object().unwrap().values();
    for operation in operations.flat_map(|item| item.as_object().unwrap().values()) {
        let name = operation["operationId"].as_str().unwrap();
        assert!(places.contains(name), "{name} is not there");
    }
    for name in document["components"]["schemas"]
        .as_object()
        .unwrap()
        .keys()
    {
        assert!(places.contains(&*format!("type-{name}")), "{name}");
    }
    for code in ProblemCode::ALL {
        let entry = Problem::new(*code, "").kind;
        let place = entry.strip_prefix("/docs#").unwrap();
        assert!(places.contains(place), "{entry} leads nowhere");
    }
    let unknown = server
        .anonymous()
        .get("/nothing")
        .await
        .problem("not_found");
    assert_eq!(unknown.kind, "/docs#error-not_found");
    // People are told of operations by their headings, and of changes by the list that the repository has.
    assert!(
        html.contains(
            "As <a href=\"#create_upload\">Announce a file</a> does, for up to 100 files."
        )
    );
    assert!(
        html.contains("<h3>0.1.0</h3>") && html.contains("Deprecation"),
        "{html}"
    );
    for link in between(&html, "href=\"", "\"") {
        match link.strip_prefix('#') {
            Some(place) => assert!(places.contains(place), "{link} leads nowhere"),
            // The page, which these tests have not built.
            None if ["/", "/settings"].contains(&link) => {}
            None => {
                let answer = server.fetch(&format!("{}{link}", server.app_url())).await;
                assert_ne!(answer.status, 404, "{link}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_docs_tell_people_to_paste_works() {
    let server = TestServer::start(On::Sqlite).await;
    let alice = server.user().await;
    let name = alice.session.as_ref().unwrap().user.username.clone();
    let html = page(&server).await;
    let folder = tempfile::TempDir::new().unwrap();
    std::fs::write(folder.path().join("photo.jpg"), jpeg(1)).unwrap();
    let pasted: Vec<_> = between(
        &html,
        "<pre class=\"shell\" tabindex=\"0\"><code>",
        "</code>",
    )
    .into_iter()
    .map(|code| {
        code.replace("&quot;", "\"")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&")
    })
    .collect();
    assert_eq!(pasted.len(), 8, "{html}");
    let script = format!("set -euo pipefail\n{}", pasted.join("\n"));
    let mut shell = Command::new("bash")
        .args(["-c", &script])
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let token = alice.make_token(&["upload"]).await.secret;
    let answers = format!("{token}\n{name}\ncorrect horse\n");
    let mut stdin = shell.stdin.take().unwrap();
    stdin.write_all(answers.as_bytes()).unwrap();
    drop(stdin);
    let done = tokio::task::spawn_blocking(move || shell.wait_with_output().unwrap());
    let done = done.await.unwrap();
    let said = String::from_utf8(done.stdout).unwrap();
    assert!(
        done.status.success(),
        "{script}\n{said}\n{}",
        String::from_utf8_lossy(&done.stderr)
    );
    let images = alice.list("").await.items;
    // The same picture twice in one request, and once step by step.
    assert_eq!(images.len(), 2);
    for image in images {
        assert!(said.contains(&image.links.original), "{said}");
    }
}
