//! Fields of requests with something that may be left alone, taken away or set.

use chrono::{DateTime, Utc};
use tintype_dto::{FieldError, Nfc, RuleError, check_expires_at, nfc};

/// The given text as its rule leaves it. A broken rule is added to `errors`.
#[expect(
    clippy::option_option,
    reason = "left alone, taken away and set are three things"
)]
pub fn text(
    errors: &mut Vec<FieldError>,
    field: &str,
    given: Option<&Option<String>>,
    rule: fn(&str, Nfc) -> Result<Option<String>, RuleError>,
) -> Option<Option<String>> {
    let check = |value: &Option<String>| value.as_deref().map_or(Ok(None), |text| rule(text, nfc));
    kept(errors, field, given.map(check).transpose())
}

/// The given `expires_at`, if it may be that. A broken rule is added to `errors`.
#[expect(
    clippy::option_option,
    reason = "left alone, taken away and set are three things"
)]
pub fn end(
    errors: &mut Vec<FieldError>,
    given: Option<Option<DateTime<Utc>>>,
    now: DateTime<Utc>,
) -> Option<Option<DateTime<Utc>>> {
    let check = |end: Option<_>| end.map(|end| check_expires_at(end, now)).transpose();
    kept(errors, "expires_at", given.map(check).transpose())
}

fn kept<T>(
    errors: &mut Vec<FieldError>,
    field: &str,
    checked: Result<Option<T>, RuleError>,
) -> Option<T> {
    checked.unwrap_or_else(|message| {
        errors.push(FieldError {
            field: field.into(),
            message: message.into(),
        });
        None
    })
}
