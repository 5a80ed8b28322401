//! The rules for what people type, in the same words on the server and in the page.

/// Why a text breaks a rule: a sentence for the person who typed it.
pub type RuleError = &'static str;

/// The SHA-256 of a file: 64 lower-case hex digits.
#[cfg(feature = "openapi")]
#[derive(utoipa::ToSchema)]
#[schema(
    example = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03",
    pattern = "^[0-9a-f]{64}$"
)]
pub struct Sha256(pub String);

/// The bytes of a file. Without the format, generated clients take them for text.
#[cfg(feature = "openapi")]
#[derive(utoipa::ToSchema)]
#[schema(value_type = String, format = Binary)]
pub struct FileBytes(pub Vec<u8>);

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
    if !name
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-')
    {
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
    let odd = |c: char| {
        c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | ',' | ';' | '@')
    };
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
        for bad in [
            "ab",
            "a b c",
            "аdа",
            "ada\u{0}",
            "",
            &"a".repeat(33),
            "ada@x",
        ] {
            assert!(check_username(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn emails_need_a_name_and_a_domain() {
        assert_eq!(check_email(" ada@example.com "), Ok(("ada", "example.com")));
        for bad in [
            "ada",
            "@x",
            "ada@",
            "a b@x.y",
            "a@x..y",
            "a@b@c",
            "ada@x.y\n<",
        ] {
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
    fn hashes_are_64_lower_case_hex_digits() {
        assert_eq!(check_sha256(&"0f".repeat(32)), Ok([15; 32]));
        for bad in ["", &"0F".repeat(32), &"0".repeat(63), &"é".repeat(32)] {
            assert!(check_sha256(bad).is_err(), "{bad:?}");
        }
    }
}
