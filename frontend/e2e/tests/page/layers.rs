//! What lies above the page, side by side: nothing covers what somebody wants to press.

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::files::TestFile;
use crate::server::Server;
use crate::wire::{Puts, Wire};

const SIZES: [(u32, u32); 5] = [
    (360, 640),
    (600, 500),
    (768, 900),
    (1280, 720),
    (1920, 1080),
];

/// What of the dock overlaps, sticks out of the window or can't be pressed in its middle.
const TROUBLE: &str = r#"
const shown = e => e.checkVisibility({ visibilityProperty: true }) && e.getBoundingClientRect().height > 0;
const parts = [...document.querySelectorAll(".toast, .selection, .tray, .fab")].filter(shown);
const box = e => e.getBoundingClientRect();
const name = e => e.className + " " + (e.getAttribute("aria-label") ?? e.innerText).slice(0, 30);
const trouble = [];
for (const [at, one] of parts.entries()) {
    const a = box(one);
    if (a.left < 0 || a.top < 0 || a.right > innerWidth || a.bottom > innerHeight) trouble.push(`${name(one)} sticks out`);
    for (const other of parts.slice(at + 1)) {
        const b = box(other);
        if (a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom) trouble.push(`${name(one)} lies on ${name(other)}`);
    }
}
const over = document.querySelector(".viewer") ? ".viewer, .dock" : ".dock";
for (const scope of document.querySelectorAll(over)) {
    for (const button of scope.querySelectorAll("button, a, input[type=radio]")) {
        if (!shown(button)) continue;
        if (scope.matches(".viewer")) button.scrollIntoView({ block: "center" });
        if (button.closest(".of-all")) button.scrollIntoView({ block: "nearest" });
        const { left, top, width, height } = box(button);
        const hit = document.elementFromPoint(left + width / 2, top + height / 2);
        const row = button.closest(".tray ul");
        if (row && (top < box(row).top || top + height > box(row).bottom)) continue;
        if (!hit || !(button.contains(hit) || hit.contains(button))) trouble.push(`${name(button)} is covered by ${hit && name(hit)}`);
    }
}
return trouble;
"#;

async fn trouble(browser: &Browser) -> Vec<String> {
    let found = browser.script(TROUBLE, json!([])).await;
    let found = found.as_array().expect("a list").iter();
    found.filter_map(Value::as_str).map(str::to_owned).collect()
}

async fn resize(browser: &Browser, (width, height): (u32, u32)) {
    let metrics =
        json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 700});
    browser
        .cdp("Emulation.setDeviceMetricsOverride", metrics)
        .await;
    browser
        .holds(
            format!("a window of {width} pixels"),
            "return innerWidth === arguments[0]",
            json!([width]),
        )
        .await;
    browser.shows_all_pictures().await;
}

/// Three pictures, and one upload that goes on and on.
async fn busy(server: &Server, wire: &Wire) -> Browser {
    let alice = Browser::start(server).await;
    alice.register("alice").await;
    for name in ["alpha.png", "landscape.jpg", "photo.webp"] {
        alice.drop_files(&[TestFile::fixture(name)]).await;
        alice.tray_says(name, "Done").await;
    }
    alice.press("Clear").await;
    wire.set(Puts::Hang);
    alice
        .drop_files(&[TestFile::fixture("portrait-gps.jpg")])
        .await;
    alice.tray_says("portrait-gps.jpg", "%").await;
    alice
}

#[tokio::test(flavor = "multi_thread")]
async fn selection_uploads_and_notices_never_lie_on_each_other_at_any_size() {
    let (server, wire) = Wire::before_a_server().await;
    let alice = busy(&server, &wire).await;
    for size in SIZES {
        resize(&alice, size).await;
        assert_eq!(trouble(&alice).await, [""; 0], "uploads at {size:?}");
        alice.tick("Select: alpha.png").await;
        alice.sees("1 selected").await;
        assert_eq!(trouble(&alice).await, [""; 0], "a selection at {size:?}");
        alice.press("Show the list of uploads").await;
        assert_eq!(trouble(&alice).await, [""; 0], "both at {size:?}");
        alice.press("Only you").await;
        alice.sees("Now only you can see 1 picture.").await;
        alice.tick("Select: photo.webp").await;
        alice.sees("1 selected").await;
        assert_eq!(trouble(&alice).await, [""; 0], "a notice too at {size:?}");
        alice.press("Undo").await;
        alice.press("Clear selection").await;
    }
}

pub async fn over_an_open_picture_the_uploads_are_a_pill_that_covers_no_action_of_it() {
    let (server, wire) = Wire::before_a_server().await;
    let alice = busy(&server, &wire).await;
    alice.follow("landscape.jpg").await;
    alice.sees("2 of 3").await;
    // What is behind the picture can't be pressed, and what is uploaded can be looked at.
    alice
        .holds(
            "the list of uploads to be folded".into(),
            "return !document.querySelector('.tray ul').checkVisibility()",
            json!([]),
        )
        .await;
    for size in SIZES {
        resize(&alice, size).await;
        assert_eq!(trouble(&alice).await, [""; 0], "the pill at {size:?}");
    }
    alice.press("Show the list of uploads").await;
    alice.tray_says("portrait-gps.jpg", "%").await;
    alice.press("Hide the list of uploads").await;
    alice.tick("Only you").await;
    alice.press("Delete").await;
    alice.sees("1 picture deleted.").await;
    for size in SIZES {
        resize(&alice, size).await;
        assert_eq!(trouble(&alice).await, [""; 0], "a notice at {size:?}");
    }
    alice.press("Undo").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_picture_fills_the_window_and_moves_nothing_below_it() {
    const WIDTHS: &str = "const box = s => document.querySelector(s).getBoundingClientRect(); return [box('.grid').width, box('.viewer').right - innerWidth]";
    let (server, wire) = Wire::before_a_server().await;
    let alice = busy(&server, &wire).await;
    let before = alice
        .script(
            "return document.querySelector('.grid').getBoundingClientRect().width",
            json!([]),
        )
        .await;
    alice.follow("landscape.jpg").await;
    alice.sees("2 of 3").await;
    assert_eq!(alice.script(WIDTHS, json!([])).await, json!([before, 0]));
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_phone_all_of_the_uploads_can_be_read_beside_the_button() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    resize(&alice, (360, 640)).await;
    let heic = TestFile::new("IMG_0042.HEIC", "", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic");
    let long = TestFile::fixture("photo.webp").varied("a rather long name of a picture.webp");
    let files = [long, TestFile::fixture("alpha.png"), heic];
    alice.drop_files(&files).await;
    alice.sees("HEIC is not supported").await;
    alice.tray_says("alpha.png", "Done").await;
    assert_eq!(trouble(&alice).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_phone_no_button_hovers_over_the_settings() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    resize(&alice, (360, 640)).await;
    alice.press("Account").await;
    alice.press("Settings").await;
    alice.sees("Log out everywhere").await;
    let hovering = "return [...document.querySelectorAll('button')].filter(e => e.checkVisibility() && getComputedStyle(e).position === 'fixed' || e.matches('.fab') && e.checkVisibility()).length";
    assert_eq!(alice.script(hovering, json!([])).await, json!(0));
}
