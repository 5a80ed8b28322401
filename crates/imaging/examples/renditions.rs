//! `renditions FILES MADE`: thumbnail and preview of every file in a folder, as `MADE/N-thumb.webp` and `MADE/N-preview.webp`.
//! `MADE/index.tsv` has a line for each file: its path, then N, or why it is refused. For `tests/colours`.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use tintype_imaging::{Limits, PREVIEW_SIDE, Renditions, clean, decode, inspect};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folders: Vec<_> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [files, made] = &folders[..] else {
        return Err("renditions FILES MADE".into());
    };
    let mut index = String::new();
    for (number, path) in all_in(files)?.iter().enumerate() {
        let name = path.strip_prefix(files)?.display();
        let bytes = std::fs::read(path)?;
        // As the server does: a decoder that panics is a file that can't be decoded.
        match std::panic::catch_unwind(|| renditions(&bytes))
            .unwrap_or_else(|_| Err("a decoder panicked".into()))
        {
            Ok(Renditions { preview, thumb, .. }) => {
                std::fs::write(made.join(format!("{number}-preview.webp")), preview.webp)?;
                std::fs::write(made.join(format!("{number}-thumb.webp")), thumb.webp)?;
                writeln!(index, "{name}\t{number}")?;
            }
            Err(error) => writeln!(index, "{name}\t{error}")?,
        }
    }
    Ok(std::fs::write(made.join("index.tsv"), index)?)
}

fn renditions(bytes: &[u8]) -> Result<Renditions, Box<dyn std::error::Error>> {
    let limits = Limits::default();
    let bytes = clean(bytes, &limits)?.bytes;
    Ok(decode(&bytes, &inspect(&bytes, &limits)?, &limits, PREVIEW_SIDE)?.render()?)
}

fn all_in(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(all_in(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
