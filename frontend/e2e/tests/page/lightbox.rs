//! The page of an album, whose pictures open over it.

use serde_json::{Value, json};
use thirtyfour::Key;

use crate::browser::Browser;
use crate::files::TestFile;
use crate::server::Server;
use crate::tour::album;

const FILES: [&str; 3] = ["alpha.png", "landscape.jpg", "photo.webp"];
const SHOWN: &str = r#"
    const box = document.querySelector("dialog[open]");
    const img = box?.querySelector("img");
    return img?.alt === arguments[0] && img.complete && img.naturalWidth > 0
        && box.innerText.includes(arguments[0]) && box.innerText.includes(arguments[1]);
"#;
const CLOSED: &str = "return !document.querySelector('dialog[open]')";
const FOCUSED: &str = "return document.activeElement.querySelector('img')?.alt === arguments[0]";

/// Somebody who looks at an album of these files; and its path.
async fn visitor(server: &Server) -> (Browser, String) {
    let alice = Browser::start(server).await;
    alice.register("alice").await;
    let files = FILES.map(TestFile::fixture);
    for file in files.iter().rev() {
        alice.drop_files(std::slice::from_ref(file)).await;
        alice.tray_says(&file.name, "Done").await;
    }
    let page = album(&alice).await;
    alice.goto(&page).await;
    alice.sees("All of them").await;
    let path = page.split('/').skip(3).collect::<Vec<_>>().join("/");
    (alice, format!("/{path}"))
}

async fn shows(browser: &Browser, at: usize) {
    let place = format!("{} of {}", at + 1, FILES.len());
    browser
        .holds(
            format!("{} large", FILES[at]),
            SHOWN,
            json!([FILES[at], place]),
        )
        .await;
}

async fn shows_none(browser: &Browser) {
    browser
        .holds("no picture large".into(), CLOSED, json!([]))
        .await;
}

async fn steps_back_to(browser: &Browser) -> Value {
    browser.script("return history.length", json!([])).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_of_an_album_opens_large_and_leads_to_the_others() {
    let server = Server::start().await;
    let (alice, page) = visitor(&server).await;
    alice.follow(FILES[1]).await;
    shows(&alice, 1).await;
    alice.is_at(&page).await;
    let before = steps_back_to(&alice).await;
    alice.keys(Key::Right).await;
    shows(&alice, 2).await;
    // There is none behind it.
    alice.keys(Key::Right).await;
    shows(&alice, 2).await;
    alice.keys(Key::Home).await;
    shows(&alice, 0).await;
    alice.press("Next picture").await;
    shows(&alice, 1).await;
    alice.press("Previous picture").await;
    shows(&alice, 0).await;
    assert_eq!(
        steps_back_to(&alice).await,
        before,
        "leafing leaves no steps"
    );
    let links = "const [name, download] = ['.name', '.download'].map(one => document.querySelector(one)); return [name.pathname.startsWith('/s/'), name.textContent, download.search]";
    assert_eq!(
        alice.script(links, json!([])).await,
        json!([true, FILES[0], "?download=1"])
    );
    alice.keys(Key::Escape).await;
    shows_none(&alice).await;
    alice
        .holds(
            "the focus on the last picture".into(),
            FOCUSED,
            json!([FILES[0]]),
        )
        .await;

    // By the keyboard alone; the focus stays inside.
    alice.keys(Key::Enter).await;
    shows(&alice, 0).await;
    for _ in 0..8 {
        alice.keys(Key::Tab).await;
        let inside = "const e = document.activeElement; return e === document.body || Boolean(e.closest('dialog'))";
        assert_eq!(alice.script(inside, json!([])).await, true);
    }
    alice.press("Close").await;
    shows_none(&alice).await;
    alice.is_at(&page).await;
    // Nothing is left of it behind the page.
    alice.driver.back().await.unwrap();
    alice.is_at("/").await;
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_way_back_closes_a_large_picture_and_loading_again_shows_it() {
    let server = Server::start().await;
    let (alice, page) = visitor(&server).await;
    alice.follow(FILES[0]).await;
    shows(&alice, 0).await;
    alice.driver.back().await.unwrap();
    shows_none(&alice).await;
    alice.is_at(&page).await;
    alice.driver.forward().await.unwrap();
    shows(&alice, 0).await;
    alice.keys(Key::Right).await;
    shows(&alice, 1).await;
    alice.driver.refresh().await.unwrap();
    shows(&alice, 1).await;
    alice.keys(Key::Escape).await;
    shows_none(&alice).await;
    alice.is_at(&page).await;
    // To its own page, and back to where it was.
    alice.follow(FILES[2]).await;
    shows(&alice, 2).await;
    alice
        .script("document.querySelector('.name').click()", json!([]))
        .await;
    alice
        .holds(
            "the picture's own page".into(),
            "return location.pathname.startsWith('/s/')",
            json!([]),
        )
        .await;
    alice.driver.back().await.unwrap();
    shows(&alice, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finger_leads_through_an_album() {
    let server = Server::start().await;
    let (alice, _) = visitor(&server).await;
    alice.looks("light", 360).await;
    alice.has_fingers().await;
    alice.follow(FILES[0]).await;
    shows(&alice, 0).await;
    alice.swipe((300.0, 250.0), (60.0, 260.0)).await;
    shows(&alice, 1).await;
    alice.swipe((60.0, 250.0), (300.0, 240.0)).await;
    shows(&alice, 0).await;
    // There is none before it, and up and down is no way.
    alice.swipe((60.0, 250.0), (300.0, 240.0)).await;
    alice.swipe((180.0, 400.0), (100.0, 150.0)).await;
    shows(&alice, 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_script_a_picture_of_an_album_leads_to_its_own_page() {
    let server = Server::start().await;
    let (alice, _) = visitor(&server).await;
    alice
        .cdp(
            "Emulation.setScriptExecutionDisabled",
            json!({"value": true}),
        )
        .await;
    alice.driver.refresh().await.unwrap();
    alice.follow(FILES[0]).await;
    alice
        .holds(
            "the picture's own page".into(),
            "return location.pathname.startsWith('/s/')",
            json!([]),
        )
        .await;
}
