//! How soon the page can be used on a slow machine and a slow line: `just test-scale`.

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::files::TestFile;
use crate::server::Server;

/// Milliseconds.
const MOST: f64 = 1500.0;
const ROUNDS: usize = 5;

/// Runs before anything of the page: notes when the static shell gives way to the app, and what keeps the main thread busy.
const WATCH: &str = r#"
window.busy = [];
new PerformanceObserver(list => busy.push(...list.getEntries())).observe({ type: "longtask", buffered: true });
new MutationObserver(() => {
    const shell = !!document.getElementById("shell");
    if (window.shellSeen && !shell) window.started ??= performance.now();
    window.shellSeen ||= shell;
}).observe(document, { childList: true, subtree: true });
"#;

/// Once nothing has kept the main thread busy for two seconds: when it painted first, had all of the app, and could be used.
const SEEN: &str = r#"
const done = arguments[0];
const look = () => {
    const last = Math.max(window.started ?? Infinity, ...busy.map(task => task.startTime + task.duration));
    if (performance.now() < last + 2000) return setTimeout(look, 100);
    const wasm = performance.getEntriesByType("resource").find(entry => entry.name.endsWith(".wasm"));
    done({
        painted: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? null,
        arrived: wasm.responseEnd,
        bytes: wasm.encodedBodySize,
        started: window.started,
        usable: last,
        busy: busy.map(task => [Math.round(task.startTime), Math.round(task.duration)]),
    });
};
look();
"#;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures: `just test-scale`"]
async fn the_page_paints_before_the_app_arrives_and_can_be_used_soon_on_a_slow_machine() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    alice
        .cdp(
            "Page.addScriptToEvaluateOnNewDocument",
            json!({"source": WATCH}),
        )
        .await;
    measure(&alice, "login", "/login").await;
    alice.register("alice").await;
    alice
        .drop_files(
            &[
                "landscape.jpg",
                "photo.webp",
                "alpha.png",
                "portrait-gps.jpg",
            ]
            .map(TestFile::fixture),
        )
        .await;
    alice.sees("4 pictures uploaded").await;
    measure(&alice, "gallery", "/").await;
}

async fn measure(browser: &Browser, page: &str, address: &str) {
    let conditions = |slow: bool| {
        let throughput = if slow { 10_000_000 / 8 } else { -1 };
        json!({"offline": false, "latency": 0, "downloadThroughput": throughput, "uploadThroughput": throughput})
    };
    browser.cdp("Network.enable", json!({})).await;
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        browser.is_here_for_the_first_time().await;
        browser
            .cdp("Network.emulateNetworkConditions", conditions(true))
            .await;
        browser
            .cdp("Emulation.setCPUThrottlingRate", json!({"rate": 4}))
            .await;
        browser.goto(address).await;
        rounds.push(browser.async_script(SEEN, json!([])).await);
        browser
            .cdp("Emulation.setCPUThrottlingRate", json!({"rate": 1}))
            .await;
        browser
            .cdp("Network.emulateNetworkConditions", conditions(false))
            .await;
    }
    let [painted, arrived, bytes, started, usable] =
        ["painted", "arrived", "bytes", "started", "usable"].map(|of| median(&rounds, of));
    println!(
        "{page}: paints at {painted:.0} ms, has the {bytes:.0} bytes of the app at {arrived:.0} ms and its own picture at {started:.0} ms, \
         can be used at {usable:.0} ms"
    );
    assert!(
        painted < arrived,
        "nothing is seen before the app has arrived: {rounds:?}"
    );
    assert!(bytes > 50_000.0, "not from the network: {rounds:?}");
    assert!(usable < MOST, "{rounds:?}");
}

fn median(rounds: &[Value], of: &str) -> f64 {
    let mut values: Vec<_> = rounds
        .iter()
        .map(|round| round[of].as_f64().unwrap_or(f64::INFINITY))
        .collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
