//! The module that is loaded when something of it is opened.

use serde_json::json;

use crate::browser::Browser;
use crate::server::Server;

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_loaded_says_so_and_can_be_loaded_again() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.cdp("Network.enable", json!({})).await;
    let bypass = json!({"bypass": true});
    alice.cdp("Network.setBypassServiceWorker", bypass).await;
    let block = |urls: &[&str]| json!({ "urls": urls });
    alice
        .cdp("Network.setBlockedURLs", block(&["*/assets/later-*"]))
        .await;
    alice.register("alice").await;
    // The gallery needs nothing of it.
    alice.sees("Drop pictures anywhere").await;
    alice.follow("Albums").await;
    alice.sees("This page could not be loaded").await;
    alice.cdp("Network.setBlockedURLs", block(&[])).await;
    alice.press("Load again").await;
    alice.sees("No albums yet").await;
    alice.is_at("/albums").await;
}
