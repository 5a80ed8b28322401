//! Finding the way in a long wall: days, months, a search, and the way back.

use serde_json::{Value, json};
use thirtyfour::Key;

use crate::browser::Browser;
use crate::files::TestFile;
use crate::server::Server;

/// Rows like the one that is there, so many a day.
const ROWS: &str = "
WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {count})
INSERT INTO images (id, user_id, slug, state, filename, search_filename, content_type, size_bytes, width, height, sha256, source_sha256,
    visibility, removed, placeholder, original_key, preview_key, thumb_key, created_at)
SELECT randomblob(16), user_id, printf('n%010d', n), state, printf('n%06d.png', n), printf('n%06d.png', n), content_type, size_bytes,
    300 + n * 37 % 500, 300 + n * 53 % 400, printf('%064d', n), printf('%064d', n), visibility, removed, placeholder, original_key,
    preview_key, thumb_key, strftime('%Y-%m-%dT12:00:00+00:00', created_at, printf('-%d days', (n + {day} - 1) / {day}))
FROM images, n";

/// Alice's gallery with one picture of today, and before it one day after another with as many pictures each.
async fn gallery(count: usize, day: usize) -> (Server, Browser) {
    let mut server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    alice.drop_files(&[TestFile::fixture("alpha.png")]).await;
    alice.sees("1 picture uploaded").await;
    // The server is away while its rows change.
    alice.sees_picture("alpha.png").await;
    alice.shows_all_pictures().await;
    let rows = ROWS
        .replace("{count}", &count.to_string())
        .replace("{day}", &day.to_string());
    server.change_rows(&rows).await;
    alice.goto("/").await;
    alice.sees_picture("alpha.png").await;
    (server, alice)
}

/// Days ago, as in the field for days.
async fn days_ago(browser: &Browser, days: u32) -> String {
    const DAY: &str =
        "return new Date(Date.now() - arguments[0] * 86400000).toISOString().slice(0, 10)";
    let day = browser.script(DAY, json!([days])).await;
    day.as_str().unwrap().to_owned()
}

/// Whether a picture is in the window.
const IN_WINDOW: &str = r#"
const img = [...document.querySelectorAll(".tile img")].find(img => img.alt === arguments[0]);
const { top, bottom } = img ? img.getBoundingClientRect() : { top: 1e9, bottom: -1 };
return bottom > 0 && top < innerHeight;
"#;

