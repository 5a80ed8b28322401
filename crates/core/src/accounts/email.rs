//! E-mail addresses, so that one mailbox has one account.

use tintype_dto::{RuleError, check_email, nfc, tidied};

/// An e-mail address in canonical form: lower case, in Unicode's NFC, its domain in IDNA's ASCII form.
pub fn canonical(text: &str) -> Result<String, RuleError> {
    let (local, domain) = check_email(text)?;
    let local = nfc(local);
    if tidied(&local, nfc) != local {
        return Err("An address has no characters that don't show.");
    }
    let domain = idna::domain_to_ascii_strict(domain)
        .map_err(|_| "The part behind the @ is not a domain.")?;
    Ok(format!("{}@{domain}", local.to_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn addresses_that_reach_the_same_mailbox_are_the_same() {
        assert_eq!(canonical(" Ada@Example.COM "), Ok("ada@example.com".into()));
        assert_eq!(
            canonical("ada@BÜCHER.example"),
            Ok("ada@xn--bcher-kva.example".into())
        );
        assert_eq!(
            canonical("u\u{308}da@example.com"),
            canonical("\u{fc}da@example.com")
        );
        assert!(canonical("\u{202e}ada@example.com").is_err());
        assert!(canonical("ada@exa mple.com").is_err());
        assert!(canonical("ada@-x_.com").is_err());
    }
}
