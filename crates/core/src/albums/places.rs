//! Positions within an album: numbers with room between them.

/// What lies between two neighbours that nobody has moved yet.
pub const STEP: i64 = 1 << 32;

/// So many positions, in ascending order, behind `low` and before `high`, with room between them. `None`: there is not that much room left.
pub fn between(low: Option<i64>, high: Option<i64>, count: usize) -> Option<Vec<i64>> {
    let count = i64::try_from(count).ok()?;
    let whole = STEP.checked_mul(count.checked_add(1)?)?;
    let (low, step) = match (low, high) {
        (Some(low), Some(high)) => (low, high.checked_sub(low)? / (count + 1)),
        (Some(low), None) => (low, STEP),
        (None, Some(high)) => (high.checked_sub(whole)?, STEP),
        (None, None) => (0, STEP),
    };
    let place = |n| low.checked_add(step.checked_mul(n)?);
    // Where the step is nothing, they would all be the same.
    (1..=count)
        .map(place)
        .collect::<Option<_>>()
        .filter(|_| step > 0)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn positions_ascend_strictly_between_their_neighbours() {
        let ends = [i64::MIN, -STEP, -3, 0, 1, 2, 500, 501, STEP, i64::MAX];
        let ends = || ends.into_iter().map(Some).chain([None]);
        for (low, high) in ends().flat_map(|low| ends().map(move |high| (low, high))) {
            for count in [0, 1, 2, 500] {
                let Some(places) = between(low, high, count) else {
                    continue;
                };
                let all = [low.as_slice(), &places, high.as_slice()].concat();
                assert!(all.is_sorted_by(|a, b| a < b), "{low:?} {high:?} {all:?}");
                assert_eq!(places.len(), count);
            }
        }
    }

    #[test]
    fn there_is_room_where_nobody_has_moved_anything_and_it_ends_in_time() {
        let (low, mut high) = (0, STEP);
        assert_eq!(between(Some(low), Some(high), 500).unwrap().len(), 500);
        let moves = std::iter::from_fn(|| {
            high = *between(Some(low), Some(high), 1)?.first()?;
            Some(high)
        });
        assert_eq!(moves.count(), 32);
        assert_eq!(between(Some(3), Some(4), 1), None);
        assert_eq!(between(Some(i64::MAX - STEP), None, 2), None);
        assert_eq!(between(None, Some(i64::MIN), 1), None);
    }
}