async fn is_in_window(browser: &Browser, name: &str) {
    browser
        .holds(format!("{name} in the window"), IN_WINDOW, json!([name]))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn days_with_few_pictures_share_a_row_and_nothing_lies_on_anything() {
    const WALL: &str = r#"
        const box = e => { const { left, top, right, bottom } = e.getBoundingClientRect(); return { left, top, right, bottom }; };
        const names = [...document.querySelectorAll(".day h2")].map(box), tiles = [...document.querySelectorAll(".tile")].map(box);
        const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
        const all = [...names, ...tiles];
        return { days: names.length, rows: new Set(names.map(name => Math.round(name.top))).size,
            meetings: all.flatMap((a, at) => all.slice(at + 1).filter(b => meet(a, b))).length,
            outside: all.filter(one => one.right > innerWidth).length };
    "#;
    const NEXT_FRAMES: &str = "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 300)))";
    let (_server, alice) = gallery(12, 1).await;
    for width in [360, 768, 1280, 1920] {
        alice.looks("light", width).await;
        alice.shows_all_pictures().await;
        // The wall is laid out a frame after the window has another width.
        alice.async_script(NEXT_FRAMES, json!([])).await;
        let wall = alice.script(WALL, json!([])).await;
        let of = |name: &str| wall[name].as_u64().unwrap_or_default();
        assert_eq!((of("meetings"), of("outside")), (0, 0), "{width}: {wall}");
        assert!(of("days") >= 3, "{width}: {wall}");
        if width > 700 {
            assert!(of("rows") * 2 <= of("days"), "{width}: {wall}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_name_of_the_day_stays_in_the_window_while_its_pictures_pass() {
    const NAMES: &str = "return [...document.querySelectorAll('.day h2')].map(name => Math.round(name.getBoundingClientRect().top))";
    let (_server, alice) = gallery(120, 60).await;
    alice.script("scrollTo(0, 900)", json!([])).await;
    alice
        .holds(
            "a day below the bar".into(),
            "const bar = document.querySelector('.topbar').getBoundingClientRect().bottom; return [...document.querySelectorAll('.day h2')].some(name => Math.abs(name.getBoundingClientRect().top - bar) < 2)",
            json!([]),
        )
        .await;
    let names = alice.script(NAMES, json!([])).await;
    assert!(
        names.as_array().is_some_and(|names| !names.is_empty()),
        "{names}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_jump_to_a_day_scrolls_there_and_hides_nothing() {
    let (_server, alice) = gallery(900, 10).await;
    let day = days_ago(&alice, 60).await;
    alice.pick_day("Jump to a day", &day).await;
    // Ten a day: those of 60 days ago begin with the 591st.
    is_in_window(&alice, "n000591.png").await;
    let place = alice.script("return location.search", json!([])).await;
    assert_eq!(place, json!(format!("?day={day}")));
    alice.script("scrollTo(0, 0)", json!([])).await;
    is_in_window(&alice, "alpha.png").await;
    // An address leads there too, and the way back to the start.
    alice.goto(&format!("/?day={day}")).await;
    is_in_window(&alice, "n000591.png").await;
    let older = days_ago(&alice, 4000).await;
    alice.pick_day("Jump to a day", &older).await;
    is_in_window(&alice, "n000900.png").await;
    alice.driver.back().await.unwrap();
    is_in_window(&alice, "n000591.png").await;
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handle_beside_the_wall_leads_through_the_months() {
    const SAYS: &str = "const months = document.querySelector('.scrubber input'); return !months.closest('[hidden]') && months.getAttribute('aria-valuetext')";
    let (_server, alice) = gallery(300, 2).await;
    alice.script("scrollTo(0, 600)", json!([])).await;
    alice
        .holds(
            "the months".into(),
            "return !!document.querySelector('.scrubber:not([hidden])')",
            json!([]),
        )
        .await;
    let now = alice.script(SAYS, json!([])).await;
    alice
        .script(
            "document.querySelector('.scrubber input').focus()",
            json!([]),
        )
        .await;
    for _ in 0..3 {
        let before = alice.script(SAYS, json!([])).await;
        alice.keys(Key::Down).await;
        alice
            .holds(
                "an earlier month".into(),
                "return document.querySelector('.scrubber input').getAttribute('aria-valuetext') !== arguments[0]",
                json!([before]),
            )
            .await;
    }
    let then = alice.script(SAYS, json!([])).await;
    assert_ne!(now, then);
    assert!(alice.script("return scrollY", json!([])).await.as_f64() > Some(2000.0));
    // Drawn to the bottom it leads to the oldest, and back to the top to the newest.
    for oldest in [true, false] {
        let (from, to) = (
            handle(&alice, None).await,
            handle(&alice, Some(oldest)).await,
        );
        alice.draw(&[from, to]).await;
        let picture = if oldest { "n000300.png" } else { "alpha.png" };
        is_in_window(&alice, picture).await;
    }
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

/// The middle of the handle where it is, or at the end of its way.
async fn handle(alice: &Browser, at_end: Option<bool>) -> (f64, f64) {
    const MIDDLE: &str = r#"
        const input = document.querySelector(".scrubber input");
        const way = input.getBoundingClientRect();
        const part = arguments[0] === null ? input.value / input.max : Number(arguments[0]);
        return [way.left + way.width / 2, way.top + 24 + part * (way.height - 48)];
    "#;
    let middle = alice.script(MIDDLE, json!([at_end])).await;
    serde_json::from_value(middle).unwrap()
}

async fn two_pictures() -> (Server, Browser) {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    alice
        .drop_files(&["alpha.png", "landscape.jpg"].map(TestFile::fixture))
        .await;
    alice.sees("2 pictures uploaded").await;
    alice.press("Clear").await;
    alice.sees_picture("landscape.jpg").await;
    (server, alice)
}

#[tokio::test(flavor = "multi_thread")]
async fn order_type_and_who_can_see_stand_in_the_address_too() {
    const NAMES: &str = "return [...document.querySelectorAll('.tile img')].map(img => img.alt).join() === arguments[0]";
    let (_server, alice) = two_pictures().await;
    let shows = async |names: &str| alice.holds(names.to_owned(), NAMES, json!([names])).await;
    alice.choose_option("Order", "By name").await;
    shows("alpha.png,landscape.jpg").await;
    alice.choose_option("Type", "PNG").await;
    shows("alpha.png").await;
    let address = alice.script("return location.search", json!([])).await;
    assert_eq!(address, json!("?content_type=image%2Fpng&sort=name"));
    alice.driver.back().await.unwrap();
    shows("alpha.png,landscape.jpg").await;
    alice.choose_option("Order", "Largest first").await;
    shows("landscape.jpg,alpha.png").await;
    alice.choose_option("Who can see it", "Only you").await;
    alice.sees("No pictures match").await;
    alice.press("Show all pictures").await;
    alice.sees_picture("alpha.png").await;
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_stands_in_the_address_and_the_way_back_leads_out_of_it() {
    const SEARCH: &str = "return location.pathname + location.search";
    let (_server, alice) = two_pictures().await;
    alice.fill("Search", "landscape").await;
    alice.no_longer_sees_picture("alpha.png").await;
    let address = |value: Value| value.as_str().unwrap_or_default().to_owned();
    assert_eq!(
        address(alice.script(SEARCH, json!([])).await),
        "/?q=landscape"
    );
    // An open picture belongs to it.
    alice.follow("landscape.jpg").await;
    alice.sees("Who can see it").await;
    alice.sees("1 of 1").await;
    alice.driver.back().await.unwrap();
    alice.sees_picture("landscape.jpg").await;
    alice.no_longer_sees_picture("alpha.png").await;
    alice.driver.back().await.unwrap();
    alice.sees_picture("alpha.png").await;
    assert_eq!(alice.value("Search").await, "");
    alice.driver.forward().await.unwrap();
    alice.no_longer_sees_picture("alpha.png").await;
    assert_eq!(alice.value("Search").await, "landscape");
    alice.goto("/?q=alpha").await;
    alice.sees_picture("alpha.png").await;
    alice.no_longer_sees_picture("landscape.jpg").await;
    assert_eq!(alice.value("Search").await, "alpha");
    alice.press("Show all pictures").await;
    alice.sees_picture("landscape.jpg").await;
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_phone_search_and_day_are_behind_one_button() {
    const FIRST: &str = "return document.querySelector('.day').getBoundingClientRect().top";
    let (_server, alice) = two_pictures().await;
    alice.looks("light", 360).await;
    alice.goto("/").await;
    alice.sees_picture("alpha.png").await;
    let top = alice.script(FIRST, json!([])).await.as_f64().unwrap();
    assert!(top < 80.0, "the pictures begin at {top}");
    alice.press("Search and jump").await;
    alice
        .holds(
            "the focus in the search".into(),
            "return document.activeElement.type === 'search'",
            json!([]),
        )
        .await;
    alice.keys("landscape").await;
    alice.no_longer_sees_picture("alpha.png").await;
    alice.press("Show all pictures").await;
    alice.sees_picture("alpha.png").await;
    alice.press("Search and jump").await;
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
}

pub async fn days_are_counted_alike_by_headings_and_by_the_jump() {
    const TODAY: &str = "const now = new Date(Date.now() - arguments[0] * 86400000); return [now.getFullYear(), now.getMonth() + 1, now.getDate()].map(n => String(n).padStart(2, '0')).join('-')";
    let (_server, alice) = gallery(90, 10).await;
    // Half past two in the morning of the next day, where this device is: what was noon is there.
    let zone = json!({"timezoneId": "Pacific/Kiritimati"});
    alice.cdp("Emulation.setTimezoneOverride", zone).await;
    alice.goto("/").await;
    let day = alice.script(TODAY, json!([4])).await;
    alice.pick_day("Jump to a day", day.as_str().unwrap()).await;
    // The heading below the bar is the day that was picked.
    alice
        .holds(
            "the heading of that day".into(),
            "const bar = document.querySelector('.topbar').getBoundingClientRect().bottom; const day = new Date(arguments[0] + 'T12:00').getDate(); const heading = [...document.querySelectorAll('.day h2')].find(name => Math.abs(name.getBoundingClientRect().top - bar) < 3); return !!heading && heading.innerText.includes(' ' + day + ' ')",
            json!([day]),
        )
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_is_selected_with_what_is_still_to_come_of_it() {
    const TICK: &str = "document.querySelectorAll('.day h2 .tick')[1].click()";
    let (_server, alice) = gallery(150, 150).await;
    alice.script(TICK, json!([])).await;
    alice.sees("150 selected").await;
}
