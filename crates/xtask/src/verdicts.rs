//! The verdicts of `crates/imaging` as the page would give them: its `WebAssembly` under Node.

use std::path::Path;
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result, ensure};
use wasm_bindgen_cli_support::Bindgen;

use crate::page::TARGET;

/// Paths on standard input, a line for each on standard output.
const RUN: &str = "const fs = require('fs');
const paths = fs.readFileSync(0, 'utf8').split('\\n').filter(Boolean);
const lines = [];
globalThis.nextFile = () => lines.length < paths.length ? new Uint8Array(fs.readFileSync(paths[lines.length])) : undefined;
globalThis.say = verdict => { lines.push(`${paths[lines.length]}\\t${verdict}\\n`); };
require('./verdicts.js');
process.stdout.write(lines.join(''));
";

/// Compiles as the page is compiled, and prints what the module says of every file that standard input names.
pub fn run(root: &Path) -> Result<()> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let args = [
        "build",
        "--quiet",
        "--package",
        "tintype-verdicts",
        "--target",
        TARGET,
        "--profile",
        "page",
    ];
    ensure!(
        Command::new(cargo)
            .current_dir(root)
            .args(args)
            .status()
            .context("start cargo")?
            .success(),
        "it does not compile"
    );
    let folder = root.join("target/verdicts");
    let wasm = root
        .join("target")
        .join(TARGET)
        .join("page/tintype-verdicts.wasm");
    Bindgen::new()
        .input_path(wasm)
        .out_name("verdicts")
        .nodejs(true)?
        .typescript(false)
        .generate(&folder)
        .context("make the glue")?;
    fs::write(folder.join("run.js"), RUN).context("write the runner")?;
    let status = Command::new("node")
        .arg(folder.join("run.js"))
        .status()
        .context("start node")?;
    ensure!(status.success(), "node failed");
    Ok(())
}
