//! Selecting pictures, as people know it from elsewhere.

use serde_json::json;
use thirtyfour::Key;

use crate::browser::Browser;
use crate::files::TestFile;
use crate::server::Server;

const SHIFT: u8 = 8;

/// Six pictures; the one that was uploaded last is the first of the wall.
async fn gallery(server: &Server) -> Browser {
    let alice = Browser::start(server).await;
    alice.allow_clipboard().await;
    alice.register("alice").await;
    for n in 1..=6 {
        let file = TestFile::fixture("animated.gif").varied(&format!("p{n}.gif"));
        alice.drop_files(&[file]).await;
        alice.tray_says(&format!("p{n}.gif"), "Done").await;
    }
    alice.press("Clear").await;
    alice.sees_picture("p1.gif").await;
    alice
}

/// The names of what is selected, in the order of the wall.
async fn selected(browser: &Browser) -> Vec<String> {
    const SELECTED: &str =
        "return [...document.querySelectorAll('.tile.selected img')].map(img => img.alt)";
    let found = browser.script(SELECTED, json!([])).await;
    let names = found.as_array().expect("a list").iter();
    names
        .filter_map(|name| name.as_str())
        .map(|name| name.trim_end_matches(".gif").to_owned())
        .collect()
}

/// The picture that has the focus, or whatever else has it.
async fn focused(browser: &Browser) -> String {
    const FOCUSED: &str =
        "const e = document.activeElement; return e.querySelector('img')?.alt ?? e.tagName";
    let focused = browser.script(FOCUSED, json!([])).await;
    focused.as_str().unwrap_or_default().to_owned()
}

async fn has_focus(browser: &Browser, name: &str) {
    browser
        .holds(
            format!("the focus on {name}"),
            "return document.activeElement.querySelector('img')?.alt === arguments[0]",
            json!([name]),
        )
        .await;
}

