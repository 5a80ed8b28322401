//! What the main thread is busy with, and what the page keeps in memory.

use serde_json::{Value, json};

use crate::browser::Browser;

const WASM_MEMORY: &str = r#"
const done = arguments[0];
import(document.querySelector("link[rel=modulepreload]").href)
    .then(app => app.default())
    .then(instance => done(instance.memory.buffer.byteLength), error => done(String(error)));
"#;

/// Takes tasks of 50 ms and more down, and when drops reach the page.
const WATCH: &str = r#"
[window.longTasks, window.dropped] = [[], []];
window.watching = new PerformanceObserver(list => longTasks.push(...list.getEntries()));
watching.observe({ type: "longtask" });
for (const kind of ["dragenter", "dragover", "drop"]) addEventListener(kind, () => dropped.push(performance.now()), { capture: true });
"#;

/// Before a drop reaches the page the browser makes its thousand files, in the same task: on an empty page that takes as long.
const TASKS: &str = r"
const ours = ({ startTime, duration }) => {
    const end = startTime + duration;
    return end - Math.max(startTime, ...dropped.filter(at => at < end));
};
return [...longTasks, ...watching.takeRecords()].map(ours).sort((a, b) => b - a);
";

/// From now on, tasks of the main thread are timed.
pub async fn watch(browser: &Browser) {
    browser.script(WATCH, json!([])).await;
}

/// How long tasks were busy with the page, of those that took 50 ms and more: milliseconds by the clock, the longest first.
pub async fn long_tasks(browser: &Browser) -> Vec<f64> {
    let tasks = browser.script(TASKS, json!([])).await;
    tasks
        .as_array()
        .expect("somebody watches")
        .iter()
        .filter_map(Value::as_f64)
        .collect()
}

/// What a page keeps.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// Objects of JavaScript's, MB, after a collection.
    pub js: f64,
    /// `WebAssembly` memory, MB: it never shrinks.
    pub wasm: f64,
    /// DOM nodes, those that wait for a collection too.
    pub nodes: f64,
}

pub async fn memory(browser: &Browser) -> Memory {
    browser.cdp("HeapProfiler.collectGarbage", json!({})).await;
    browser.cdp("Performance.enable", json!({})).await;
    let told = browser.cdp("Performance.getMetrics", json!({})).await;
    let metric = |name: &str| {
        let metrics = told["metrics"].as_array().expect("metrics");
        metrics
            .iter()
            .find(|metric| metric["name"] == name)
            .and_then(|metric| metric["value"].as_f64())
            .expect(name)
    };
    let wasm = browser.async_script(WASM_MEMORY, json!([])).await;
    let wasm = wasm.as_f64().unwrap_or_else(|| panic!("no memory: {wasm}"));
    Memory {
        js: metric("JSHeapUsedSize") / 1e6,
        wasm: wasm / 1e6,
        nodes: metric("Nodes"),
    }
}
