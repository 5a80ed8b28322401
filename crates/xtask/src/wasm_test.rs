//! The page's tests, in headless Chromium.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result, ensure};

const CHROMEDRIVER: &str = "/usr/bin/chromedriver";

/// Compiles the tests with the page's profile, which shares its dependencies, and runs them in a browser.
pub fn run(root: &Path, args: &[OsString]) -> Result<()> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    // A copy: building this program without its feature `wasm-test` meanwhile would take the runner away.
    let copy = root.join("target/wasm-runner");
    fs::copy(env::current_exe().context("find this program")?, &copy)
        .context("copy this program")?;
    let mut runner = copy.into_os_string();
    runner.push(" wasm-runner");
    let driver = env::var_os("CHROMEDRIVER").unwrap_or_else(|| CHROMEDRIVER.into());
    let status = Command::new(cargo)
        .current_dir(root)
        .args(["test", "--package", "tintype-frontend", "--lib"])
        .args([
            "--target",
            "wasm32-unknown-unknown",
            "--profile",
            "page",
            "--",
        ])
        .args(args)
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", runner)
        .env("CHROMEDRIVER", driver)
        .env("WASM_BINDGEN_TEST_TIMEOUT", "120")
        .status()
        .context("start cargo")?;
    ensure!(status.success(), "the page's tests fail");
    Ok(())
}

/// Runs one compiled test file; `args` is its path and what follows.
pub fn runner(args: Vec<OsString>) -> Result<()> {
    let program = OsString::from("wasm-bindgen-test-runner");
    wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(
        std::iter::once(program).chain(args),
    )
}
