//! A tray that can be trusted.

use serde_json::json;

use crate::browser::{Browser, PASSWORD};
use crate::files::TestFile;
use crate::server::Server;
use crate::wire::{Puts, Wire};

fn gif(name: &str) -> TestFile {
    TestFile::fixture("animated.gif").varied(name)
}

pub async fn what_failed_stands_on_top_of_any_number_that_did_not() {
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

pub async fn a_paused_queue_says_what_it_still_finishes() {
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

pub async fn after_a_session_ended_the_log_in_says_how_many_files_wait_and_leaving_asks() {
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

pub async fn what_is_pasted_into_a_field_or_comes_with_text_is_no_picture_to_upload() {
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

pub async fn a_search_that_fails_leaves_the_wall_and_comes_back_with_the_network() {
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
    // Where it is seen, however long the wall is.
    alice
        .holds(
            "the message above the wall".into(),
            "const box = what => document.querySelector(what).getBoundingClientRect(); return box('.grid-footer').bottom <= box('.grid').top",
            json!([]),
        )
        .await;
    alice.network(None).await;
    alice.no_longer_sees_picture("alpha.png").await;
    alice.sees_picture("landscape.jpg").await;
}

pub async fn where_the_system_chooses_the_colours_what_is_chosen_can_still_be_told() {
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

#[tokio::test(flavor = "multi_thread")]
async fn of_the_same_picture_three_times_in_one_drop_there_is_one() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    let copies = ["a.jpg", "b.jpg", "c.jpg"].map(|name| TestFile {
        name: name.into(),
        ..TestFile::fixture("landscape.jpg")
    });
    alice.drop_files(&copies).await;
    alice.sees("1 uploaded, 2 already uploaded").await;
    alice
        .holds(
            "one picture".into(),
            "return document.querySelectorAll('.tile').length === 1",
            json!([]),
        )
        .await;
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_comes_into_the_wall_at_once() {
    const COUNT: &str = r#"
        window.counts = [];
        const count = () => {
            const now = document.querySelectorAll(".tile").length;
            if (now !== counts.at(-1)) counts.push(now);
        };
        count();
        new MutationObserver(count).observe(document.querySelector("main"), { subtree: true, childList: true });
    "#;
    const SHOWN: &str = "return [...document.querySelectorAll('.tile img')].map(img => img.alt)";
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    alice.drop_files(&[gif("first.gif")]).await;
    alice.tray_says("first.gif", "Done").await;
    alice.sees_picture("first.gif").await;
    alice.script(COUNT, json!([])).await;
    let files: Vec<_> = (0..6).map(|n| gif(&format!("a{n}.gif"))).collect();
    alice.drop_files(&files).await;
    alice.sees("6 pictures uploaded").await;
    alice.sees_picture("a5.gif").await;
    assert_eq!(
        alice.script("return counts", json!([])).await,
        json!([1, 7])
    );
    // In the order in which they were dropped, whichever was checked first; and so they stay.
    let dropped = [
        "a0.gif",
        "a1.gif",
        "a2.gif",
        "a3.gif",
        "a4.gif",
        "a5.gif",
        "first.gif",
    ];
    assert_eq!(alice.script(SHOWN, json!([])).await, json!(dropped));
    alice.goto("/").await;
    alice.sees_picture("a5.gif").await;
    assert_eq!(alice.script(SHOWN, json!([])).await, json!(dropped));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_screen_stays_awake_while_files_are_on_their_way() {
    const WATCH: &str = r#"
        window.locks = [];
        const request = async kind => {
            locks.push(kind);
            return { release: async () => locks.push("released") };
        };
        Object.defineProperty(navigator, "wakeLock", { value: { request } });
    "#;
    let (server, wire) = Wire::before_a_server().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    alice.script(WATCH, json!([])).await;
    wire.set(Puts::Hang);
    alice.drop_files(&[gif("a.gif")]).await;
    alice
        .holds(
            "a lock".into(),
            "return locks.join() === 'screen'",
            json!([]),
        )
        .await;
    wire.set(Puts::Pass);
    alice.tray_says("a.gif", "Done").await;
    alice
        .holds(
            "its end".into(),
            "return locks.join() === 'screen,released'",
            json!([]),
        )
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_wants_it_has_the_links_in_the_clipboard_when_an_upload_ends() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.allow_clipboard().await;
    alice.register("alice").await;
    alice.goto("/settings").await;
    alice.tick("Copy the links when an upload ends").await;
    alice.goto("/").await;
    alice.drop_files(&[gif("a.gif"), gif("b.gif")]).await;
    alice.sees("2 links copied").await;
    let copied = alice.clipboard().await;
    assert_eq!(
        copied
            .lines()
            .filter(|line| line.starts_with("http"))
            .count(),
        2,
        "{copied}"
    );
}
