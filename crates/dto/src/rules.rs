//! The rules for what people type, in the same words on the server and in the page.

/// Why a text breaks a rule: a sentence for the person who typed it.
pub type RuleError = &'static str;

/// A username: 3 to 32 of `[a-z0-9_-]`, lower-cased first.
///
/// # Errors
/// A sentence that says what to change.
pub fn check_username(text: &str) -> Result<String, RuleError> {
    let name = text.to_ascii_lowercase();
    if name.len() < 3 {
        return Err("Use at least 3 characters.");
    }
    if name.len() > 32 {
        return Err("Use at most 32 characters.");
    }
    if !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-') {
        return Err("Use letters a-z, digits, - and _ only.");
    }
    Ok(name)
}

/// The shape of an e-mail address; the server also brings its domain to canonical form.
///
/// # Errors
/// A sentence that says what to change.
pub fn check_email(text: &str) -> Result<(&str, &str), RuleError> {
    const SHAPE: RuleError = "Enter an address like name@example.com.";
    let (local, domain) = text.trim().rsplit_once('@').ok_or(SHAPE)?;
    let odd = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | ',' | ';' | '@');
    if local.is_empty() || domain.is_empty() || local.contains(odd) || domain.contains(odd) {
        return Err(SHAPE);
    }
    if domain.split('.').any(str::is_empty) {
        return Err(SHAPE);
    }
    if local.len() > 64 || domain.len() > 253 {
        return Err("This address is too long.");
    }
    Ok((local, domain))
}

/// A new password: 8 to 256 characters, any.
///
/// # Errors
/// A sentence that says what to change.
pub fn check_password(text: &str) -> Result<(), RuleError> {
    match text.chars().take(257).count() {
        0..8 => Err("Use at least 8 characters."),
        257 => Err("Use at most 256 characters."),
        _ => Ok(()),
    }
}

/// A title: up to 200 characters on one line, trimmed. `None` when nothing is left.
///
/// # Errors
/// A sentence that says what to change.
pub fn check_title(text: &str) -> Result<Option<String>, RuleError> {
    one_line(text, 200, ["Keep the title on one line.", "Use at most 200 characters."])
}

/// What a picture shows, in words: up to 500 characters on one line, trimmed. `None` when nothing is left.
///
/// # Errors
/// A sentence that says what to change.
pub fn check_alt(text: &str) -> Result<Option<String>, RuleError> {
    one_line(text, 500, ["Keep the description on one line.", "Use at most 500 characters."])
}

fn one_line(text: &str, most: usize, [several, long]: [RuleError; 2]) -> Result<Option<String>, RuleError> {
    let text = text.trim();
    if text.chars().any(char::is_control) {
        return Err(several);
    }
    if text.chars().count() > most {
        return Err(long);
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// What somebody looks for: up to 100 characters on one line, as lower-case words. All of them have to occur.
///
/// # Errors
/// A sentence that says what to change.
pub fn check_search(text: &str) -> Result<Vec<String>, RuleError> {
    let line = one_line(text, 100, ["Search for words on one line.", "Use at most 100 characters."])?;
    Ok(line.map(|line| line.to_lowercase().split_whitespace().map(str::to_owned).collect()).unwrap_or_default())
}

/// A file name made fit for display: the part behind the last `/` or `\`, without control and direction characters, at most
/// 255 characters. Never empty.
#[must_use]
pub fn check_filename(text: &str) -> String {
    let last = text.rsplit(['/', '\\']).next().unwrap_or_default();
    let shown = |c: &char| {
        !c.is_control() && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let name: String = last.chars().filter(shown).take(255).collect();
    let name = name.trim();
    if name.is_empty() { "image".into() } else { name.into() }
}

/// A SHA-256 as 64 lower-case hex digits.
///
/// # Errors
/// A sentence that says what to change.
pub fn check_sha256(text: &str) -> Result<[u8; 32], RuleError> {
    const SHAPE: RuleError = "Write the SHA-256 as 64 lower-case hex digits.";
    let digit = |b: u8| match b {
        b'0'..=b'9' => Some(b - b'0'),
        b'a'..=b'f' => Some(b - b'a' + 10),
        _ => None,
    };
    let bytes = text.as_bytes();
    if bytes.len() != 64 {
        return Err(SHAPE);
    }
    let mut hash = [0; 32];
    for (to, pair) in hash.iter_mut().zip(bytes.chunks_exact(2)) {
        let (high, low) = (digit(pair[0]).ok_or(SHAPE)?, digit(pair[1]).ok_or(SHAPE)?);
        *to = high << 4 | low;
    }
    Ok(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usernames_are_lowered_and_confusable_ones_refused() {
        assert_eq!(check_username("Ada_1-x"), Ok("ada_1-x".into()));
        for bad in ["ab", "a b c", "аdа", "ada\u{0}", "", &"a".repeat(33), "ada@x"] {
            assert!(check_username(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn emails_need_a_name_and_a_domain() {
        assert_eq!(check_email(" ada@example.com "), Ok(("ada", "example.com")));
        for bad in ["ada", "@x", "ada@", "a b@x.y", "a@x..y", "a@b@c", "ada@x.y\n<"] {
            assert!(check_email(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn passwords_are_counted_in_characters() {
        assert!(check_password("short").is_err());
        assert!(check_password("ключ1234").is_ok());
        assert!(check_password(&"é".repeat(256)).is_ok());
        assert!(check_password(&"é".repeat(257)).is_err());
    }

    #[test]
    fn titles_and_descriptions_are_one_trimmed_line_of_bounded_length() {
        assert_eq!(check_title("  x "), Ok(Some("x".into())));
        assert_eq!(check_alt(" \u{3000} "), Ok(None));
        assert!(check_alt(&"é".repeat(500)).is_ok());
        for bad in ["a\nb", "a\0b", &"é".repeat(501)] {
            assert!(check_title(bad).is_err() && check_alt(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_search_is_lower_case_words() {
        assert_eq!(check_search(" Été  Lake "), Ok(vec!["été".into(), "lake".into()]));
        assert_eq!(check_search("  "), Ok(Vec::new()));
        assert!(check_search(&"x".repeat(101)).is_err() && check_search("a\0b").is_err());
    }

    #[test]
    fn file_names_lose_folders_control_and_direction_characters() {
        assert_eq!(check_filename("..\\..\\evil\r\n.png"), "evil.png");
        assert_eq!(check_filename("a/b/\u{202e}gpj.exe"), "gpj.exe");
        assert_eq!(check_filename("\0"), "image");
        assert_eq!(check_filename(&"x".repeat(70_000)).chars().count(), 255);
    }

    #[test]
    fn hashes_are_64_lower_case_hex_digits() {
        assert_eq!(check_sha256(&"0f".repeat(32)), Ok([15; 32]));
        for bad in ["", &"0F".repeat(32), &"0".repeat(63), &"é".repeat(32)] {
            assert!(check_sha256(bad).is_err(), "{bad:?}");
        }
    }
}
