//! Requests for a part of the bytes.

/// What a `Range` header asks of a body of `size` bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// All of it.
    Whole,
    /// From the first to the last of these bytes.
    Part(u64, u64),
    /// Bytes that are not there.
    Unsatisfiable,
}

/// Reads a single byte range. Other units, several ranges and nonsense are ignored, as RFC 9110 (14.2) allows.
pub fn parse(header: &str, size: u64) -> Wanted {
    let Some((from, to)) = header
        .trim()
        .strip_prefix("bytes=")
        .and_then(|spec| spec.split_once('-'))
    else {
        return Wanted::Whole;
    };
    let number = |text: &str| {
        let text = text.trim();
        if text.bytes().all(|b| b.is_ascii_digit()) {
            text.parse::<u64>().ok()
        } else {
            None
        }
    };
    let (first, last) = match (
        from.trim().is_empty(),
        number(from),
        to.trim().is_empty(),
        number(to),
    ) {
        (true, _, false, Some(0)) => return Wanted::Unsatisfiable,
        (true, _, false, Some(count)) => (size.saturating_sub(count), size),
        (false, Some(first), true, _) => (first, size),
        (false, Some(first), false, Some(last)) if first <= last => (first, last),
        _ => return Wanted::Whole,
    };
    match size.checked_sub(1) {
        Some(end) if first <= end => Wanted::Part(first, last.min(end)),
        _ => Wanted::Unsatisfiable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_ranges_are_read_and_the_rest_is_ignored() {
        for (header, expected) in [
            ("bytes=0-0", Wanted::Part(0, 0)),
            ("bytes=2-", Wanted::Part(2, 9)),
            ("bytes=2-100", Wanted::Part(2, 9)),
            ("bytes=-3", Wanted::Part(7, 9)),
            ("bytes=-100", Wanted::Part(0, 9)),
            ("bytes=-0", Wanted::Unsatisfiable),
            ("bytes=10-", Wanted::Unsatisfiable),
            ("bytes=10-20", Wanted::Unsatisfiable),
            ("bytes=5-2", Wanted::Whole),
            ("bytes=0-1,4-5", Wanted::Whole),
            ("bytes=a-b", Wanted::Whole),
            ("bytes=+1-2", Wanted::Whole),
            ("bytes=-", Wanted::Whole),
            ("items=0-1", Wanted::Whole),
            ("bytes=99999999999999999999-", Wanted::Whole),
        ] {
            assert_eq!(parse(header, 10), expected, "{header}");
        }
        assert_eq!(parse("bytes=-1", 0), Wanted::Unsatisfiable);
    }
}
