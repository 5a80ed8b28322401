//! Looking at one picture: zoom, the way back, the next one.

use serde_json::json;
use thirtyfour::Key;

use crate::browser::Browser;
use crate::files::TestFile;
use crate::server::Server;
use crate::viewer::shows;

/// Draws a picture of this size in the browser, with a corner of its own, and gives its bytes.
const DRAW: &str = r##"
const [width, height, colour, done] = arguments;
const canvas = document.createElement("canvas");
[canvas.width, canvas.height] = [width, height];
const context = canvas.getContext("2d");
context.fillStyle = colour;
context.fillRect(0, 0, width, height);
context.fillStyle = "#fff";
for (let y = 0; y < height; y += 100) context.fillRect((y * 7) % width, y, 60, 30);
canvas.toBlob(async blob => done([...new Uint8Array(await blob.arrayBuffer())]), "image/png");
"##;

pub async fn drawn(browser: &Browser, name: &str, size: (u32, u32), colour: &str) -> TestFile {
    let bytes = browser
        .async_script(DRAW, json!([size.0, size.1, colour]))
        .await;
    let bytes = bytes.as_array().expect("bytes").iter();
    let bytes: Vec<u8> = bytes
        .filter_map(|byte| byte.as_u64().and_then(|byte| u8::try_from(byte).ok()))
        .collect();
    TestFile::new(name, "image/png", bytes)
}

async fn upload(browser: &Browser, files: &[TestFile]) {
    for file in files {
        browser.drop_files(std::slice::from_ref(file)).await;
        browser.tray_says(&file.name, "Done").await;
    }
    browser.press("Clear").await;
}

const BOX: &str = "const { x, y, width, height } = document.querySelector('.stage figure').getBoundingClientRect(); return [x, y, width, height]";

async fn seen(browser: &Browser) -> [f64; 4] {
    let told = browser.script(BOX, json!([])).await;
    std::array::from_fn(|at| told[at].as_f64().unwrap_or_default())
}

pub async fn wheel_and_double_click_zoom_where_the_pointer_is_and_dragging_moves_the_picture() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    let wide = drawn(&alice, "wide.png", (2400, 1600), "#246").await;
    upload(&alice, &[wide]).await;
    alice.follow("wide.png").await;
    shows(&alice, "wide.png").await;
    let before = seen(&alice).await;
    let at = (before[0] + before[2] * 0.25, before[1] + before[3] * 0.75);
    // Which part of the picture is there.
    let part = |[x, y, width, height]: [f64; 4]| ((at.0 - x) / width, (at.1 - y) / height);
    alice.wheel(at, -400.0).await;
    alice
        .holds(
            "the picture to grow".into(),
            "return document.querySelector('.stage figure').getBoundingClientRect().width > arguments[0] * 1.5",
            json!([before[2]]),
        )
        .await;
    let zoomed = seen(&alice).await;
    assert!(
        (part(zoomed).0 - 0.25).abs() < 0.02,
        "{before:?} {zoomed:?}"
    );
    assert!(
        (part(zoomed).1 - 0.75).abs() < 0.02,
        "{before:?} {zoomed:?}"
    );
    alice.draw(&[at, (at.0 + 60.0, at.1 - 40.0)]).await;
    let moved = seen(&alice).await;
    assert!(
        (moved[0] - zoomed[0] - 60.0).abs() < 2.0,
        "{zoomed:?} {moved:?}"
    );
    assert!(
        (moved[1] - zoomed[1] + 40.0).abs() < 2.0,
        "{zoomed:?} {moved:?}"
    );
    // No further than its edge.
    alice.draw(&[at, (at.0 + 500.0, at.1)]).await;
    assert!(seen(&alice).await[0] <= before[0] + 1.0 + 76.0);
    alice.keys("0").await;
    assert!((seen(&alice).await[2] - before[2]).abs() < 1.0);
    alice.double_click(at).await;
    alice
        .holds(
            "its own size".into(),
            "return Math.round(document.querySelector('.stage figure').getBoundingClientRect().width) === 2400",
            json!([]),
        )
        .await;
    assert!((part(seen(&alice).await).0 - 0.25).abs() < 0.02);
    // Now the original is there, over the preview.
    alice
        .holds(
            "the original".into(),
            "return document.querySelector('.stage .original')?.naturalWidth === 2400",
            json!([]),
        )
        .await;
    alice.double_click(at).await;
    assert!((seen(&alice).await[2] - before[2]).abs() < 1.0);
    alice.keys("+").await;
    assert!(seen(&alice).await[2] > before[2] * 1.4);
    alice.keys("-").await;
    assert!((seen(&alice).await[2] - before[2]).abs() < 1.0);
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_fingers_zoom_a_double_tap_too_and_a_swipe_down_closes() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    let wide = drawn(&alice, "wide.png", (2400, 1600), "#624").await;
    upload(&alice, &[wide]).await;
    alice.looks("light", 360).await;
    alice.has_fingers().await;
    let at = alice.tile("wide.png").await;
    alice.tap(at).await;
    shows(&alice, "wide.png").await;
    let before = seen(&alice).await;
    let (x, y) = (180.0, before[1] + before[3] / 2.0);
    alice.touch("touchStart", &[(x - 40.0, y)]).await;
    alice
        .touch("touchStart", &[(x - 40.0, y), (x + 40.0, y)])
        .await;
    for step in 1..=4 {
        let apart = 40.0 + 20.0 * f64::from(step);
        alice
            .touch("touchMove", &[(x - apart, y), (x + apart, y)])
            .await;
    }
    alice.touch("touchEnd", &[]).await;
    let pinched = seen(&alice).await;
    assert!(
        (2.3..3.2).contains(&(pinched[2] / before[2])),
        "{before:?} {pinched:?}"
    );
    // Zoomed in, a finger moves the picture and leads nowhere.
    alice.swipe((x, y), (x, y + 150.0)).await;
    assert!(seen(&alice).await[1] > pinched[1]);
    alice.tap((x, y)).await;
    alice.tap((x, y)).await;
    alice
        .holds(
            "the picture as it was".into(),
            "return Math.abs(document.querySelector('.stage figure').getBoundingClientRect().width - arguments[0]) < 1",
            json!([before[2]]),
        )
        .await;
    alice.swipe((x, y), (x + 10.0, y + 150.0)).await;
    alice.is_at("/").await;
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tall_screenshot_opens_at_its_top_as_wide_as_there_is_room() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    let tall = drawn(&alice, "tall.png", (600, 6000), "#362").await;
    upload(&alice, &[tall]).await;
    alice.follow("tall.png").await;
    shows(&alice, "tall.png").await;
    let before = seen(&alice).await;
    assert!((before[2] - 600.0).abs() < 2.0, "{before:?}");
    assert!((0.0..60.0).contains(&before[1]), "{before:?}");
    alice.wheel((400.0, 400.0), 300.0).await;
    alice
        .holds(
            "it to move up".into(),
            "return document.querySelector('.stage figure').getBoundingClientRect().y < -200",
            json!([]),
        )
        .await;
    assert!((seen(&alice).await[2] - 600.0).abs() < 2.0);
}

