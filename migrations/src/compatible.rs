//! Which programs can work after a migration that they don't know.

/// Whether a program of this version (`0.2.0`) can work on a schema with this migration, which a newer program has applied. A migration takes
/// nothing away that the version before it reads; one that takes away what older versions read says so with its name, which ends with the first
/// version that can do without: `m20270102_000030_search_title_gone_needs_0_2_0`.
#[must_use]
pub fn is_for(migration: &str, version: &str) -> bool {
    migration
        .rsplit_once("_needs_")
        .is_none_or(|(_, needed)| numbers(version, '.') >= numbers(needed, '_'))
}

/// What can't be read is newer than everything.
fn numbers(version: &str, separator: char) -> Vec<u64> {
    let part = |part: &str| part.parse().unwrap_or(u64::MAX);
    version.split(separator).map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::is_for;

    #[test]
    fn a_migration_is_for_every_program_but_those_that_it_says_are_too_old() {
        for (migration, fits) in [
            ("m20270101_000030_albums", true),
            ("m20270101_000030_title_gone_needs_0_2_0", true),
            ("m20270101_000030_title_gone_needs_0_2_9", true),
            ("m20270101_000030_title_gone_needs_0_2_11", false),
            ("m20270101_000030_title_gone_needs_0_10_0", false),
            ("m20270101_000030_title_gone_needs_1_0_0", false),
            ("m20270101_000030_title_gone_needs_words", false),
        ] {
            assert_eq!(is_for(migration, "0.2.10"), fits, "{migration}");
        }
    }
}
