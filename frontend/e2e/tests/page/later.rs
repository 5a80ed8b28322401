//! The module that is loaded when something of it is opened.

use serde_json::json;

use crate::browser::Browser;
use crate::files::TestFile;
use crate::server::Server;
use crate::tour::links;

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

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_that_is_opened_by_its_address_is_shown_before_what_belongs_around_it() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    let file = TestFile::fixture("landscape.jpg");
    alice.drop_files(std::slice::from_ref(&file)).await;
    alice.tray_says(&file.name, "Done").await;
    let (address, _) = links(&alice, &file.name).await;
    alice.is_here_for_the_first_time().await;
    alice.cdp("Network.enable", json!({})).await;
    // The other module takes a second.
    let slow = json!({"offline": false, "latency": 20, "downloadThroughput": 80_000, "uploadThroughput": 80_000});
    alice.cdp("Network.emulateNetworkConditions", slow).await;
    alice
        .script("location.assign(arguments[0])", json!([address]))
        .await;
    let shown = "const [image] = document.querySelectorAll('.viewer[aria-busy] .soon'); return !!image && image.naturalWidth > 0";
    alice.holds("the picture".into(), shown, json!([])).await;
    let place = "const { x, y, width, height } = document.querySelector('.viewer img').getBoundingClientRect(); return [x, y, width, height].map(Math.round)";
    let first = alice.script(place, json!([])).await;
    alice.sees("Who can see it").await;
    assert_eq!(alice.script(place, json!([])).await, first);
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}