pub async fn arrow_keys_lead_on_and_escape_leads_back_right_after_a_choice_of_who_can_see_it() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    upload(
        &alice,
        &["alpha.png", "landscape.jpg"].map(TestFile::fixture),
    )
    .await;
    alice.follow("landscape.jpg").await;
    shows(&alice, "landscape.jpg").await;
    alice.tick("Only you").await;
    alice.sees("Links you copy stop working").await;
    alice.keys(Key::Right).await;
    shows(&alice, "alpha.png").await;
    alice.keys(Key::Left).await;
    shows(&alice, "landscape.jpg").await;
    // It is as private as it was made.
    alice.sees("Links you copy stop working").await;
    alice.tick("Only you").await;
    alice.keys(Key::Escape).await;
    alice.is_at("/").await;
    // The sheet of keys closes alone.
    alice.follow("landscape.jpg").await;
    shows(&alice, "landscape.jpg").await;
    alice.keys("?").await;
    alice.sees("Choose files to upload").await;
    alice.keys(Key::Escape).await;
    alice.no_longer_sees("Choose files to upload").await;
    shows(&alice, "landscape.jpg").await;
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

pub async fn closing_a_picture_is_the_way_back_and_back_never_opens_it_again() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    upload(
        &alice,
        &["alpha.png", "landscape.jpg", "photo.webp"].map(TestFile::fixture),
    )
    .await;
    let entries = async || alice.script("return history.length", json!([])).await;
    alice.goto("/settings").await;
    alice.press("Account").await;
    alice.follow("Tintype, all pictures").await;
    alice.is_at("/").await;
    alice.follow("landscape.jpg").await;
    shows(&alice, "landscape.jpg").await;
    let before = entries().await;
    alice.follow("Older picture").await;
    shows(&alice, "alpha.png").await;
    alice.follow("Back to all pictures").await;
    alice.is_at("/").await;
    assert_eq!(entries().await, before);
    alice.driver.back().await.unwrap();
    alice.is_at("/settings").await;
    alice.driver.forward().await.unwrap();
    alice.is_at("/").await;
    // Deleting goes on to the next one, and the way back from there is the gallery.
    alice.follow("landscape.jpg").await;
    shows(&alice, "landscape.jpg").await;
    alice.press("Delete").await;
    shows(&alice, "alpha.png").await;
    alice.sees("1 picture deleted.").await;
    alice.driver.back().await.unwrap();
    alice.is_at("/").await;
    alice.no_longer_sees("not here").await;
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

pub async fn a_picture_shows_its_thumbnail_until_the_rest_has_arrived_and_says_when_it_does_not_come()
 {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    let wide = drawn(&alice, "wide.png", (2400, 1600), "#264").await;
    upload(&alice, &[wide]).await;
    alice.goto("/").await;
    alice.sees_picture("wide.png").await;
    alice.network(Some(0)).await;
    alice.follow("wide.png").await;
    let thumbnail = "const [thumb, ...more] = document.querySelectorAll('.stage .thumb, .stage .blur'); return !!thumb";
    alice
        .holds("something of the picture".into(), thumbnail, json!([]))
        .await;
    alice.sees("The picture could not be loaded").await;
    alice.network(None).await;
    // As soon as the network is back, without a click.
    shows(&alice, "wide.png").await;
    alice
        .holds(
            "the picture itself".into(),
            "return document.querySelector('.stage .main').naturalWidth === 1600",
            json!([]),
        )
        .await;
    alice
        .no_longer_sees("The picture could not be loaded")
        .await;
}

