//! Builds and starts the whole product, and runs every test.

use std::ffi::{OsStr, OsString};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result, ensure};

use crate::page::{self, Edition};

/// The server, with the page inside.
const SERVER: [&str; 5] = [
    "build",
    "--bin",
    "tintype",
    "--features",
    "tintype-api/page",
];
/// What the tests need, as `tests/tools` names it.
const TEST_TOOLS: [&str; 13] = [
    "postgres",
    "caddy",
    "nginx",
    "openssl",
    "exiftool",
    "strace",
    "curl",
    "jq",
    "unzip",
    "keyring",
    "chromium",
    "axe",
    "schemathesis",
];

/// Builds everything and becomes the server.
pub fn run(root: &Path) -> Result<()> {
    build(
        root,
        "Building Tintype: about 10 minutes the first time, seconds after that.",
        &["--no-default-features"],
    )?;
    // Nothing is left of this process: signals reach the server itself.
    let error = Command::new(root.join("target/debug/tintype"))
        .arg("serve")
        .current_dir(root)
        .exec();
    Err(error).context("start the server")
}

/// Builds what is shipped: `target/release/tintype`.
pub fn release(root: &Path) -> Result<()> {
    build(
        root,
        "Building Tintype for release: about 15 minutes the first time.",
        &["--release"],
    )
}

fn build(root: &Path, notice: &str, more: &[&str]) -> Result<()> {
    if !root.join("target/dist/index.html").exists() {
        println!("{notice}");
    }
    page(root)?;
    cargo(root, SERVER.iter().chain(more))
}

/// Builds the page into `target/dist`.
fn page(root: &Path) -> Result<()> {
    script(root, "tests/tools", ["wasm"])?;
    page::build(root, Edition::Shipped)
}

/// Runs every test: units, API on SQLite and PostgreSQL, storage, components and the page in a browser.
pub fn test(root: &Path, args: &[OsString]) -> Result<()> {
    println!("Building Tintype with its tests: about 20 minutes the first time; then 10 to run.");
    script(root, "tests/tools", TEST_TOOLS)?;
    page(root)?;
    cargo(root, SERVER)?;
    // The browser's server stays, while the tests build one with failpoints.
    let server = root.join("target/debug/tintype-with-page");
    fs::copy(root.join("target/debug/tintype"), &server).context("keep the server")?;
    let cargo_test = ["cargo", "test"].map(OsString::from);
    script(root, "tests/with-postgres", cargo_test.iter().chain(args))?;
    let small_disk = [
        "tests/with-postgres",
        "cargo",
        "test",
        "--test",
        "suite",
        "--test",
        "api",
    ];
    let ignored = [
        "--",
        "--ignored",
        "--test-threads",
        "1",
        "small_disk",
        "small_tablespace",
    ];
    script(
        root,
        "tests/with-small-disk",
        small_disk.iter().chain(&ignored),
    )?;
    if Command::new("garage").arg("--version").output().is_ok() {
        let matrix = [
            "tests/with-s3",
            "cargo",
            "test",
            "--test",
            "api",
            "--",
            "--ignored",
            "kill::matrix",
        ];
        script(root, "tests/with-postgres", matrix)?;
    }
    cargo(
        root,
        [
            "run",
            "--quiet",
            "-p",
            "xtask",
            "--features",
            "wasm-test",
            "--",
            "wasm-test",
        ],
    )?;
    let tt = ["test", "-p", "tintype-cli"].map(OsString::from);
    start(command(root, cargo_program(), tt.iter().chain(args)).env("TINTYPE_BIN", &server))?;
    let browser = ["test", "-p", "tintype-e2e"].map(OsString::from);
    start(command(root, cargo_program(), browser.iter().chain(args)).env("TINTYPE_BIN", &server))?;
    // Whoever names a test wants that test.
    if args.is_empty() {
        use_server(root, &server)?;
    }
    Ok(())
}

/// Lets programs that are not ours use the server.
fn use_server(root: &Path, server: &Path) -> Result<()> {
    for script in ["tests/proxies", "tests/fuzz-api"] {
        let script = root.join(script).into();
        start(command(root, script, [""; 0]).env("TINTYPE_BIN", server))?;
    }
    Ok(())
}

fn cargo_program() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

fn cargo(root: &Path, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Result<()> {
    start(&mut command(root, cargo_program(), args))
}

/// A script of the repository.
fn script(
    root: &Path,
    path: &str,
    args: impl IntoIterator<Item = impl AsRef<OsStr>>,
) -> Result<()> {
    start(&mut command(root, root.join(path).into(), args))
}

fn command(
    root: &Path,
    program: OsString,
    args: impl IntoIterator<Item = impl AsRef<OsStr>>,
) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root).args(args);
    command
}

fn start(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("start {command:?}"))?;
    ensure!(status.success(), "{command:?} failed");
    Ok(())
}
