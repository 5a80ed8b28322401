//! A tray that can be trusted.

use serde_json::json;

use crate::browser::{Browser, PASSWORD};
use crate::files::TestFile;
use crate::server::Server;
use crate::wire::{Puts, Wire};

fn gif(name: &str) -> TestFile {
    TestFile::fixture("animated.gif").varied(name)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_stands_on_top_of_any_number_that_did_not() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    let mut files = vec![TestFile::new("thesis.pdf", "application/pdf", "%PDF-1.7\n")];
    files.extend((0..55).map(|n| gif(&format!("g{n:02}.gif"))));
    alice.drop_files(&files).await;
    alice.sees("55 uploaded, 1 not").await;
    alice
        .holds(
            "the failed one in the first row".into(),
            "return document.querySelector('.tray li').innerText.includes('thesis.pdf')",
            json!([]),
        )
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_drop_is_counted_and_copied_by_itself_and_a_row_opens_its_picture() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.allow_clipboard().await;
    alice.register("alice").await;
    let first: Vec<_> = (0..3).map(|n| gif(&format!("a{n}.gif"))).collect();
    alice.drop_files(&first).await;
    alice.sees("3 pictures uploaded").await;
    alice
        .drop_files(&[first[0].clone(), gif("b1.gif"), gif("b2.gif")])
        .await;
    alice.sees("2 uploaded, 1 already uploaded").await;
    alice.press("Copy all").await;
    alice.sees("Copied").await;
    assert_eq!(alice.clipboard().await.lines().count(), 3);
    alice.press("Copy all 3 pictures").await;
    alice.follow("b2.gif").await;
    alice.sees("Who can see it").await;
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_off_is_tried_again_by_itself() {
    let (server, wire) = Wire::before_a_server().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    wire.set(Puts::Cut);
    alice.drop_files(&[gif("a.gif")]).await;
    alice.tray_says("a.gif", "Trying again").await;
    wire.set(Puts::Pass);
    alice.tray_says("a.gif", "Done").await;
    assert_eq!(alice.console_errors(&["net::ERR_"]).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_queue_says_what_it_still_finishes() {
    let (server, wire) = Wire::before_a_server().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    wire.set(Puts::Hang);
    let files: Vec<_> = (0..6).map(|n| gif(&format!("a{n}.gif"))).collect();
    alice.drop_files(&files).await;
    alice.sees("2 waiting").await;
    alice.press("Pause").await;
    alice.sees("Finishing 4, then paused").await;
    wire.set(Puts::Pass);
    alice.sees("Paused").await;
    alice.press("Resume").await;
    alice.sees("6 pictures uploaded").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_session_ended_the_log_in_says_how_many_files_wait_and_leaving_asks() {
    const LEAVE: &str =
        "return !window.dispatchEvent(new Event('beforeunload', { cancelable: true }))";
    let mut server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    server.forget_sessions().await;
    alice.drop_files(&[gif("a.gif"), gif("b.gif")]).await;
    alice
        .sees("2 files wait, and are uploaded once you have logged in.")
        .await;
    assert_eq!(alice.script(LEAVE, json!([])).await, json!(true));
    alice.fill("Username or e-mail", "alice").await;
    alice.fill("Password", PASSWORD).await;
    alice.press("Log in").await;
    alice.sees("2 pictures uploaded").await;
    assert_eq!(alice.script(LEAVE, json!([])).await, json!(false));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_pasted_into_a_field_or_comes_with_text_is_no_picture_to_upload() {
    const PASTE: &str = r#"
        const [selector, text, bytes] = arguments;
        const clipboardData = new DataTransfer();
        if (text) clipboardData.setData("text/plain", text);
        clipboardData.items.add(new File([new Uint8Array(bytes)], "image.png", { type: "image/png" }));
        const paste = new ClipboardEvent("paste", { bubbles: true, cancelable: true, clipboardData });
        document.querySelector(selector).dispatchEvent(paste);
        return paste.defaultPrevented;
    "#;
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    alice.drop_files(&[gif("a.gif")]).await;
    alice.tray_says("a.gif", "Done").await;
    let cells = TestFile::fixture("alpha.png").bytes;
    let paste = async |selector: &str, text: &str| {
        alice.script(PASTE, json!([selector, text, cells])).await
    };
    assert_eq!(paste("input[type=search]", "1\t2").await, json!(false));
    assert_eq!(paste("main", "1\t2").await, json!(false));
    alice.no_longer_sees_picture("image.png").await;
    assert_eq!(paste("main", "").await, json!(true));
    alice.sees_picture("image.png").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_that_fails_leaves_the_wall_and_comes_back_with_the_network() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    for name in ["alpha.png", "landscape.jpg"] {
        alice.drop_files(&[TestFile::fixture(name)]).await;
        alice.tray_says(name, "Done").await;
    }
    alice.press("Clear").await;
    alice.network(Some(0)).await;
    alice.fill("Search", "land").await;
    alice.sees("No answer from the server").await;
    alice.sees_picture("alpha.png").await;
    alice.network(None).await;
    alice.no_longer_sees_picture("alpha.png").await;
    alice.sees_picture("landscape.jpg").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn days_are_counted_alike_by_headings_and_by_the_jump() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    // Half past two in the morning of the next day, where this device is.
    let zone = json!({"timezoneId": "Pacific/Kiritimati"});
    alice.cdp("Emulation.setTimezoneOverride", zone).await;
    alice.goto("/").await;
    alice.drop_files(&[TestFile::fixture("alpha.png")]).await;
    alice.tray_says("alpha.png", "Done").await;
    let today = alice
        .script(
            "const now = new Date(); return [now.getFullYear(), now.getMonth() + 1, now.getDate()].map(n => String(n).padStart(2, '0')).join('-')",
            json!([]),
        )
        .await;
    let yesterday = alice
        .script(
            "const now = new Date(Date.now() - 86400000); return [now.getFullYear(), now.getMonth() + 1, now.getDate()].map(n => String(n).padStart(2, '0')).join('-')",
            json!([]),
        )
        .await;
    alice
        .pick_day("Jump to a day", today.as_str().unwrap())
        .await;
    alice.sees_picture("alpha.png").await;
    alice.sees("Today").await;
    alice
        .pick_day("Jump to a day", yesterday.as_str().unwrap())
        .await;
    alice.sees("No pictures match").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_system_chooses_the_colours_what_is_chosen_can_still_be_told() {
    const COLOURS: &str = "return [...document.querySelectorAll('.links [role=tab]')].map(tab => getComputedStyle(tab).backgroundColor)";
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    alice.drop_files(&[TestFile::fixture("alpha.png")]).await;
    alice.tray_says("alpha.png", "Done").await;
    let forced = json!({"features": [{"name": "forced-colors", "value": "active"}]});
    alice.cdp("Emulation.setEmulatedMedia", forced).await;
    alice.follow("alpha.png").await;
    alice.sees("Who can see it").await;
    let colours = alice.script(COLOURS, json!([])).await;
    assert_ne!(colours[0], colours[1], "{colours}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_registration_is_closed_nobody_is_led_to_it() {
    let server = Server::start_with(|_| vec![("AUTH__REGISTRATION", "closed".into())]).await;
    let alice = Browser::start(&server).await;
    alice.goto("/login").await;
    alice.sees("Ask the operator").await;
    alice.no_longer_sees("Create account").await;
}
