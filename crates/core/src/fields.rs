//! Fields of requests with a text that may be left alone, taken away or set.

use tintype_dto::{FieldError, Nfc, RuleError, nfc};

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
    given.map(check).transpose().unwrap_or_else(|message| {
        errors.push(FieldError {
            field: field.into(),
            message: message.into(),
        });
        None
    })
}
