//! Query parameters.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{ContentType, ListedState, RuleError, SortOrder, Visibility};

/// How many images a page has when the request names no limit.
pub const DEFAULT_PAGE_LIMIT: u16 = 50;
/// The most images of one page.
pub const MAX_PAGE_LIMIT: u16 = 200;

/// Which page of which images.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct ListImages {
    /// How many, 1 to 200; 50 when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(minimum = 1, maximum = 200, default = 50))]
    pub limit: Option<u16>,
    /// `next_cursor` of the page before. Keep the other parameters as they were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// Words that all occur in the title, the description or the file's name: up to 100 characters. Compared in Unicode's NFC and by full case folding
    /// in every language at once: `STRASSE` finds `Straße`, `istanbul` finds `İSTANBUL`. Accents count.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(max_length = 100))]
    pub q: Option<String>,
    /// Uploaded before this time (RFC 3339). For the newest first alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<DateTime<Utc>>,
    /// With this visibility.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Visibility>,
    /// Of this type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<ContentType>,
    /// The newest first when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<SortOrder>,
    /// Published ones when left out. `trashed` lists the trash, and goes without `before` and `sort`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<ListedState>,
}

/// Which images to count by day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct ListDays {
    /// Words that all occur in the title, the description or the file's name, as in the list of images.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(max_length = 100))]
    pub q: Option<String>,
    /// With this visibility.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Visibility>,
    /// Of this type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<ContentType>,
}

/// Which page of the albums.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct ListAlbums {
    /// How many, 1 to 200; 50 when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(minimum = 1, maximum = 200, default = 50))]
    pub limit: Option<u16>,
    /// `next_cursor` of the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// Which page of an album's images.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct ListAlbumImages {
    /// How many, 1 to 200; 50 when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(minimum = 1, maximum = 200, default = 50))]
    pub limit: Option<u16>,
    /// `next_cursor` of the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

/// How to delete an image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct DeleteImage {
    /// Delete for good, at once. Otherwise the image can be restored for some days.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", param(default = false))]
    pub permanent: bool,
}

impl ListImages {
    /// How many images to list.
    ///
    /// # Errors
    /// A sentence that says what to change.
    pub fn checked_limit(&self) -> Result<u16, RuleError> {
        within(self.limit, "Ask for 1 to 200 images.")
    }
}

impl ListAlbums {
    /// How many albums to list.
    ///
    /// # Errors
    /// A sentence that says what to change.
    pub fn checked_limit(&self) -> Result<u16, RuleError> {
        within(self.limit, "Ask for 1 to 200 albums.")
    }
}

impl ListAlbumImages {
    /// How many images to list.
    ///
    /// # Errors
    /// A sentence that says what to change.
    pub fn checked_limit(&self) -> Result<u16, RuleError> {
        within(self.limit, "Ask for 1 to 200 images.")
    }
}

fn within(limit: Option<u16>, rule: RuleError) -> Result<u16, RuleError> {
    match limit.unwrap_or(DEFAULT_PAGE_LIMIT) {
        limit @ 1..=MAX_PAGE_LIMIT => Ok(limit),
        _ => Err(rule),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_what_its_sentence_says() {
        let limit = |limit| {
            ListImages {
                limit,
                ..ListImages::default()
            }
            .checked_limit()
        };
        assert_eq!(limit(None), Ok(DEFAULT_PAGE_LIMIT));
        assert!(limit(Some(1)).is_ok() && limit(Some(MAX_PAGE_LIMIT)).is_ok());
        assert!(
            limit(Some(0))
                .unwrap_err()
                .contains(&format!("1 to {MAX_PAGE_LIMIT} "))
        );
        assert!(limit(Some(MAX_PAGE_LIMIT + 1)).is_err());
    }

    #[test]
    fn what_is_left_out_is_not_written_and_a_time_is_read_as_it_was_written() {
        assert_eq!(serde_json::to_string(&ListImages::default()).unwrap(), "{}");
        for moment in ["2026-11-24T23:59:59.999999Z", "2026-01-05T00:00:00Z"] {
            let query = ListImages {
                before: Some(moment.parse().unwrap()),
                ..ListImages::default()
            };
            let json = serde_json::to_string(&query).unwrap();
            assert_eq!(serde_json::from_str::<ListImages>(&json).unwrap(), query);
        }
    }
}
