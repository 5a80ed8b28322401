//! The script between a module and the browser, made smaller.

use std::collections::BTreeMap;
use std::mem;

/// How many hexadecimal digits make the names of what is passed between a module and its script unique.
const HASH: usize = 16;

/// Gives short names to what has a hash in its name, in the module and in its script: the hashes are random, and weigh some kilobytes.
pub fn shorten<'a>(names: impl Iterator<Item = &'a mut String>, script: &str) -> String {
    let mut known = BTreeMap::new();
    for (at, name) in names.filter(|name| has_hash(name)).enumerate() {
        let short = format!("_{at:x}");
        known.insert(mem::replace(name, short.clone()), short);
    }
    let mut out = String::with_capacity(script.len());
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
    let mut rest = script;
    while let Some(start) = rest.find(is_word) {
        let (before, after) = rest.split_at(start);
        let (word, tail) = after.split_at(after.find(|c| !is_word(c)).unwrap_or(after.len()));
        out.push_str(before);
        out.push_str(known.get(word).map_or(word, String::as_str));
        rest = tail;
    }
    out.push_str(rest);
    out
}

fn has_hash(name: &str) -> bool {
    let mut parts = name.split(|c: char| !c.is_ascii_hexdigit());
    parts.any(|digits| digits.len() >= HASH)
}

/// A script without comments that have lines of their own, and without indentation. What is generated has no text over several lines.
pub fn without_indentation(script: &str) -> String {
    let is_comment = |line: &&str| {
        ["//", "/*", "* ", "*/"]
            .iter()
            .any(|start| line.starts_with(start))
            || *line == "*"
    };
    let lines = script.lines().map(str::trim);
    let lines: Vec<_> = lines
        .filter(|line| !line.is_empty() && !is_comment(line))
        .collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_hash_in_its_name_has_a_short_one_on_both_sides() {
        let mut names = ["a_0123456789abcdef", "memory", "a_0123456789abcdef_2"].map(String::from);
        let script = "a_0123456789abcdef: f, x: a_0123456789abcdef_2(memory)";
        let script = shorten(names.iter_mut(), script);
        assert_eq!(names, ["_0", "memory", "_1"]);
        assert_eq!(script, "_0: f, x: _1(memory)");
    }

    #[test]
    fn comments_and_indentation_leave_a_script() {
        let script = "/**\n * a\n */\nif (b) {\n    // c\n    d * e;\n}\n";
        assert_eq!(without_indentation(script), "if (b) {\nd * e;\n}");
    }
}
