use std::io::{self, BufRead, Write};

/// Of every path on standard input.
pub fn judge_all() -> io::Result<()> {
    let mut out = io::stdout().lock();
    for path in io::stdin().lock().lines() {
        let path = path?;
        writeln!(out, "{path}\t{}", crate::verdict(&std::fs::read(&path)?))?;
    }
    Ok(())
}
