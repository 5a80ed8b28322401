//! What files in an archive are called: as the pictures are, where every system can keep that, and no two the same.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use tintype_dto::{check_filename, folded, nfc};

use super::super::attachment::stem;

/// The longest name without what makes it unique and says its type, bytes of UTF-8: file systems take 255.
const LONGEST: usize = 200;
/// What Windows keeps for devices, whatever the extension.
const DEVICES: [&str; 6] = ["aux", "con", "conin$", "conout$", "nul", "prn"];
const PORTS: [&str; 2] = ["com", "lpt"];
const NUMBERS: [&str; 12] = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "¹", "²", "³"];

/// The names that are taken, folded: some file systems tell neither case nor normal form apart. Each with the last number behind it. Hashes stand for
/// them, since there may be very many: two that have the same one by chance are held to be the same name.
#[derive(Default)]
pub struct Names {
    taken: HashMap<u64, u32>,
    hasher: RandomState,
}

impl Names {
    /// A name that nothing else in the archive has, made of this one.
    pub fn take(&mut self, wanted: &str, extension: &str) -> String {
        let stem = safe(wanted);
        let first = format!("{stem}.{extension}");
        let key = self.key(&first);
        let mut number = self.taken.get(&key).copied().unwrap_or_default();
        let mut name = first;
        while self.taken.contains_key(&self.key(&name)) {
            number += 1;
            name = format!("{stem} ({number}).{extension}");
        }
        self.taken.insert(self.key(&name), 0);
        self.taken.insert(key, number);
        name
    }

    fn key(&self, name: &str) -> u64 {
        self.hasher.hash_one(folded(name))
    }
}

/// A name without folders, controls and characters that file systems keep for themselves, of bounded length, and without the extension of
/// a picture.
pub fn safe(name: &str) -> String {
    let is_kept = |c| "/\\:*?\"<>|".contains(c);
    let name = stem(name).replace(is_kept, "_");
    let name = check_filename(&name, nfc);
    let short = &name[..name.floor_char_boundary(LONGEST)];
    // Windows drops dots and spaces at the end; Unix hides what begins with a dot.
    let short = short.trim_matches([' ', '.']);
    match short {
        "" => "image".into(),
        device if is_device(device) => format!("_{device}"),
        name => name.into(),
    }
}

fn is_device(name: &str) -> bool {
    let name = folded(name);
    let name = name.split('.').next().unwrap_or_default().trim_end();
    let is_port = |port: &str| {
        name.strip_prefix(port)
            .is_some_and(|number| NUMBERS.contains(&number))
    };
    DEVICES.contains(&name) || PORTS.into_iter().any(is_port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_made_fit_for_every_file_system() {
        for (wanted, name) in [
            ("été.JPG", "été"),
            ("Dr.No", "Dr.No"),
            ("../../etc/passwd", "_.._etc_passwd"),
            ("C:\\a\\b?.png", "C__a_b_"),
            ("a\r\nb\0c\u{1b}[31m", "abc[31m"),
            ("x\u{202e}gpj.exe", "xgpj.exe"),
            ("...", "image"),
            (" \u{2060} ", "image"),
            ("", "image"),
            (".hidden.png", "hidden"),
            ("CON", "_CON"),
            ("Com1.tar.jpg", "_Com1.tar"),
            ("com12", "com12"),
            ("come", "come"),
            ("a. . .jpg", "a"),
            ("日本語", "日本語"),
        ] {
            assert_eq!(safe(wanted), name, "{wanted:?}");
        }
        let long = safe(&"é".repeat(255));
        assert_eq!(long, "é".repeat(LONGEST / 2));
    }

    #[test]
    fn no_two_names_are_the_same_whatever_the_case() {
        let mut names = Names::default();
        let mut taken = Vec::new();
        for wanted in [
            "a.png",
            "A.jpg",
            "a",
            "A (1).jpg",
            "a (1)",
            "STRASSE",
            "straße",
            "e\u{301}",
            "É",
            "b",
        ] {
            taken.push(names.take(wanted, "jpg"));
        }
        let expected = [
            "a.jpg",
            "A (1).jpg",
            "a (2).jpg",
            "A (1) (1).jpg",
            "a (1) (2).jpg",
            "STRASSE.jpg",
            "straße (1).jpg",
            "é.jpg",
            "É (1).jpg",
            "b.jpg",
        ];
        assert_eq!(taken, expected);
        assert_eq!(names.take("a", "png"), "a.png", "the extension counts");
    }

    #[test]
    fn ten_thousand_of_one_name_take_no_longer_for_the_last_than_for_the_first() {
        let mut names = Names::default();
        let all: Vec<_> = (0..10_000)
            .map(|_| names.take("image.png", "png"))
            .collect();
        assert_eq!(all.last().map(String::as_str), Some("image (9999).png"));
    }
}
