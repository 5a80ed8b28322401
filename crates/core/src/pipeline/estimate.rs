//! What checking a file takes, guessed from what is announced: no more is known before it has landed.

/// For looking at a file, and making the two small pictures of it.
const EACH_MS: u64 = 100;
/// What decoding adds: a photograph has 2 to 4 megapixels in a megabyte.
const MEGABYTE_MS: u64 = 60;

/// Of one core.
#[must_use]
pub fn estimated_ms(size_bytes: u64) -> i64 {
    i64::try_from(EACH_MS + size_bytes * MEGABYTE_MS / 1_000_000).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thousand_photographs_of_5_mb_are_estimated_below_the_default_of_ten_minutes() {
        assert!(1000 * estimated_ms(5_000_000) < 600_000);
    }
}
