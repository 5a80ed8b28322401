//! Many pictures, and how long each thing keeps the main thread busy, by the clock: `just test-scale`, with nothing else running.

use std::fs;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::browser::Browser;
use crate::files::TestFile;
use crate::main_thread::{long_tasks, memory, watch};
use crate::server::Server;

const FILES: usize = 1000;
const IMAGES: usize = 100_000;
/// Milliseconds.
const LONGEST: f64 = 100.0;

/// How many images the current user has on the server.
const COUNT: &str = r#"
const done = arguments[0];
const headers = { Authorization: "Bearer " + localStorage.getItem("tintype.session") };
fetch("/api/v1/me", { headers }).then(answer => answer.json()).then(me => done(me.usage.images));
"#;

const SAID: &str = "return document.querySelector('.tray h2').textContent === arguments[0]";

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes and measures: `just test-scale`"]
async fn a_thousand_files_dropped_at_once_all_arrive_and_the_page_stays_quick() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    let folder = tempfile::tempdir().unwrap();
    let base = TestFile::fixture("animated.gif");
    let paths: Vec<_> = (0..FILES)
        .map(|n| {
            let file = base.clone().varied(&format!("n{n:04}.gif"));
            let path = folder.path().join(&file.name);
            fs::write(&path, &file.bytes).unwrap();
            path
        })
        .collect();
    let before = memory(&alice).await;
    watch(&alice).await;
    let start = Instant::now();
    alice.drop_from_disk(&paths).await;
    alice
        .holds_within(
            Duration::from_mins(10),
            "the end of it".into(),
            SAID,
            json!([format!("{FILES} pictures uploaded")]),
        )
        .await;
    let took = start.elapsed().as_secs_f64();
    let after = memory(&alice).await;
    println!("{FILES} files in {took:.0} s; before {before:.1?}, after {after:.1?}");
    assert_eq!(alice.async_script(COUNT, json!([])).await, json!(FILES));
    assert!(
        after.js < before.js + 20.0 && after.wasm < before.wasm + 30.0,
        "{before:?} {after:?}"
    );
    assert!(after.nodes < 6000.0, "{after:?}");
    assert_eq!(alice.console_errors(&[]).await, [""; 0]);
    no_task_is_long(&alice).await;
}

/// Rows like the one that is there, five minutes apart, in many shapes.
const ROWS: &str = "
WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {count} - 1)
INSERT INTO images (id, user_id, slug, state, filename, search_filename, content_type, size_bytes, width, height, sha256, source_sha256,
    visibility, removed, placeholder, original_key, preview_key, thumb_key, created_at)
SELECT randomblob(16), user_id, printf('n%010d', n), state, printf('n%06d.png', n), printf('n%06d.png', n), content_type, size_bytes,
    300 + n * 37 % 500, 300 + n * 53 % 400, printf('%064d', n), printf('%064d', n), visibility, removed, placeholder, original_key,
    preview_key, thumb_key, strftime('%Y-%m-%dT%H:%M:%S+00:00', created_at, printf('-%d minutes', 5 * n))
FROM images, n";

/// Scrolls down to the end, or up to the start, this many pixels a frame; waits while pictures load.
const SCROLL: &str = r#"
const [step] = arguments;
const root = document.documentElement;
window.scrolled = null;
let [still, nodes, frames] = [0, 0, 0];
const move = () => {
    const before = scrollY;
    scrollBy({ top: step, behavior: "instant" });
    frames += 1;
    nodes = Math.max(nodes, document.getElementsByTagName("*").length);
    still = scrollY === before && !document.querySelector(".grid-footer .spinner") ? still + 1 : 0;
    if (still < 30) requestAnimationFrame(move); else window.scrolled = { nodes, frames, height: root.scrollHeight };
};
requestAnimationFrame(move);
"#;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes and measures: `just test-scale`"]
async fn a_hundred_thousand_pictures_are_scrolled_from_end_to_end_and_back() {
    let mut server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice.register("alice").await;
    alice.drop_files(&[TestFile::fixture("alpha.png")]).await;
    alice.sees("1 picture uploaded").await;
    server
        .change_rows(&ROWS.replace("{count}", &IMAGES.to_string()))
        .await;
    alice.goto("/").await;
    alice.sees_picture("alpha.png").await;
    watch(&alice).await;
    for (way, step) in [("down", 20_000), ("up", -20_000), ("down again", 20_000)] {
        let start = Instant::now();
        alice.script(SCROLL, json!([step])).await;
        alice
            .holds_within(
                Duration::from_mins(10),
                format!("the end of the way {way}"),
                "return !!window.scrolled",
                json!([]),
            )
            .await;
        let seen = alice.script("return window.scrolled", json!([])).await;
        println!("{way} in {:.0} s: {seen}", start.elapsed().as_secs_f64());
        assert!(seen["nodes"].as_u64().unwrap() < 1500, "{seen}");
        // Firefox ends boxes at 17.8 million pixels.
        assert!(seen["height"].as_u64().unwrap() < 17_000_000, "{seen}");
        let wanted = if step > 0 {
            format!("n{:06}.png", IMAGES - 1)
        } else {
            "alpha.png".into()
        };
        alice.sees_picture(&wanted).await;
    }
    println!("with all of them loaded: {:.1?}", memory(&alice).await);
    let day = alice
        .script(
            "return new Date(Date.now() - 200 * 86400000).toISOString().slice(0, 10)",
            json!([]),
        )
        .await;
    alice.pick_day("Jump to a day", day.as_str().unwrap()).await;
    alice
        .holds(
            "the pictures of that day".into(),
            "return document.querySelectorAll('.tile').length > 10 && scrollY > 1000",
            json!([]),
        )
        .await;
    println!("after the jump to {day}: {:.1?}", memory(&alice).await);
    assert_eq!(alice.console_errors(&["net::ERR"]).await, [""; 0]);
    no_task_is_long(&alice).await;
}

async fn no_task_is_long(browser: &Browser) {
    let tasks = long_tasks(browser).await;
    println!(
        "{} tasks of 50 ms and more: {:.0?}",
        tasks.len(),
        &tasks[..tasks.len().min(10)]
    );
    assert!(tasks.iter().all(|task| *task < LONGEST), "{tasks:?}");
}
