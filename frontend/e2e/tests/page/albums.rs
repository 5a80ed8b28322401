//! Albums, as their owner sees them.

use std::time::Duration;

use serde_json::json;
use thirtyfour::Key;
use tokio::time::sleep;

use crate::browser::Browser;
use crate::files::TestFile;
use crate::server::Server;

/// Clicks that are further apart are two.
const DOUBLE_CLICK: Duration = Duration::from_millis(700);

/// The cover of the first album in the list.
const COVER: &str = "return document.querySelector('.albums img')?.src";
const IS_COVER: &str = "return document.querySelector('.albums img')?.src === arguments[0]";

/// Three pictures in an album that was made in the page.
async fn album(server: &Server) -> Browser {
    let alice = Browser::start(server).await;
    alice.allow_clipboard().await;
    alice.register("alice").await;
    alice.follow("Albums").await;
    alice.sees("No albums yet").await;
    alice.press("New album").await;
    alice.sees("Drop pictures into this album").await;
    // What is typed is its title.
    alice
        .holds(
            "the title to wait for it".into(),
            "return document.activeElement.getAttribute('aria-label') === 'Title'",
            json!([]),
        )
        .await;
    alice.drop_files(&pictures()).await;
    alice.sees("3 pictures added to the album.").await;
    alice.press("Clear").await;
    alice
}

fn pictures() -> [TestFile; 3] {
    ["p1.gif", "p2.gif", "p3.gif"].map(|name| TestFile::fixture("animated.gif").varied(name))
}

/// The pictures of the wall stand in this order.
async fn stand(browser: &Browser, names: &[&str]) {
    const ORDER: &str = "const tiles = [...document.querySelectorAll('.tile')].map(tile => [tile.getBoundingClientRect().left, tile.querySelector('img')?.alt]); \
        return JSON.stringify(tiles.sort((a, b) => a[0] - b[0]).map(tile => tile[1])) === JSON.stringify(arguments[0])";
    let order = format!("the order {names:?}");
    browser.holds(order, ORDER, json!([names])).await;
}

async fn is_in_an_album(browser: &Browser) {
    const HERE: &str = "return location.pathname.startsWith('/albums/')";
    browser
        .holds("an album to be open".into(), HERE, json!([]))
        .await;
}

/// Moves the focused picture.
async fn move_by(browser: &Browser, arrow: Key) {
    let keys = browser.driver.action_chain().key_down(Key::Alt);
    let keys = keys.send_keys(arrow).key_up(Key::Alt);
    keys.perform().await.unwrap();
}

