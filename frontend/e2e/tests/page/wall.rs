//! How pictures stand in the wall.

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::files::TestFile;
use crate::looking::drawn;
use crate::server::Server;

/// The rendition that a tile shows, whether its picture covers the tile, and how many pixels of the tile lie around it.
const TILE: &str = r#"
const [name] = arguments;
const img = [...document.querySelectorAll(".tile img")].find(img => img.alt === name);
const [inner, outer] = [img.getBoundingClientRect(), img.closest(".tile").getBoundingClientRect()];
return { src: img.src, fit: getComputedStyle(img).objectFit, around: Math.round(inner.left - outer.left) };
"#;

async fn tile(browser: &Browser, name: &str) -> Value {
    browser.sees_picture(name).await;
    browser.script(TILE, json!([name])).await
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_of_every_shape_and_size_fill_their_places_sharply() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    let panorama = drawn(&alice, "panorama.png", (6000, 500), "#357").await;
    let smaller = drawn(&alice, "smaller.png", (250, 180), "#753").await;
    let tiny = drawn(&alice, "tiny.png", (40, 40), "#573").await;
    let files = [panorama, smaller, tiny, TestFile::fixture("animated.gif")];
    alice.drop_files(&files).await;
    alice.sees("4 pictures uploaded").await;
    alice.press("Clear").await;
    // Of its thumbnail, 33 pixels high, one would see the dots.
    let panorama = tile(&alice, "panorama.png").await;
    assert!(
        panorama["src"].as_str().unwrap().contains("/preview."),
        "{panorama}"
    );
    // A little smaller than its place, it has no frame; far smaller, it is not blown up.
    assert_eq!(tile(&alice, "smaller.png").await["fit"], "cover");
    assert_eq!(tile(&alice, "tiny.png").await["fit"], "scale-down");
    // What moves says so.
    alice
        .holds(
            "a badge".into(),
            "return [...document.querySelectorAll('.badge')].map(badge => badge.innerText).join() === 'GIF'",
            json!([]),
        )
        .await;
    // What is selected has a frame that can be seen.
    assert_eq!(tile(&alice, "smaller.png").await["around"], 0);
    alice.tick("Select: smaller.png").await;
    alice.sees("1 selected").await;
    assert_eq!(tile(&alice, "smaller.png").await["around"], 8);
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn that_a_title_is_saved_is_said_for_a_moment_and_moves_nothing() {
    const PLACE: &str = "return document.querySelector('.file').getBoundingClientRect().top";
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    alice.drop_files(&[TestFile::fixture("alpha.png")]).await;
    alice.tray_says("alpha.png", "Done").await;
    alice.press("Clear").await;
    alice.follow("alpha.png").await;
    alice.sees("Who can see it").await;
    let before = alice.script(PLACE, json!([])).await;
    alice.fill("Title", "A glass\n").await;
    alice.sees("Saved").await;
    assert_eq!(alice.script(PLACE, json!([])).await, before);
    alice.no_longer_sees("Saved").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn colours_chosen_in_another_tab_are_those_of_this_one_too() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    // As if another tab had: this one is only told.
    alice
        .script(
            "localStorage.setItem('tintype.theme', 'dark'); dispatchEvent(new StorageEvent('storage', { key: 'tintype.theme' }))",
            json!([]),
        )
        .await;
    alice
        .holds(
            "the dark colours".into(),
            "return document.documentElement.dataset.theme === 'dark'",
            json!([]),
        )
        .await;
}
