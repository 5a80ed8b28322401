//! The page as an app on a phone: pictures shared to it, and no network.

use serde_json::json;
use thirtyfour::Key;

use crate::browser::{Browser, PASSWORD};
use crate::files::TestFile;
use crate::server::Server;

/// What Android does with "Share": a form of files, posted to the address in the manifest.
const SHARE: &str = r#"
    const [files, done] = arguments;
    const form = new FormData();
    for (const { name, type, bytes } of files) form.append("files", new File([new Uint8Array(bytes)], name, { type }));
    fetch("/share", { method: "POST", body: form }).then(({ status, url }) => done(`${status} ${new URL(url).pathname}`));
"#;

/// How many pictures wait.
const WAITS: &str = "const done = arguments[0]; caches.open('tintype-shared').then(async (cache) => done((await cache.keys()).length))";

/// How many workers are registered.
const LEFT: &str = "const done = arguments[0]; navigator.serviceWorker.getRegistrations().then((all) => done(all.length))";

async fn share(browser: &Browser, files: &[TestFile]) {
    browser
        .holds(
            "the service worker to be in charge".into(),
            "return Boolean(navigator.serviceWorker.controller)",
            json!([]),
        )
        .await;
    let files: Vec<_> = files.iter().map(TestFile::for_script).collect();
    let answer = browser.async_script(SHARE, json!([files])).await;
    assert_eq!(answer, json!("200 /"));
}

fn pictures() -> [TestFile; 3] {
    ["a.gif", "b.gif", "\u{e9}t\u{e9} 3.gif"]
        .map(|name| TestFile::fixture("animated.gif").varied(name))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_phone_shares_waits_for_a_click() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    share(&alice, &pictures()).await;
    alice.goto("/").await;
    alice.sees("Upload these 3 pictures?").await;
    alice.press("Discard").await;
    alice.sees("Drop pictures anywhere").await;
    alice.goto("/").await;
    alice.sees("Drop pictures anywhere").await;
    share(&alice, &pictures()).await;
    alice.goto("/").await;
    alice.sees("Upload these 3 pictures?").await;
    alice.press("Upload 3 pictures").await;
    alice.sees("3 pictures uploaded").await;
    alice.sees_picture("\u{e9}t\u{e9} 3.gif").await;
    alice.goto("/").await;
    alice.sees_picture("a.gif").await;
    let open = alice.script(
        "return Boolean(document.querySelector('dialog[open]'))",
        json!([]),
    );
    assert_eq!(
        open.await,
        json!(false),
        "what was answered is not asked again"
    );
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_phone_shares_waits_for_who_logs_in() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    alice.script("localStorage.clear()", json!([])).await;
    share(&alice, &pictures()[..1]).await;
    alice.goto("/").await;
    alice.fill("Username or e-mail", "alice").await;
    alice.fill("Password", PASSWORD).await;
    alice.press("Log in").await;
    alice.sees("Upload this picture?").await;
    alice.press("Upload 1 picture").await;
    alice.sees("1 picture uploaded").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_a_click_is_not_shown_to_whoever_logs_in_next() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    share(&alice, &pictures()).await;
    alice.goto("/").await;
    alice.sees("Upload these 3 pictures?").await;
    alice.keys(Key::Escape).await;
    alice.press("Account").await;
    alice.press("Log out").await;
    alice.sees("Log in to Tintype").await;
    alice.register("bob").await;
    alice.goto("/").await;
    alice.sees("Drop pictures anywhere").await;
    let waits = alice.async_script(WAITS, json!([])).await;
    assert_eq!(waits, json!(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_network_the_page_itself_still_opens() {
    let mut server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    // The first visit loads before there is a worker; the second fills it.
    alice.goto("/settings").await;
    alice.goto("/").await;
    server.stop();
    alice.goto("/").await;
    alice.sees("Try again").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_switched_off_is_gone_after_a_visit() {
    let server = Server::start_with(|_| vec![("SERVER__SERVICE_WORKER", "false".into())]).await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    alice
        .holds(
            "no worker to be left".into(),
            "return performance.now() > 1000 && !navigator.serviceWorker.controller",
            json!([]),
        )
        .await;
    assert_eq!(alice.async_script(LEFT, json!([])).await, json!(0));
}