pub async fn while_something_is_selected_a_click_selects_too_and_opens_nothing() {
    let server = Server::start().await;
    let alice = gallery(&server).await;
    alice.tick("Select: p5.gif").await;
    alice.sees("1 selected").await;
    alice.click_tile("p3.gif", 0).await;
    alice.sees("2 selected").await;
    alice.is_at("/").await;
    alice.click_tile("p5.gif", 0).await;
    alice.sees("1 selected").await;
    assert_eq!(selected(&alice).await, ["p3"]);
    alice.keys(Key::Escape).await;
    alice.no_longer_sees("1 selected").await;
    has_focus(&alice, "p5.gif").await;
    alice.click_tile("p3.gif", 0).await;
    alice.sees("Who can see it").await;
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn shift_selects_everything_from_the_last_picture_to_this_one_and_opens_no_window() {
    let server = Server::start().await;
    let alice = gallery(&server).await;
    alice.tick("Select: p5.gif").await;
    alice.click_tile("p2.gif", SHIFT).await;
    alice.sees("4 selected").await;
    assert_eq!(selected(&alice).await, ["p5", "p4", "p3", "p2"]);
    assert_eq!(alice.driver.windows().await.unwrap().len(), 1);
    alice.is_at("/").await;
    // Nothing of the page is marked as text.
    assert_eq!(
        alice
            .script("return getSelection().toString()", json!([]))
            .await,
        json!("")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn drawing_the_mouse_over_pictures_selects_them() {
    let server = Server::start().await;
    let alice = gallery(&server).await;
    let from = alice.middle(".tick", "Select: p6.gif").await;
    let (to, back) = (alice.tile("p3.gif").await, alice.tile("p4.gif").await);
    alice.draw(&[from, to]).await;
    alice.sees("4 selected").await;
    assert_eq!(selected(&alice).await, ["p6", "p5", "p4", "p3"]);
    // Drawn back, what was only passed is let go.
    alice.keys(Key::Escape).await;
    alice.no_longer_sees("4 selected").await;
    alice.draw(&[from, to, back]).await;
    alice.sees("3 selected").await;
    alice.is_at("/").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tick_beside_a_day_selects_the_day() {
    let server = Server::start().await;
    let alice = gallery(&server).await;
    alice.tick("Select: Today").await;
    alice.sees("6 selected").await;
    alice.click_tile("p4.gif", 0).await;
    alice.sees("5 selected").await;
    alice
        .holds(
            "the day's tick to say that a part is selected".into(),
            "return document.querySelector('h2 [role=checkbox]').ariaChecked === 'mixed'",
            json!([]),
        )
        .await;
    alice.tick("Select: Today").await;
    alice.sees("6 selected").await;
    alice.tick("Select: Today").await;
    alice.no_longer_sees("selected").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_press_begins_selecting_and_then_taps_select() {
    let server = Server::start().await;
    let alice = gallery(&server).await;
    alice.looks("light", 360).await;
    alice.has_fingers().await;
    // Before, nothing lies on the pictures.
    let ticks = "return [...document.querySelectorAll('.tile .tick, .tile input')].filter(e => e.checkVisibility({ opacityProperty: true })).length";
    alice
        .holds(
            "no ticks".into(),
            "return matchMedia('(pointer: coarse)').matches",
            json!([]),
        )
        .await;
    assert_eq!(alice.script(ticks, json!([])).await, json!(0));
    let at = alice.tile("p5.gif").await;
    alice.press_long(at).await;
    alice.is_at("/").await;
    assert_eq!(alice.script(ticks, json!([])).await, json!(6));
    let at = alice.tile("p4.gif").await;
    alice.tap(at).await;
    alice.sees("2 selected").await;
    alice.is_at("/").await;
    alice.press("Clear selection").await;
    let at = alice.tile("p4.gif").await;
    alice.tap(at).await;
    alice.sees("Who can see it").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wall_is_one_stop_and_arrow_keys_move_in_it() {
    let server = Server::start().await;
    let alice = gallery(&server).await;
    alice.tab_to("p6.gif").await;
    alice.keys(Key::Tab).await;
    assert_ne!(focused(&alice).await, "p5.gif");
    alice.tab_to("p6.gif").await;
    alice.keys(Key::Right).await;
    has_focus(&alice, "p5.gif").await;
    alice.keys(Key::End).await;
    has_focus(&alice, "p1.gif").await;
    alice.keys(Key::Left).await;
    has_focus(&alice, "p2.gif").await;
    alice.keys(Key::Home).await;
    has_focus(&alice, "p6.gif").await;
    alice.keys(" ").await;
    alice.sees("1 selected").await;
    alice.keys_with_control("a").await;
    alice.sees("6 selected").await;
    alice.keys(Key::Escape).await;
    alice.no_longer_sees("6 selected").await;
    has_focus(&alice, "p6.gif").await;
    alice.keys(Key::Enter).await;
    alice.sees("1 of 6").await;
    alice.keys(Key::Right).await;
    alice.sees("2 of 6").await;
    alice.keys(Key::Escape).await;
    has_focus(&alice, "p5.gif").await;
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_deleting_by_key_the_focus_is_on_the_next_picture_and_undo_brings_all_back() {
    let server = Server::start().await;
    let alice = gallery(&server).await;
    alice.tick("Select: p5.gif").await;
    alice.click_tile("p4.gif", 0).await;
    alice.sees("2 selected").await;
    alice.keys(Key::Delete).await;
    alice.sees("2 pictures deleted.").await;
    has_focus(&alice, "p3.gif").await;
    alice.press("Undo").await;
    alice.sees_picture("p4.gif").await;
    alice.sees_picture("p5.gif").await;
    alice.tick("Select: p3.gif").await;
    alice.press("Only you").await;
    alice.sees("Now only you can see 1 picture.").await;
    alice
        .holds(
            "a lock".into(),
            "return document.querySelectorAll('.tile [aria-label=\"Only you\"]').length === 1",
            json!([]),
        )
        .await;
    has_focus(&alice, "p3.gif").await;
    alice.press("Undo").await;
    alice
        .holds(
            "no lock".into(),
            "return document.querySelectorAll('.tile [aria-label=\"Only you\"]').length === 0",
            json!([]),
        )
        .await;
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bar_says_how_much_is_selected_and_copies_in_the_form_that_was_chosen_last() {
    let server = Server::start().await;
    let alice = gallery(&server).await;
    alice.tick("Select: p5.gif").await;
    alice.click_tile("p4.gif", 0).await;
    let size = TestFile::fixture("animated.gif").bytes.len() * 2;
    assert!(size > 1000);
    let words = format!("{}.", size / 1000);
    let said = alice
        .script(
            "return document.querySelector('.selection p').innerText",
            json!([]),
        )
        .await;
    let said = said.as_str().unwrap_or_default();
    assert!(
        said.contains("2 selected") && said.contains("KB"),
        "{said} {words}"
    );
    alice.choose_option("Copy as", "Markdown").await;
    alice.press("Copy").await;
    alice.sees("Copied").await;
    let copied = alice.clipboard().await;
    assert_eq!(copied.lines().count(), 2, "{copied}");
    assert!(
        copied.lines().all(|line| line.starts_with("![](")),
        "{copied}"
    );
    alice.goto("/").await;
    alice.tick("Select: p5.gif").await;
    assert_eq!(
        alice
            .script(
                "return document.querySelector('.selection select').value",
                json!([])
            )
            .await,
        json!("Markdown")
    );
}

pub async fn copying_a_private_picture_asks_whether_the_link_shall_last() {
    let server = Server::start().await;
    let alice = gallery(&server).await;
    alice.tick("Select: p5.gif").await;
    alice.press("Only you").await;
    alice.sees("Now only you can see 1 picture.").await;
    for answer in ["Copy for 5 minutes", "Anyone with the link"] {
        alice.tick("Select: p5.gif").await;
        alice.press("Copy").await;
        alice.sees("Only you can open this picture").await;
        alice.press(answer).await;
        alice.sees("Copied").await;
        let link = alice.clipboard().await;
        assert_eq!(link.contains("exp"), answer.starts_with("Copy"), "{link}");
        assert_eq!(reqwest::get(&link).await.unwrap().status(), 200);
        alice.press("Clear selection").await;
    }
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}
