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

async fn gallery(files: impl AsyncFn(&Browser) -> Vec<TestFile>) -> (Server, Browser) {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    for file in files(&alice).await {
        alice.drop_files(std::slice::from_ref(&file)).await;
        alice.tray_says(&file.name, "Done").await;
    }
    alice.press("Clear").await;
    (server, alice)
}

pub async fn a_panorama_is_as_sharp_as_its_place() {
    let wide =
        async |alice: &Browser| vec![drawn(alice, "panorama.png", (6000, 500), "#357").await];
    let (_server, alice) = gallery(wide).await;
    // Of its thumbnail, 33 pixels high, one would see the dots.
    let panorama = tile(&alice, "panorama.png").await;
    let source = panorama["src"].as_str().unwrap();
    assert!(source.contains("/preview."), "{panorama}");
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

pub async fn a_picture_a_little_smaller_than_its_place_has_no_frame() {
    let small = async |alice: &Browser| {
        vec![
            drawn(alice, "smaller.png", (250, 180), "#753").await,
            drawn(alice, "tiny.png", (40, 40), "#573").await,
        ]
    };
    let (_server, alice) = gallery(small).await;
    assert_eq!(tile(&alice, "smaller.png").await["fit"], "cover");
    // Far smaller, it is not blown up.
    assert_eq!(tile(&alice, "tiny.png").await["fit"], "scale-down");
}

pub async fn what_is_selected_has_a_frame_that_can_be_seen() {
    let one = async |_: &Browser| vec![TestFile::fixture("landscape.jpg")];
    let (_server, alice) = gallery(one).await;
    assert_eq!(tile(&alice, "landscape.jpg").await["around"], 0);
    alice.tick("Select: landscape.jpg").await;
    alice.sees("1 selected").await;
    assert_eq!(tile(&alice, "landscape.jpg").await["around"], 8);
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_moves_and_what_is_private_says_so() {
    const BADGES: &str = "return [...document.querySelectorAll('.badge')].map(badge => badge.innerText || badge.ariaLabel).join() === 'GIF,Only you'";
    let one = async |_: &Browser| vec![TestFile::fixture("animated.gif")];
    let (_server, alice) = gallery(one).await;
    alice.tick("Select: animated.gif").await;
    alice.press("Only you").await;
    alice.holds("two badges".into(), BADGES, json!([])).await;
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
