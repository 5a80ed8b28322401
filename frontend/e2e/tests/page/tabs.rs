//! What other tabs and other devices do, seen when one comes back.

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::files::TestFile;
use crate::server::Server;

/// Deletes the picture of this name as another tab would.
const DELETE: &str = r#"
const [name, done] = arguments;
const headers = { Authorization: "Bearer " + localStorage.getItem("tintype.session") };
fetch("/api/v1/images?q=" + name, { headers })
    .then(answer => answer.json())
    .then(page => fetch("/api/v1/images/" + page.items[0].id, { method: "DELETE", headers }))
    .then(answer => done(answer.status));
"#;

/// The tab was in the background and is in front again.
const COMES_BACK: &str = "document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))";

/// The answers to lists since the start, by status.
const ANSWERS: &str = "return performance.getEntriesByType('resource').filter(one => one.name.includes('/api/v1/images?limit=')).map(one => one.responseStatus)";

async fn answers(browser: &Browser) -> Vec<Value> {
    let told = browser.script(ANSWERS, json!([])).await;
    told.as_array().cloned().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tab_that_comes_back_shows_what_others_did_and_asks_for_little() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    for name in ["alpha.png", "landscape.jpg"] {
        alice.drop_files(&[TestFile::fixture(name)]).await;
        alice.tray_says(name, "Done").await;
    }
    alice.goto("/").await;
    alice.sees_picture("alpha.png").await;
    // Nothing has happened: the answer says so, and is empty.
    alice.script(COMES_BACK, json!([])).await;
    alice
        .holds(
            "one empty answer".into(),
            "return performance.getEntriesByType('resource').some(one => one.name.includes('/api/v1/images?') && one.responseStatus === 304)",
            json!([]),
        )
        .await;
    // Another tab deletes one, and uploads one.
    alice.async_script(DELETE, json!(["alpha"])).await;
    let other = Browser::start(&server).await;
    other.goto("/login").await;
    other.fill("Username or e-mail", "alice").await;
    other.fill("Password", crate::browser::PASSWORD).await;
    other.press("Log in").await;
    other.sees_picture("landscape.jpg").await;
    other.drop_files(&[TestFile::fixture("photo.webp")]).await;
    other.tray_says("photo.webp", "Done").await;
    alice.script(COMES_BACK, json!([])).await;
    alice.sees_picture("photo.webp").await;
    alice.no_longer_sees_picture("alpha.png").await;
    assert_eq!(answers(&alice).await.len(), 3);
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_in_another_order_and_of_a_search_catches_up_and_takes_in_what_is_uploaded() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    for name in ["alpha.png", "landscape.jpg"] {
        alice.drop_files(&[TestFile::fixture(name)]).await;
        alice.tray_says(name, "Done").await;
    }
    for address in ["/?sort=size", "/?sort=oldest"] {
        alice.goto(address).await;
        alice.sees_picture("landscape.jpg").await;
    }
    // What is uploaded comes last here, without a question to anyone.
    alice.drop_files(&[TestFile::fixture("photo.webp")]).await;
    alice.sees_picture("photo.webp").await;
    alice.goto("/?sort=size").await;
    alice.sees_picture("photo.webp").await;
    alice.async_script(DELETE, json!(["alpha"])).await;
    alice.script(COMES_BACK, json!([])).await;
    alice.no_longer_sees_picture("alpha.png").await;
    alice.sees_picture("landscape.jpg").await;
    // A search takes in what it would find, and nothing else.
    alice.goto("/?q=square").await;
    alice.sees("No pictures match").await;
    for name in ["round.gif", "square.gif"] {
        let file = TestFile::fixture("animated.gif").varied(name);
        alice.drop_files(&[file]).await;
        alice.tray_says(name, "Done").await;
    }
    alice.sees_picture("square.gif").await;
    alice.no_longer_sees_picture("round.gif").await;
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_picture_that_another_tab_deletes_says_that_it_is_gone() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    alice.drop_files(&[TestFile::fixture("alpha.png")]).await;
    alice.tray_says("alpha.png", "Done").await;
    alice.press("Clear").await;
    alice.follow("alpha.png").await;
    alice.sees("Who can see it").await;
    alice.async_script(DELETE, json!(["alpha"])).await;
    alice.script(COMES_BACK, json!([])).await;
    alice.sees("This picture is not here").await;
    alice.follow("Back to all pictures").await;
    alice.sees("Drop pictures anywhere").await;
    assert_eq!(alice.console_errors(&["404"]).await, [""; 0]);
}
