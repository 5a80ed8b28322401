//! Finds out which commit is built, for release builds alone: what is built while working stays as it is when something is committed.

use std::env;
use std::path::Path;
use std::process::Command;

/// The commit and its day, for builds without a history, as the image's.
const COMMIT: &str = "TINTYPE_COMMIT";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed={COMMIT}");
    let version = env!("CARGO_PKG_VERSION");
    let given = env::var(COMMIT).ok().filter(|commit| !commit.is_empty());
    let version = match given.or_else(released) {
        Some(commit) => format!("{version} ({commit})"),
        None => version.to_owned(),
    };
    println!("cargo::rustc-env=TINTYPE_VERSION={version}");
}

/// The commit that is checked out, for release builds.
fn released() -> Option<String> {
    if env::var("PROFILE").ok()? != "release" {
        return None;
    }
    // It grows with every commit and checkout. A file that is not there would have this run every time.
    let log = git(&["rev-parse", "--git-path", "logs/HEAD"])?;
    if Path::new(&log).exists() {
        println!("cargo::rerun-if-changed={log}");
    }
    git(&[
        "log",
        "-1",
        "--abbrev=12",
        "--date=format-local:%Y-%m-%d",
        "--format=%h %cd",
    ])
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .env("TZ", "UTC")
        .args(arguments)
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !text.trim().is_empty()).then(|| text.trim().to_owned())
}
