//! How names are compared: the tables of Unicode, for the server alone.

use unicase::UniCase;
use unicode_normalization::UnicodeNormalization;

use crate::RuleError;
use crate::names::{is_ignorable, one_line};

/// Text in Unicode's normal form NFC.
#[must_use]
pub fn nfc(text: &str) -> String {
    text.nfc().collect()
}

/// The form in which names and searches are compared: NFC and full case folding, without characters that show nothing.
///
/// So `ß` is `ss`, a final `ς` is `σ`, and `ﬁ` is `fi`; accents count, and so does what only looks alike. Nobody says in which
/// language a name is written, so all of Turkish and English i (`I`, `İ`, `ı`, `i`) are one letter: "istanbul" finds "İSTANBUL", and
/// "ışık" finds "IŞIK".
///
/// The database holds names in this form. Other tables or another rule need a migration that folds them anew: a test of this file
/// fails until somebody has seen to it.
#[must_use]
pub fn folded(text: &str) -> String {
    let decomposed: String = text.chars().filter(|c| !is_ignorable(*c)).nfd().collect();
    let mut out = String::with_capacity(decomposed.len());
    for c in UniCase::unicode(decomposed).to_folded_case().chars() {
        match c {
            'ı' => out.push('i'),
            // The dot of `İ`, which folds to an i and a dot above it.
            '\u{307}' if out.ends_with('i') => {}
            c => out.push(c),
        }
    }
    nfc(&out)
}

/// What somebody looks for: up to 100 characters on one line, as folded words. All of them have to occur.
///
/// # Errors
/// A sentence that says what to change.
pub fn check_search(text: &str) -> Result<Vec<String>, RuleError> {
    let line = one_line(
        text,
        100,
        nfc,
        [
            "Search for words on one line.",
            "Use at most 100 characters.",
        ],
    )?;
    Ok(line
        .map(|line| {
            folded(&line)
                .split_whitespace()
                .map(str::to_owned)
                .collect()
        })
        .unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidied;

    #[test]
    fn names_that_differ_in_case_or_normal_form_alone_are_the_same() {
        for same in [
            &["été", "ÉTÉ", "e\u{301}te\u{301}", "E\u{301}T\u{c9}"][..],
            &["ὈΔΥΣΣΕΎΣ", "Ὀδυσσεύς", "ὀδυσσεύσ"],
            &["straße", "STRASSE", "STRAẞE", "strasse"],
            &[
                "istanbul",
                "İstanbul",
                "ISTANBUL",
                "İSTANBUL",
                "ıstanbul",
                "I\u{307}stanbul",
                "i\u{307}\u{307}stanbul",
            ],
            &["ışık", "IŞIK", "IS\u{327}IK"],
            &["ﬁsh", "FISH"],
            &["ǰ", "J\u{30c}"],
            // Iota subscript, typed before the accent and after it.
            &["ᾄ", "α\u{345}\u{313}\u{301}", "ᾌ", "ἄι"],
            // With or without a joiner, a variation selector, a soft hyphen.
            &["می\u{200c}روم", "میروم"],
            &["❤\u{fe0f}", "❤"],
            &["Donau\u{ad}dampf", "donaudampf"],
            &["한", "\u{1112}\u{1161}\u{11ab}"],
            &["ꮿ", "Ꮿ"],
        ] {
            for name in same {
                assert_eq!(folded(name), folded(same[0]), "{name:?}");
            }
        }
    }

    #[test]
    fn names_that_differ_otherwise_stay_apart() {
        for (one, other) in [
            ("ete", "été"),
            ("ﬀ", "ｆｆ"),
            ("２", "2"),
            ("а", "a"),
            ("ø", "o"),
            ("sik", "şik"),
            ("j\u{307}", "j"),
        ] {
            assert_ne!(folded(one), folded(other), "{one:?} {other:?}");
        }
    }

    #[test]
    fn a_search_is_folded_words() {
        assert_eq!(
            check_search(" Été  Lake "),
            Ok(vec!["été".into(), "lake".into()])
        );
        assert_eq!(
            check_search("a\u{a0}\u{200d}b\u{3000}\u{202e}C"),
            Ok(vec!["a".into(), "b".into(), "c".into()])
        );
        assert_eq!(check_search(" \u{200d} "), Ok(Vec::new()));
        assert!(
            check_search(&"x".repeat(101)).is_err()
                && check_search("a\0b").is_err()
                && check_search("a\u{2029}b").is_err()
        );
    }

    /// Every character there is, in lines: one call for many is a hundred times as quick. Beyond are CJK ideographs and private use, which
    /// nothing is made of, and tags.
    fn every_character() -> impl Iterator<Item = String> {
        let places = (0..0x3000)
            .chain(0xa000..0xac00)
            .chain(0xd700..0x1_8000)
            .chain(0x1_b000..0x2_0000)
            .chain(0x2_f800..0x2_fa20);
        let characters: Vec<char> = places.filter_map(char::from_u32).collect();
        characters
            .chunks(256)
            .map(|line| {
                line.iter()
                    .flat_map(|c| ['i', *c, '\u{307}', 'a'])
                    .collect()
            })
            .collect::<Vec<_>>()
            .into_iter()
    }

    #[test]
    fn what_is_folded_stays_as_it_is() {
        for line in every_character() {
            let once = folded(&line);
            assert_eq!(folded(&once), once);
        }
    }

    /// The database holds what these functions made of names. When they make something else, from a new rule or from new tables, add a
    /// migration that makes them anew as `m20261127_000014_folded_names` does, and then put the new number here.
    #[test]
    fn names_in_the_database_were_folded_by_these_very_rules() {
        let mut digest = 0xcbf2_9ce4_8422_2325_u64;
        for line in every_character() {
            for byte in [folded(&line), tidied(&line, nfc)].concat().bytes() {
                // FNV-1a: the same everywhere and for ever.
                digest = (digest ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
            }
        }
        assert_eq!(digest, 0x4802_19d0_f3ab_5655, "{digest:#x}");
    }
}