pub async fn what_is_private_opens_after_any_time_also_where_the_clock_of_the_device_is_wrong() {
    // The server's answers claim that the links of its list have just ended; this device's clock is a day behind.
    const WRONG: &str = r#"
        const now = Date.now, day = 86_400_000;
        Date.now = () => now() - day;
        const ask = window.fetch;
        window.fetch = async (...what) => {
            const answer = await ask(...what);
            const url = what[0].url ?? String(what[0]);
            if (!url.includes("/images?")) return answer;
            const text = (await answer.text()).replace(/"expires_at":"[^"]*"/g, '"expires_at":"2026-01-01T00:00:00Z"');
            return new Response(text, { status: answer.status, headers: answer.headers });
        };
    "#;
    const ASKED: &str = "return performance.getEntriesByType('resource').filter(({ name }) => /images\\/[0-9a-f-]{36}$/.test(name)).length";
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    upload(
        &alice,
        &["alpha.png", "landscape.jpg"].map(TestFile::fixture),
    )
    .await;
    alice.tick("Select: alpha.png").await;
    alice.press("Only you").await;
    alice.sees("Now only you can see 1 picture.").await;
    alice
        .cdp(
            "Page.addScriptToEvaluateOnNewDocument",
            json!({"source": WRONG}),
        )
        .await;
    alice.goto("/").await;
    alice.sees_picture("alpha.png").await;
    alice.follow("alpha.png").await;
    shows(&alice, "alpha.png").await;
    // The links were read anew, once, and not for ever.
    assert_eq!(alice.script(ASKED, json!([])).await, json!(1));
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_that_was_deleted_elsewhere_says_so() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    upload(
        &alice,
        &["alpha.png", "landscape.jpg"].map(TestFile::fixture),
    )
    .await;
    alice.goto("/").await;
    alice.sees_picture("alpha.png").await;
    alice.async_script(
        "const done = arguments[0]; const id = document.querySelector('.tile:last-child').dataset.id; const headers = { Authorization: 'Bearer ' + localStorage.getItem('tintype.session') }; fetch('/api/v1/images/' + id, { method: 'DELETE', headers }).then(answer => done(answer.status))",
        json!([]),
    )
    .await;
    alice.cdp("Network.clearBrowserCache", json!({})).await;
    alice.follow("alpha.png").await;
    alice.sees("This picture is not here").await;
    alice.follow("Back to all pictures").await;
    alice.is_at("/").await;
    alice.no_longer_sees_picture("alpha.png").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn links_stand_first_and_show_their_end_and_the_picture_itself_can_be_copied() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.allow_clipboard().await;
    alice.register("alice").await;
    upload(&alice, &[TestFile::fixture("alpha.png")]).await;
    alice.follow("alpha.png").await;
    shows(&alice, "alpha.png").await;
    alice.press("Page").await;
    let page = alice.value("Page").await;
    assert_eq!(reqwest::get(&page).await.unwrap().status(), 200, "{page}");
    alice.press("Link").await;
    alice
        .holds(
            "the end of the link".into(),
            "const field = document.querySelector('.links input'); return document.querySelector('.panel').firstElementChild.contains(field) && field.scrollLeft + field.clientWidth >= field.scrollWidth - 2",
            json!([]),
        )
        .await;
    alice.press("Copy picture").await;
    alice.sees("Copied").await;
    let kinds = alice
        .async_script(
            "const done = arguments[0]; navigator.clipboard.read().then(items => done(items[0].types), error => done(String(error)))",
            json!([]),
        )
        .await;
    assert_eq!(kinds, json!(["image/png"]));
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

pub async fn a_picture_opened_by_its_link_alone_stands_in_the_middle_and_can_be_zoomed() {
    const ALONE: &str = "const img = document.images[0], { left, right } = img.getBoundingClientRect(); return [img.complete, Math.round(left), Math.round(innerWidth - right), getComputedStyle(img).cursor]";
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    let tall = drawn(&alice, "tall.png", (600, 3000), "#345").await;
    upload(&alice, &[tall]).await;
    alice.follow("tall.png").await;
    shows(&alice, "tall.png").await;
    let link = alice.value("Link").await;
    alice.goto(&link).await;
    let alone = alice.script(ALONE, json!([])).await;
    assert_eq!(alone[0], json!(true), "{alone}");
    let [left, right] = [1, 2].map(|at| alone[at].as_i64().unwrap());
    assert!(left > 20 && (left - right).abs() < 20, "{alone}");
    assert_eq!(alone[3], json!("zoom-in"), "{alone}");
    assert_eq!(alice.console_errors(&["favicon"]).await, [""; 0]);
}
