//! `docs/benchmarks.md`: a section for each of the two commands, of which one run writes its own.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::product::root;

const HEAD: &str = "# What the API costs\n\nWritten by `just bench api --write` and `just bench overload --write`; \
                    `crates/bench` says how each figure comes about.\n";
const MARK: &str = "\n## ";

/// Prints a section and, if that is wanted, puts it into the document.
pub fn publish(title: &str, text: &str, write: bool) -> Result<()> {
    println!("{text}");
    if !write {
        return Ok(());
    }
    let path = path();
    let before = fs::read_to_string(&path).unwrap_or_default();
    fs::write(&path, with_section(&before, title, text))
        .with_context(|| format!("write {}", path.display()))?;
    crate::say(format_args!("written to {}", path.display()));
    Ok(())
}

fn path() -> PathBuf {
    Path::new(&root()).join("docs/benchmarks.md")
}

/// The document with this section in the place of the one that had the title.
fn with_section(before: &str, title: &str, text: &str) -> String {
    let mut sections: Vec<(&str, &str)> = before
        .split(MARK)
        .skip(1)
        .filter_map(|section| section.split_once('\n'))
        .map(|(title, text)| (title, text.trim()))
        .collect();
    match sections.iter_mut().find(|(known, _)| *known == title) {
        Some((_, known)) => *known = text.trim(),
        None => sections.push((title, text.trim())),
    }
    let shown = sections
        .iter()
        .map(|(title, text)| format!("{MARK}{title}\n\n{text}\n"));
    HEAD.to_owned() + &shown.collect::<String>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_takes_the_place_of_the_one_before_and_leaves_the_others() {
        let one = with_section("", "Requests", "old\n");
        let two = with_section(&one, "Overload", "other\n");
        let three = with_section(&two, "Requests", "new\n");
        assert_eq!(
            three,
            format!("{HEAD}\n## Requests\n\nnew\n\n## Overload\n\nother\n")
        );
    }
}
