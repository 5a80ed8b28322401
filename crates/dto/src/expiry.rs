//! When images and albums end.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

use crate::RuleError;

/// How soon something may end, seconds.
pub const SHORTEST_LIFE: u32 = 60;
/// How late: ten years, with as many leap days as there can be. Seconds.
pub const LONGEST_LIFE: u32 = 3_653 * 24 * 3600;

/// A time at which something may end, cut to microseconds: that is what the database keeps.
///
/// # Errors
/// A sentence that says what to change.
pub fn check_expires_at(
    end: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, RuleError> {
    let end = end.trunc_subsecs(6);
    let life = end - now;
    if life < TimeDelta::seconds(SHORTEST_LIFE.into()) {
        Err("Choose a time at least a minute from now.")
    } else if life > TimeDelta::seconds(LONGEST_LIFE.into()) {
        Err("Choose a time within the next ten years.")
    } else {
        Ok(end)
    }
}

/// The time at which something ends that may last for so many seconds.
///
/// # Errors
/// A sentence that says what to change.
pub fn check_expires_in(seconds: u32, now: DateTime<Utc>) -> Result<DateTime<Utc>, RuleError> {
    if (SHORTEST_LIFE..=LONGEST_LIFE).contains(&seconds) {
        Ok(now + TimeDelta::seconds(seconds.into()))
    } else {
        Err("Send 60 to 315619200 seconds.")
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_a_minute_to_ten_years_ahead_and_kept_at_microseconds() {
        let now: DateTime<Utc> = "2026-02-28T10:20:30.000001Z".parse().unwrap();
        let check = |text: &str| check_expires_at(text.parse().unwrap(), now);
        for good in ["2026-02-28T10:21:30.000001Z", "2036-02-28T10:20:30.000001Z"] {
            assert_eq!(check(good), Ok(good.parse().unwrap()));
        }
        let fine = check("2026-03-01T00:00:00.123456789Z").unwrap();
        assert_eq!(
            fine,
            "2026-03-01T00:00:00.123456Z"
                .parse::<DateTime<Utc>>()
                .unwrap()
        );
        for bad in [
            "2026-02-28T10:21:30.000000999Z",
            "1970-01-01T00:00:00Z",
            "2036-03-02T00:00:00Z",
            "9999-12-31T23:59:59-23:59",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_bounds_of_a_life_are_what_its_sentence_says() {
        let now = DateTime::UNIX_EPOCH;
        for seconds in [SHORTEST_LIFE, LONGEST_LIFE] {
            let end = check_expires_in(seconds, now).unwrap();
            assert_eq!(check_expires_at(end, now), Ok(end));
        }
        for seconds in [SHORTEST_LIFE - 1, LONGEST_LIFE + 1] {
            let refused = check_expires_in(seconds, now).unwrap_err();
            assert!(refused.contains(&format!("{SHORTEST_LIFE} to {LONGEST_LIFE} ")));
        }
    }
}
