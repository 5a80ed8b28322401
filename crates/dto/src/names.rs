//! The rules for names and for words about pictures, the same on the server and in the page.
//!
//! Letters are kept in Unicode's normal form NFC, so that a name from macOS and one from Windows are the same name. The tables for
//! that are large: a page has its browser's, a server brings its own, and the rules are told which.

use crate::RuleError;

/// Brings text to Unicode's normal form NFC.
pub type Nfc = fn(&str) -> String;

/// A title: up to 200 characters on one line, tidied. `None` when nothing that shows is left.
///
/// # Errors
/// A sentence that says what to change.
pub fn check_title(text: &str, nfc: Nfc) -> Result<Option<String>, RuleError> {
    one_line(
        text,
        200,
        nfc,
        ["Keep the title on one line.", "Use at most 200 characters."],
    )
}

/// What a picture shows, in words: up to 500 characters on one line, tidied. `None` when nothing that shows is left.
///
/// # Errors
/// A sentence that says what to change.
pub fn check_alt(text: &str, nfc: Nfc) -> Result<Option<String>, RuleError> {
    one_line(
        text,
        500,
        nfc,
        [
            "Keep the description on one line.",
            "Use at most 500 characters.",
        ],
    )
}

/// What there is to say about an album: up to 1,000 characters on one line, tidied. `None` when nothing that shows is left.
///
/// # Errors
/// A sentence that says what to change.
pub fn check_description(text: &str, nfc: Nfc) -> Result<Option<String>, RuleError> {
    one_line(
        text,
        1000,
        nfc,
        [
            "Keep the description on one line.",
            "Use at most 1,000 characters.",
        ],
    )
}

pub(crate) fn one_line(
    text: &str,
    most: usize,
    nfc: Nfc,
    [several, long]: [RuleError; 2],
) -> Result<Option<String>, RuleError> {
    let text = tidied(text, nfc);
    if text.chars().any(ends_a_line) {
        return Err(several);
    }
    if text.chars().count() > most {
        return Err(long);
    }
    Ok(shows(&text).then_some(text))
}

/// How the names of pictures end, whatever the bytes are: cameras and people mix them up. Those that are refused are among them, so that their owner
/// learns why.
const PICTURES: [&str; 16] = [
    "jpg", "jpeg", "jpe", "jfif", "pjp", "pjpeg", "png", "apng", "gif", "webp", "heic", "heif",
    "avif", "bmp", "tif", "tiff",
];

/// Whether a file's name ends as those of pictures do.
#[must_use]
pub fn is_called_a_picture(name: &str) -> bool {
    let end = name.rsplit_once('.').map_or("", |(_, end)| end);
    PICTURES.iter().any(|known| known.eq_ignore_ascii_case(end))
}

/// A file name made fit for display: the part behind the last `/` or `\`, tidied, without control characters, at most 255 characters.
/// A file may be called anything, so nothing is refused: what shows nothing becomes `image`.
#[must_use]
pub fn check_filename(text: &str, nfc: Nfc) -> String {
    let last = text.rsplit(['/', '\\']).next().unwrap_or_default();
    let line: String = last.chars().filter(|c| !ends_a_line(*c)).collect();
    let name: String = tidied(&line, nfc).chars().take(255).collect();
    let name = name.trim();
    // What it is called stands before the extension.
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    if shows(name) && (stem.is_empty() || shows(stem)) {
        name.into()
    } else {
        "image".into()
    }
}

/// Text in NFC, trimmed, without the characters that nobody sees and nobody means. Nobody could find them to take them out, so that
/// they are no reason to refuse anything.
#[must_use]
pub fn tidied(text: &str, nfc: Nfc) -> String {
    let kept: String = text.chars().filter(|c| !is_stray(*c)).collect();
    nfc(kept.trim())
}

/// Direction controls (Unicode's `Bidi_Control`), which change how everything around a name reads and come with what is copied, and
/// zero width spaces and byte order marks. Joiners (ZWJ, ZWNJ) and variation selectors stay: Persian words and emoji need them.
const fn is_stray(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn ends_a_line(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

fn shows(text: &str) -> bool {
    // Braille's empty cell is a letter to Unicode and a gap to the eye.
    text.chars()
        .any(|c| !(c.is_whitespace() || c.is_control() || is_ignorable(c) || c == '\u{2800}'))
}

/// Unicode's `Default_Ignorable_Code_Point`: what shows nothing by itself.
pub(crate) const fn is_ignorable(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(all(test, feature = "unicode"))]
mod tests {
    use super::*;
    use crate::nfc;

    include!("../fixtures/names.rs");

    #[test]
    fn a_picture_is_known_by_the_end_of_its_name_whatever_its_case() {
        for name in ["a.jpg", "A.JPEG", ".png", "a.b.HeIc"] {
            assert!(is_called_a_picture(name), "{name}");
        }
        for name in ["jpg", "a.txt", "a.jpg.zip", "a.", ""] {
            assert!(!is_called_a_picture(name), "{name}");
        }
    }

    #[test]
    fn names_are_judged_by_these_rules_as_in_a_browser() {
        judge_all(nfc);
    }

    #[test]
    fn a_file_is_called_what_stands_before_its_extension() {
        assert_eq!(check_filename("\u{2060}\u{200d}.png", nfc), "image");
        assert_eq!(check_filename(".hidden", nfc), ".hidden");
    }

    #[test]
    fn titles_and_descriptions_are_one_trimmed_line_of_bounded_length() {
        assert_eq!(check_title("  x ", nfc), Ok(Some("x".into())));
        assert_eq!(check_alt(" \u{3000} ", nfc), Ok(None));
        assert!(check_alt(&"é".repeat(500), nfc).is_ok());
        for bad in ["a\nb", "a\0b", "a\u{2028}b", &"é".repeat(501)] {
            assert!(
                check_title(bad, nfc).is_err() && check_alt(bad, nfc).is_err(),
                "{bad:?}"
            );
        }
    }

    #[test]
    fn a_name_that_was_accepted_is_accepted_again_as_it_is() {
        for c in (0..0x3000)
            .chain(0xf900..0x1_0000)
            .chain(0x1_d000..0x1_e000)
            .chain(0x2_f800..0x2_fa20)
            .filter_map(char::from_u32)
        {
            let filename = check_filename(&format!("a{c}"), nfc);
            assert_eq!(check_filename(&filename, nfc), filename, "{c:?}");
            if let Ok(Some(title)) = check_title(&format!("{c}a{c}"), nfc) {
                assert_eq!(check_title(&title, nfc), Ok(Some(title)), "{c:?}");
            }
        }
    }

    #[test]
    fn file_names_lose_folders_control_and_direction_characters() {
        assert_eq!(check_filename("..\\..\\evil\r\n.png", nfc), "evil.png");
        assert_eq!(check_filename("a/b/\u{202e}gpj.exe", nfc), "gpj.exe");
        assert_eq!(check_filename("\0", nfc), "image");
        assert_eq!(
            check_filename(&"x".repeat(70_000), nfc).chars().count(),
            255
        );
        assert_eq!(
            check_filename(&format!("{}a.png", "\u{200d}".repeat(255)), nfc),
            "image"
        );
    }
}
