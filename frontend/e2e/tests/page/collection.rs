use crate::browser::Browser;
use crate::files::TestFile;
use crate::server::Server;

const NAMES: [&str; 4] = [
    "alpha.png",
    "landscape.jpg",
    "photo.webp",
    "portrait-gps.jpg",
];

/// A picture that is in its own size as it opens is shown in twice that.
const ZOOMED: &str = "return Math.round(document.querySelector('.stage.zoomed .main')?.getBoundingClientRect().width) === 300";

#[tokio::test(flavor = "multi_thread")]
async fn many_pictures_are_deleted_and_brought_back_at_once() {
    let server = Server::start().await;
    let alice = gallery(&server).await;
    // Both ends of the grid, and with Shift everything between them.
    alice.tick("Select: alpha.png").await;
    alice.sees("1 selected").await;
    alice.tick("Select: landscape.jpg").await;
    alice.sees("2 selected").await;
    alice.press("Delete").await;
    alice.sees("2 pictures deleted.").await;
    alice.no_longer_sees_picture("alpha.png").await;
    alice.sees_picture("photo.webp").await;
    alice.goto("/").await;
    alice.sees_picture("photo.webp").await;
    alice.no_longer_sees_picture("landscape.jpg").await;

    alice.tick("Select: photo.webp").await;
    alice.press("Delete").await;
    alice.sees("1 picture deleted.").await;
    alice.press("Undo").await;
    alice.sees_picture("photo.webp").await;
    alice.tick("Select: photo.webp").await;
    alice.press("Clear selection").await;
    alice.no_longer_sees("1 selected").await;
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_picture_opens_for_its_owner_alone() {
    let server = Server::start().await;
    let alice = gallery(&server).await;
    alice.follow("alpha.png").await;
    let link = alice.value("Link").await;
    alice.press("Zoom to full size").await;
    alice
        .holds(
            "the picture in twice its own size".into(),
            ZOOMED,
            serde_json::json!([]),
        )
        .await;
    alice.press("Zoom to full size").await;
    alice.fill("Description", "A glass of water\n").await;
    alice.sees("Saved").await;
    alice.press("HTML").await;
    assert!(
        alice
            .value("HTML")
            .await
            .contains(r#"alt="A glass of water""#)
    );
    alice.tick("Only you").await;
    alice
        .sees("Links you copy stop working after 5 minutes")
        .await;
    assert_eq!(reqwest::get(&link).await.unwrap().status(), 404);
    alice.press("Link").await;
    let signed = alice.value("Link").await;
    assert_ne!(signed, link);
    assert_eq!(reqwest::get(&signed).await.unwrap().status(), 200);
    alice.goto("/").await;
    alice.sees_picture("alpha.png").await;
    alice
        .holds(
            "a lock on it".into(),
            "return document.querySelectorAll('.tile [aria-label=\"Only you\"]').length === 1",
            serde_json::json!([]),
        )
        .await;

    alice.tick("Select: alpha.png").await;
    alice.tick("Select: photo.webp").await;
    alice.press("Anyone with the link").await;
    alice.no_longer_sees("2 selected").await;
    alice
        .sees("Now anyone with the link can see 1 picture.")
        .await;
    assert_eq!(reqwest::get(&link).await.unwrap().status(), 200);
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_are_found_by_words_while_one_types() {
    let server = Server::start().await;
    let alice = gallery(&server).await;
    alice.keys("?").await;
    alice.sees("Choose files to upload").await;
    alice.press("Done").await;
    alice.no_longer_sees("Choose files to upload").await;
    alice.keys("/").await;
    alice
        .holds(
            "the focus in the search".into(),
            "return document.activeElement.type === 'search'",
            serde_json::json!([]),
        )
        .await;
    alice.fill("Search", "LAND").await;
    alice.no_longer_sees_picture("alpha.png").await;
    alice.sees_picture("landscape.jpg").await;
    alice.fill("Search", "no such words").await;
    alice.sees("No pictures match").await;
    alice.press("Show all pictures").await;
    alice.sees_picture("alpha.png").await;
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

async fn gallery(server: &Server) -> Browser {
    let alice = Browser::start(server).await;
    alice.register("alice").await;
    alice.drop_files(&NAMES.map(TestFile::fixture)).await;
    alice.sees("4 pictures uploaded").await;
    alice.press("Clear").await;
    alice
}
