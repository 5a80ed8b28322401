//! How long caches may keep what is shown of an image or an album: not beyond its end.

use std::time::Duration;

use axum::http::HeaderValue;
use chrono::{DateTime, Utc};

use crate::problems::ApiError;

/// For good: what stands behind an address never changes.
const FOR_GOOD: Duration = Duration::from_hours(365 * 24);
/// What is deleted or made private is forgotten by shared caches after this time.
const SHARED: Duration = Duration::from_mins(1);

/// What is left until an end, if there is one.
#[derive(Clone, Copy)]
pub struct Left(Option<Duration>);

impl Left {
    /// Of something that does not end.
    pub const FOR_GOOD: Self = Self(None);

    /// Of something that ends then.
    pub fn until(end: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Self {
        Self(end.map(|end| (end - now).to_std().unwrap_or_default()))
    }

    /// As long as usual, or until the end. Whole seconds.
    pub fn at_most(self, usual: Duration) -> u64 {
        self.0.map_or(usual, |left| left.min(usual)).as_secs()
    }

    /// `Cache-Control` of a page about it.
    pub fn of_page(self) -> Result<HeaderValue, ApiError> {
        let shared = self.at_most(SHARED);
        let value = format!("public, max-age=0, s-maxage={shared}");
        HeaderValue::try_from(value).map_err(ApiError::internal)
    }

    /// `Cache-Control` of its bytes.
    pub fn of_media(self) -> Result<HeaderValue, ApiError> {
        let (own, shared) = (self.at_most(FOR_GOOD), self.at_most(SHARED));
        let stays = own == FOR_GOOD.as_secs();
        let immutable = if stays { ", immutable" } else { "" };
        let value = format!("public, max-age={own}, s-maxage={shared}{immutable}");
        HeaderValue::try_from(value).map_err(ApiError::internal)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn nothing_is_kept_beyond_the_end() {
        let now = DateTime::UNIX_EPOCH;
        let kept = |left: Option<i64>| {
            let left = Left::until(left.map(|ms| now + TimeDelta::milliseconds(ms)), now);
            (left.of_media().unwrap(), left.of_page().unwrap())
        };
        let year = 31_536_000_000;
        for (left, media, page) in [
            (None, "max-age=31536000, s-maxage=60, immutable", 60),
            (Some(year), "max-age=31536000, s-maxage=60, immutable", 60),
            (Some(year - 1), "max-age=31535999, s-maxage=60", 60),
            (Some(60_999), "max-age=60, s-maxage=60", 60),
            (Some(59_999), "max-age=59, s-maxage=59", 59),
            (Some(999), "max-age=0, s-maxage=0", 0),
            (Some(-1), "max-age=0, s-maxage=0", 0),
        ] {
            let page = format!("public, max-age=0, s-maxage={page}");
            let (of_media, of_page) = kept(left);
            assert_eq!(
                (of_media, of_page),
                (
                    format!("public, {media}").parse().unwrap(),
                    page.parse().unwrap()
                ),
                "{left:?}"
            );
        }
    }
}
