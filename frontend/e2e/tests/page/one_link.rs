//! One link for many pictures.

use serde_json::json;

use crate::browser::Browser;
use crate::files::TestFile;
use crate::server::Server;

/// What is shown of an album: the names of its pictures, in their order.
const SHOWN: &str = "return [...document.querySelectorAll('main img')].map(img => img.alt)";

const ONE_ALBUM: &str = "return document.querySelectorAll('.albums li').length === 1";

/// Three pictures that arrived together, and their tray.
async fn three() -> (Server, Browser) {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.allow_clipboard().await;
    alice.register("alice").await;
    let files = ["p1.gif", "p2.gif", "p3.gif"];
    let files = files.map(|name| TestFile::fixture("animated.gif").varied(name));
    alice.drop_files(&files).await;
    alice.sees("3 pictures uploaded").await;
    (server, alice)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_uploaded_together_gets_one_link() {
    let (_server, alice) = three().await;
    alice.press("One link").await;
    alice.sees("One link for 3 pictures.").await;
    let link = alice.clipboard().await;
    // The same pictures have one link.
    alice.sees("One link").await;
    alice.press("One link").await;
    alice.sees("Copied").await;
    assert_eq!(alice.clipboard().await, link);
    alice.follow("Albums").await;
    alice.holds("one album".into(), ONE_ALBUM, json!([])).await;
    alice.goto(&link).await;
    alice.sees("3 pictures").await;
    let shown = alice.script(SHOWN, json!([])).await;
    assert_eq!(shown, json!(["p1.gif", "p2.gif", "p3.gif"]));
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_selected_gets_one_link_that_shows_nothing_private_and_can_be_taken_back() {
    let (_server, alice) = three().await;
    alice.press("Clear").await;
    alice.tick("Select: p3.gif").await;
    alice.press("Only you").await;
    alice.sees("Now only you can see 1 picture.").await;
    alice.press("Dismiss").await;
    for name in ["p2.gif", "p3.gif"] {
        alice.tick(&format!("Select: {name}")).await;
    }
    alice.press("One link").await;
    alice
        .sees("One link for 2 pictures. It does not show 1 that only you can see.")
        .await;
    let link = alice.clipboard().await;
    let seen = |answer: reqwest::Response| async {
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let (status, page) = seen(reqwest::get(&link).await.unwrap()).await;
    assert!(
        status == 200 && page.contains("p2.gif") && !page.contains("p3.gif"),
        "{page}"
    );
    alice.press("Undo").await;
    alice.sees("That link has ended.").await;
    assert_eq!(reqwest::get(&link).await.unwrap().status(), 404);
    // The pictures are where they were.
    alice.sees_picture("p2.gif").await;
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}
