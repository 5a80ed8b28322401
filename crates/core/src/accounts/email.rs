use tintype_dto::{RuleError, check_email};

/// An e-mail address in canonical form: lower case, its domain in IDNA's ASCII form.
pub fn canonical(text: &str) -> Result<String, RuleError> {
    let (local, domain) = check_email(text)?;
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
        assert!(canonical("ada@exa mple.com").is_err());
        assert!(canonical("ada@-x_.com").is_err());
    }
}
