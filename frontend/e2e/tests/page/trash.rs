//! What was deleted, and the way back.

use serde_json::json;

use crate::browser::Browser;
use crate::files::TestFile;
use crate::server::Server;

/// How many bytes the user takes up.
const USED: &str = r#"
const done = arguments[0];
const headers = { Authorization: "Bearer " + localStorage.getItem("tintype.session") };
fetch("/api/v1/me", { headers }).then(answer => answer.json()).then(me => done(me.usage.bytes));
"#;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_deleted_is_seen_in_the_trash_and_comes_back_or_goes_for_good() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    let names = ["alpha.png", "landscape.jpg", "photo.webp"];
    for name in names {
        alice.drop_files(&[TestFile::fixture(name)]).await;
        alice.tray_says(name, "Done").await;
    }
    alice.press("Clear").await;
    alice.press("Account").await;
    alice.press("Trash").await;
    alice.is_at("/trash").await;
    alice.sees("The trash is empty.").await;
    alice.follow("Tintype, all pictures").await;
    for name in names {
        alice.tick(&format!("Select: {name}")).await;
    }
    alice.press("Delete").await;
    alice.sees("3 pictures deleted.").await;
    alice.goto("/trash").await;
    alice.sees("7 days left").await;
    alice
        .holds(
            "pictures one can recognise".into(),
            "const shown = [...document.querySelectorAll('.trash li img')]; return shown.length === 3 && shown.every(img => img.naturalWidth > 10)",
            json!([]),
        )
        .await;
    alice.press("Restore alpha.png").await;
    alice.sees("1 picture is back.").await;
    // The focus stays among the rows.
    alice
        .holds(
            "the next row to have the focus".into(),
            "return !!document.activeElement.closest('.trash li')",
            json!([]),
        )
        .await;
    alice.press("Delete for good photo.webp").await;
    alice.press("Keep").await;
    alice.press("Delete for good photo.webp").await;
    alice.press("Delete now photo.webp").await;
    alice.sees("1 picture deleted for good.").await;
    alice.press("Empty the trash").await;
    alice.press("Keep").await;
    alice.press("Empty the trash").await;
    alice.press("Delete everything for good").await;
    alice.sees("The trash is empty.").await;
    alice.follow("Tintype, all pictures").await;
    alice.sees_picture("alpha.png").await;
    alice.no_longer_sees_picture("landscape.jpg").await;
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

pub async fn a_full_storage_leads_to_the_trash_and_emptying_that_makes_room() {
    let server = Server::start_with(|_| vec![("LIMITS__QUOTA_BYTES", "100000".into())]).await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    alice
        .drop_files(&[TestFile::fixture("landscape.jpg")])
        .await;
    alice.tray_says("landscape.jpg", "Done").await;
    alice.press("Clear").await;
    alice.tick("Select: landscape.jpg").await;
    alice.press("Delete").await;
    alice.sees("1 picture deleted.").await;
    let files = ["one.gif", "two.gif"].map(|name| TestFile::fixture("animated.gif").varied(name));
    alice.drop_files(&files).await;
    alice.sees("Your storage is full.").await;
    alice.sees("1 uploaded, 1 not").await;
    alice.follow("Empty the trash").await;
    alice.is_at("/trash").await;
    alice.press("Empty the trash").await;
    alice.press("Delete everything for good").await;
    alice.sees("1 picture deleted for good.").await;
    // The server clears it away soon.
    while alice.async_script(USED, json!([])).await.as_u64() > Some(60_000) {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    alice.press("Clear").await;
    alice.drop_files(&files).await;
    // Which of the two had room the first time is theirs to settle.
    alice.sees("1 uploaded, 1 already uploaded").await;
    assert_eq!(alice.console_errors(&["403"]).await, [""; 0]);
}
