//! What the page weighs on the wire.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

/// The most that scripts, styles and `WebAssembly` may weigh together until the gallery can be used, brotli-compressed.
const BUDGET: u64 = 281_000;
/// The most of everything, with what is loaded when the first file is added, and what few open.
const BUDGET_IN_ALL: u64 = 441_000;
/// What those begin with.
const LATER: [&str; 2] = ["later", "worker"];

/// Prints the weight of each asset and fails when a sum is over its budget.
pub fn check(root: &Path) -> Result<()> {
    let folder = crate::page::Edition::Shipped.dist(root).join("assets");
    let (mut sum, mut later) = (0, 0);
    let mut files = weigh(&folder)?;
    files.sort();
    for (name, size) in files {
        println!("{:>9}  {name}", kilobytes(size));
        if LATER.iter().any(|later| name.starts_with(later)) {
            later += size;
        } else {
            sum += size;
        }
    }
    within(sum, BUDGET, "until the gallery can be used")?;
    within(sum + later, BUDGET_IN_ALL, "in all")
}

fn within(sum: u64, budget: u64, what: &str) -> Result<()> {
    println!("{:>9}  {what}, of {}", kilobytes(sum), kilobytes(budget));
    ensure!(
        sum <= budget,
        "the page is {} over its budget {what}",
        kilobytes(sum - budget)
    );
    Ok(())
}

/// Name and compressed size of every script, style and module.
fn weigh(folder: &Path) -> Result<Vec<(String, u64)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)
        .with_context(|| format!("list {}: build the page first", folder.display()))?
    {
        let path = entry?.path();
        let counted = path
            .extension()
            .is_some_and(|ext| ext == "wasm" || ext == "js" || ext == "css");
        if counted && let Some(name) = path.file_name() {
            let twin = folder.join(format!("{}.br", name.to_string_lossy()));
            let sent = if twin.exists() { twin } else { path.clone() };
            let size = fs::metadata(&sent)
                .with_context(|| format!("weigh {}", sent.display()))?
                .len();
            files.push((name.to_string_lossy().into_owned(), size));
        }
    }
    Ok(files)
}

fn kilobytes(bytes: u64) -> String {
    format!("{}.{} KB", bytes / 1000, bytes % 1000 / 100)
}
