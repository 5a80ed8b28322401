//! What the main thread is busy with, and what the page keeps in memory.

use std::{
    collections::HashSet,
    fs,
    path::Path,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::browser::Browser;

const WASM_MEMORY: &str = r#"
const done = arguments[0];
import(document.querySelector("link[rel=modulepreload]").href)
    .then(app => app.default())
    .then(instance => done(instance.memory.buffer.byteLength), error => done(String(error)));
"#;

const PATIENCE: Duration = Duration::from_secs(60);

/// Flags for a Chromium that notes the tasks of all its threads, in this file when it ends.
pub fn trace_flags(file: &Path) -> [String; 4] {
    let to = format!("--trace-startup-file={}", file.display());
    ["--trace-startup=-*,toplevel".into(), to, "--trace-startup-format=json".into(), "--trace-startup-duration=0".into()]
}

/// Closes the browser and tells which tasks of its pages' main threads took 50 ms and more, the longest first. It is CPU time, so that
/// other work on this machine does not count.
pub async fn long_tasks(browser: Browser, trace: &Path) -> Vec<f64> {
    browser.close().await;
    let deadline = Instant::now() + PATIENCE;
    let written = loop {
        match fs::read_to_string(trace) {
            Ok(written) if written.trim_end().ends_with('}') => break written,
            _ => assert!(Instant::now() < deadline, "no trace in {}", trace.display()),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    // An event a line.
    let events = || written.lines().filter_map(|line| serde_json::from_str::<Value>(line.trim_end_matches(',')).ok());
    let thread = |event: &Value| Some((event["pid"].as_u64()?, event["tid"].as_u64()?));
    let main: HashSet<_> = events().filter(|event| event["args"]["name"] == "CrRendererMain").filter_map(|event| thread(&event)).collect();
    let on_main = |event: &Value| thread(event).is_some_and(|thread| main.contains(&thread));
    let tasks = events().filter(|event| event["name"] == "ThreadControllerImpl::RunTask" && on_main(event));
    let mut tasks: Vec<_> = tasks.filter_map(|task| task["tdur"].as_f64()).map(|micros| micros / 1000.0).collect();
    assert!(tasks.len() > 1000, "the trace has {} tasks of {} threads", tasks.len(), main.len());
    tasks.retain(|task| *task >= 50.0);
    tasks.sort_by(|a, b| b.total_cmp(a));
    tasks
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
        metrics.iter().find(|metric| metric["name"] == name).and_then(|metric| metric["value"].as_f64()).expect(name)
    };
    let wasm = browser.async_script(WASM_MEMORY, json!([])).await;
    let wasm = wasm.as_f64().unwrap_or_else(|| panic!("no memory: {wasm}"));
    Memory { js: metric("JSHeapUsedSize") / 1e6, wasm: wasm / 1e6, nodes: metric("Nodes") }
}