/// What strangers see of the album whose link is in the clipboard.
async fn shown(browser: &Browser) -> Vec<String> {
    let page = reqwest::get(browser.clipboard().await).await.unwrap();
    let page = page.text().await.unwrap();
    let alts = page.split("alt=\"").skip(1);
    alts.filter_map(|rest| rest.split('"').next())
        .map(str::to_owned)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_dropped_into_an_album_is_in_it_in_the_order_of_the_drop_and_has_one_link() {
    let server = Server::start().await;
    let alice = album(&server).await;
    stand(&alice, &["p1.gif", "p2.gif", "p3.gif"]).await;
    alice.fill("Title", "Lakes\n").await;
    alice.sees("Saved").await;
    alice.press("Copy link").await;
    alice.sees("Copied").await;
    assert_eq!(shown(&alice).await, ["p1.gif", "p2.gif", "p3.gif"]);
    alice.follow("Albums").await;
    alice.is_at("/albums").await;
    alice.sees("3 pictures").await;
    alice.follow("Lakes").await;
    stand(&alice, &["p1.gif", "p2.gif", "p3.gif"]).await;
    // What was dropped there is also among all pictures, and what is dropped among those is not in the album.
    alice.follow("Pictures").await;
    alice.sees_picture("p2.gif").await;
    let other = TestFile::fixture("animated.gif").varied("p4.gif");
    alice.drop_files(&[other]).await;
    alice.sees("1 picture uploaded").await;
    alice.follow("Albums").await;
    alice.sees("3 pictures").await;
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_album_is_put_in_order_by_mouse_and_by_keys() {
    let server = Server::start().await;
    let alice = album(&server).await;
    let (from, to) = (alice.tile("p3.gif").await, alice.tile("p1.gif").await);
    // Its left half: before it.
    alice.draw(&[from, (to.0 - 20.0, to.1)]).await;
    stand(&alice, &["p3.gif", "p1.gif", "p2.gif"]).await;
    is_in_an_album(&alice).await;
    alice.driver.refresh().await.unwrap();
    stand(&alice, &["p3.gif", "p1.gif", "p2.gif"]).await;
    alice.tab_to("p3.gif").await;
    move_by(&alice, Key::Right).await;
    stand(&alice, &["p1.gif", "p3.gif", "p2.gif"]).await;
    // It kept the focus.
    move_by(&alice, Key::Right).await;
    stand(&alice, &["p1.gif", "p2.gif", "p3.gif"]).await;
    move_by(&alice, Key::Right).await;
    move_by(&alice, Key::Left).await;
    stand(&alice, &["p1.gif", "p3.gif", "p2.gif"]).await;
    alice.press("Copy link").await;
    alice.sees("Copied").await;
    assert_eq!(shown(&alice).await, ["p1.gif", "p3.gif", "p2.gif"]);
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finger_that_rests_on_a_picture_carries_it_and_what_is_selected() {
    let server = Server::start().await;
    let alice = album(&server).await;
    alice.has_fingers().await;
    let (from, to) = (alice.tile("p3.gif").await, alice.tile("p1.gif").await);
    alice.carry(from, (to.0 - 20.0, to.1)).await;
    stand(&alice, &["p3.gif", "p1.gif", "p2.gif"]).await;
    alice.sees("1 selected").await;
    // One that is selected takes the others along.
    alice.tap(alice.tile("p1.gif").await).await;
    alice.sees("2 selected").await;
    let (from, to) = (alice.tile("p1.gif").await, alice.tile("p2.gif").await);
    alice.carry(from, (to.0 + 20.0, to.1)).await;
    stand(&alice, &["p2.gif", "p3.gif", "p1.gif"]).await;
    alice.driver.refresh().await.unwrap();
    stand(&alice, &["p2.gif", "p3.gif", "p1.gif"]).await;
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_out_goes_back_where_it_stood_and_what_is_selected_goes_to_the_start() {
    let server = Server::start().await;
    let alice = album(&server).await;
    alice.tick("Select: p2.gif").await;
    alice.press("Take out").await;
    alice.sees("1 picture taken out of the album.").await;
    stand(&alice, &["p1.gif", "p3.gif"]).await;
    alice.press("Undo").await;
    stand(&alice, &["p1.gif", "p2.gif", "p3.gif"]).await;
    // So does what was deleted.
    alice.tick("Select: p1.gif").await;
    alice.press("Delete").await;
    stand(&alice, &["p2.gif", "p3.gif"]).await;
    alice.press("Undo").await;
    stand(&alice, &["p1.gif", "p2.gif", "p3.gif"]).await;
    alice.tick("Select: p3.gif").await;
    alice.press("Use as cover").await;
    alice.sees("This picture stands for the album now.").await;
    // Taken out and put back, it stands for the album again.
    alice.press("Take out").await;
    stand(&alice, &["p1.gif", "p2.gif"]).await;
    alice.press("Undo").await;
    stand(&alice, &["p1.gif", "p2.gif", "p3.gif"]).await;
    alice.follow("Albums").await;
    alice
        .holds(
            "a cover".into(),
            "return !!document.querySelector('.albums img')",
            json!([]),
        )
        .await;
    let cover = alice.script(COVER, json!([])).await;
    alice.follow("3 pictures").await;
    alice.tick("Select: p3.gif").await;
    alice.press("To the start").await;
    stand(&alice, &["p3.gif", "p1.gif", "p2.gif"]).await;
    alice.follow("Albums").await;
    alice
        .holds("the same cover".into(), IS_COVER, json!([cover]))
        .await;
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn selected_pictures_are_added_to_an_album_that_is_chosen() {
    let server = Server::start().await;
    let alice = album(&server).await;
    alice.fill("Title", "Lakes\n").await;
    alice.sees("Saved").await;
    alice.follow("Pictures").await;
    let other = TestFile::fixture("animated.gif").varied("p4.gif");
    alice.drop_files(&[other]).await;
    alice.sees("1 picture uploaded").await;
    alice.press("Clear").await;
    alice.tick("Select: p4.gif").await;
    alice.press("Add to album").await;
    alice.sees("3 pictures · Today").await;
    alice.press("Lakes").await;
    alice
        .sees("1 picture added to \u{201c}Lakes\u{201d}.")
        .await;
    alice.press("Open it").await;
    stand(&alice, &["p1.gif", "p2.gif", "p3.gif", "p4.gif"]).await;
    let archive = alice.script("return [...document.querySelectorAll('a')].find(link => link.textContent == 'Download all').href", json!([])).await;
    let archive = reqwest::get(archive.as_str().unwrap()).await.unwrap();
    assert_eq!(archive.headers()["content-type"], "application/zip");
    // An open picture's neighbours are those of the album, and the way back leads there.
    alice.follow("p3.gif").await;
    alice.sees("3 of 4").await;
    alice.keys(Key::Right).await;
    alice.sees("4 of 4").await;
    alice.keys(Key::Escape).await;
    is_in_an_album(&alice).await;
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn selected_pictures_are_put_into_a_new_album() {
    let server = Server::start().await;
    let alice = album(&server).await;
    alice.follow("Pictures").await;
    alice.tick("Select: p1.gif").await;
    alice.tick("Select: p3.gif").await;
    alice.press("Add to album").await;
    alice.press("New album").await;
    alice.sees("2 pictures in a new album.").await;
    alice.press("Open it").await;
    alice.sees("2 pictures").await;
    is_in_an_album(&alice).await;
    alice.follow("Albums").await;
    alice.sees("3 pictures").await;
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_album_has_no_link_and_a_deleted_one_leaves_its_pictures() {
    let server = Server::start().await;
    let alice = album(&server).await;
    alice.press("Copy link").await;
    alice.sees("Copied").await;
    assert_eq!(shown(&alice).await.len(), 3);
    // Two clicks in a row are no answer to a question.
    let delete = alice.middle("button", "Delete album").await;
    alice.double_click(delete).await;
    alice.sees("Delete it, keep the pictures").await;
    alice.choose_option("Who can see it", "Only you").await;
    alice.sees("The album's link has stopped working.").await;
    assert!(shown(&alice).await.is_empty());
    alice.press("Delete album").await;
    sleep(DOUBLE_CLICK).await;
    alice.press("Delete it, keep the pictures").await;
    alice.sees("The album is gone.").await;
    alice.sees("No albums yet").await;
    alice.follow("Pictures").await;
    alice.sees_picture("p1.gif").await;
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}
