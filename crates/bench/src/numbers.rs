//! Medians and percentiles.

use std::time::Duration;

/// A count to calculate with; there are never four billion of anything here.
pub fn float(count: impl TryInto<u32>) -> f64 {
    f64::from(count.try_into().unwrap_or(u32::MAX))
}

/// The middle of these, or the mean of the two in the middle. Of none it is no number.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    match (
        values.get(values.len() / 2),
        values.get(values.len().saturating_sub(1) / 2),
    ) {
        (Some(upper), Some(lower)) => f64::midpoint(*upper, *lower),
        _ => f64::NAN,
    }
}

/// The time that so many of a hundred did not exceed.
pub fn percentile(times: &[Duration], percent: usize) -> Option<Duration> {
    let mut times = times.to_vec();
    times.sort_unstable();
    let rank = (times.len() * percent).div_ceil(100).max(1);
    times.get(rank - 1).copied()
}

/// In milliseconds, for a table.
pub fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_two_is_between_them() {
        assert!((median([3.0, 1.0]) - 2.0).abs() < f64::EPSILON);
        assert!((median([5.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!(median([]).is_nan());
    }

    #[test]
    fn a_percentile_is_a_time_that_was_measured() {
        let times: Vec<_> = (1..=200).rev().map(Duration::from_millis).collect();
        assert_eq!(percentile(&times, 50), Some(Duration::from_millis(100)));
        assert_eq!(percentile(&times, 99), Some(Duration::from_millis(198)));
        assert_eq!(
            percentile(&times[..1], 99),
            Some(Duration::from_millis(200))
        );
        assert_eq!(percentile(&[], 99), None);
    }
}
