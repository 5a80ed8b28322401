//! Moments, as the wire writes them: RFC 3339. What chrono reads by itself is looser, and five times as much code in the page; what it writes by
//! itself is the same text, in many pieces.

use std::fmt;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serializer};

struct Moment(DateTime<Utc>);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Text)
    }
}

/// Says what is wanted, for those who are told what is wrong.
struct Text;

impl Visitor<'_> for Text {
    type Value = Moment;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an RFC 3339 time")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Moment, E> {
        parse(text).map(Moment)
    }
}

pub fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
    Moment::deserialize(deserializer).map(|moment| moment.0)
}

pub fn read_option<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<DateTime<Utc>>, D::Error> {
    let moment = Option::<Moment>::deserialize(deserializer)?;
    Ok(moment.map(|moment| moment.0))
}

/// One that may be left out, taken away or set.
#[expect(
    clippy::option_option,
    reason = "left out, null and a value are three things"
)]
pub fn read_change<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<DateTime<Utc>>>, D::Error> {
    read_option(deserializer).map(Some)
}

/// A day such as `2026-11-24`.
pub fn read_day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveDate, D::Error> {
    let day = String::deserialize(deserializer)?;
    parse(&[&day, "T00:00:00Z"].concat()).map(|start| start.date_naive())
}

pub fn write<S: Serializer>(moment: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&moment.to_rfc3339_opts(SecondsFormat::AutoSi, true))
}

#[expect(clippy::ref_option, reason = "serde calls it so")]
pub fn write_option<S: Serializer>(
    moment: &Option<DateTime<Utc>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match moment {
        Some(moment) => write(moment, serializer),
        None => serializer.serialize_none(),
    }
}

#[expect(
    clippy::option_option,
    clippy::ref_option,
    reason = "left out, null and a value are three things, and serde calls it so"
)]
pub fn write_change<S: Serializer>(
    change: &Option<Option<DateTime<Utc>>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    write_option(&change.flatten(), serializer)
}

/// A leap second is the first of the next minute: most who read what is kept know none.
fn parse<E: Error>(text: &str) -> Result<DateTime<Utc>, E> {
    let moment = DateTime::parse_from_rfc3339(text).map_err(E::custom)?;
    let moment = DateTime::from_timestamp_micros(moment.timestamp_micros());
    moment.ok_or_else(|| E::custom("out of range"))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use crate::ImageLinks;

    #[test]
    fn a_moment_is_read_as_it_is_written_or_not_at_all() {
        let links = |moment: &str| {
            let json = format!(
                r#"{{"page":"","original":"","preview":"","thumb":"","expires_at":{moment}}}"#
            );
            serde_json::from_str::<ImageLinks>(&json)
        };
        assert_eq!(links("null").unwrap().expires_at, None);
        for moment in [
            r#""2026-11-24T10:20:30Z""#,
            r#""2026-11-24T10:20:30.000001Z""#,
        ] {
            let read = links(moment).unwrap().expires_at;
            assert_eq!(serde_json::to_string(&read).unwrap(), moment);
        }
        for wrong in [
            r#""2026-11-24""#,
            r#""2026-13-24T10:20:30Z""#,
            r#""2026-11-24T10:20:30""#,
            "7",
        ] {
            assert!(links(wrong).is_err(), "{wrong}");
        }
    }
}
