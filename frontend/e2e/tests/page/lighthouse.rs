//! Lighthouse's scores of the pages that people are on, medians of five runs: `just lighthouse`.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::browser::Browser;
use crate::files::{TestFile, photos};
use crate::server::{Server, root};
use crate::tour::{album, links};

const CATEGORIES: [&str; 3] = ["performance", "accessibility", "best-practices"];
/// Its name for the mode, and the minimum of each score.
const MODES: [(&str, &[&str], f64); 2] = [
    ("desktop", &["--preset=desktop"], 95.0),
    ("mobile", &[], 90.0),
];

#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures: `just lighthouse`"]
async fn login_gallery_image_view_and_album_reach_their_scores() {
    let server = Server::start().await;
    let alice = Browser::start(&server).await;
    let mut low = Vec::new();
    println!(
        "{:<10}{:<10}{:>12}{:>15}{:>16}   ms: first paint, largest, blocked; shift",
        "page", "mode", "performance", "accessibility", "best practices"
    );
    low.extend(run(&alice, "login", &server.url("/login")).await);
    alice.register("alice").await;
    let (photos, telling) = (photos(), TestFile::fixture("portrait-gps.jpg"));
    alice.drop_files(&photos).await;
    alice
        .sees(&format!("{} pictures uploaded", photos.len()))
        .await;
    alice.drop_files(std::slice::from_ref(&telling)).await;
    alice.tray_says(&telling.name, "Done").await;
    // Lighthouse leaves the browser where nothing is of the page.
    let (shared, image) = (album(&alice).await, links(&alice, &photos[0].name).await.0);
    low.extend(run(&alice, "gallery", &server.url("/")).await);
    low.extend(run(&alice, "image", &image).await);
    low.extend(run(&alice, "album", &shared).await);
    assert!(low.is_empty(), "\n{}", low.join("\n"));
}

/// So often is each looked at: one run tells little of the next, so the median counts.
const RUNS: usize = 5;

/// Prints the scores of a page and gives those that are too low, with what Lighthouse has against it.
async fn run(browser: &Browser, page: &str, address: &str) -> Vec<String> {
    let mut low = Vec::new();
    for (mode, flags, least) in MODES {
        let report = median_report(browser, page, mode, address, flags).await;
        let score = |category: &str| {
            (report["categories"][category]["score"]
                .as_f64()
                .unwrap_or(0.0)
                * 100.0)
                .round()
        };
        let value = |audit: &str| {
            report["audits"][audit]["numericValue"]
                .as_f64()
                .unwrap_or(f64::NAN)
        };
        let [speed, access, practice] = CATEGORIES.map(score);
        let times = [
            "first-contentful-paint",
            "largest-contentful-paint",
            "total-blocking-time",
        ]
        .map(|audit| format!("{:.0}", value(audit)));
        println!(
            "{page:<10}{mode:<10}{speed:>12}{access:>15}{practice:>16}   {}; {:.3}",
            times.join(", "),
            value("cumulative-layout-shift")
        );
        assert!(
            report["finalDisplayedUrl"]
                .as_str()
                .is_some_and(|url| address.ends_with(url) || url == address),
            "{}",
            report["finalDisplayedUrl"]
        );
        for category in CATEGORIES
            .into_iter()
            .filter(|category| score(category) < least)
        {
            low.push(format!(
                "{page}, {mode}: {category} {} of {least}: {}",
                score(category),
                faults(&report, category).join("; ")
            ));
        }
    }
    low
}

/// The report whose score for performance is in the middle.
async fn median_report(
    browser: &Browser,
    page: &str,
    mode: &str,
    address: &str,
    flags: &[&str],
) -> Value {
    let mut reports = Vec::with_capacity(RUNS);
    while reports.len() < RUNS {
        browser.is_here_for_the_first_time().await;
        // Now and then it misses the beginning of its own trace, and says to run it again.
        match report(browser, page, mode, address, flags) {
            Err(why) if why.contains("NO_NAVSTART") => {
                println!("{page:<10}{mode:<10}again: {}", why.trim());
            }
            report => reports.push(report.unwrap_or_else(|why| panic!("{why}"))),
        }
    }
    let speed = |report: &Value| {
        report["categories"]["performance"]["score"]
            .as_f64()
            .unwrap_or(0.0)
    };
    reports.sort_by(|a, b| speed(a).total_cmp(&speed(b)));
    println!(
        "{page:<10}{mode:<10}runs {:?}",
        reports
            .iter()
            .map(|report| (speed(report) * 100.0).round())
            .collect::<Vec<_>>()
    );
    reports.swap_remove(RUNS / 2)
}

fn report(
    browser: &Browser,
    page: &str,
    mode: &str,
    address: &str,
    flags: &[&str],
) -> Result<Value, String> {
    let folder = root().join("target/lighthouse");
    let to = folder.join(format!("{page}-{mode}.json"));
    let done = Command::new("node")
        .arg(folder.join("node_modules/lighthouse/cli/index.js"))
        .arg(address)
        .args(["--disable-storage-reset", "--quiet", "--output=json"])
        .arg(format!("--port={}", browser.devtools_port()))
        .arg(format!("--only-categories={}", CATEGORIES.join(",")))
        .arg(format!("--output-path={}", to.display()))
        .args(flags)
        .output()
        .expect("start node");
    if !done.status.success() {
        return Err(String::from_utf8_lossy(&done.stderr).into_owned());
    }
    Ok(serde_json::from_slice(&fs::read(&to).expect("a report")).expect("JSON"))
}

/// What counts against the page in a category.
fn faults(report: &Value, category: &str) -> Vec<String> {
    let audits = report["categories"][category]["auditRefs"]
        .as_array()
        .into_iter()
        .flatten();
    let weighs = audits
        .filter(|audit| audit["weight"].as_f64() > Some(0.0))
        .filter_map(|audit| audit["id"].as_str());
    let bad = weighs.filter(|id| {
        report["audits"][id]["score"]
            .as_f64()
            .is_some_and(|score| score < 0.9)
    });
    bad.map(|id| {
        format!(
            "{} {}",
            report["audits"][id]["title"], report["audits"][id]["displayValue"]
        )
    })
    .collect()
}
