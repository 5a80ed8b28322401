//! What the page weighs on the wire.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

/// The most that scripts, styles and `WebAssembly` may weigh together, brotli-compressed.
const BUDGET: u64 = 300_000;

/// Prints the weight of each asset and fails when the sum is over the budget.
pub fn check(root: &Path) -> Result<()> {
    let folder = crate::page::Edition::Shipped.dist(root).join("assets");
    let mut sum = 0;
    let mut files = weigh(&folder)?;
    files.sort();
    for (name, size) in files {
        println!("{:>9}  {name}", kilobytes(size));
        sum += size;
    }
    println!("{:>9}  in all, of {}", kilobytes(sum), kilobytes(BUDGET));
    ensure!(
        sum <= BUDGET,
        "the page is {} over its budget",
        kilobytes(sum - BUDGET)
    );
    Ok(())
}

/// Name and compressed size of everything that the page needs to start.
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
