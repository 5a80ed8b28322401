//! Signed links: to private images, which expire, and those that delete an image, which end with the API token that uploaded it.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use hmac::{Hmac, Mac};
use serde::Deserialize;
use sha2::Sha256;

use tintype_core::db::TokenId;
use tintype_core::secret::Secret;

const LABEL: &[u8] = b"tintype media links v2";
const DELETE_LABEL: &[u8] = b"tintype delete links v1";
/// What a secret has of its signature, bytes.
const SECRET: usize = 16;
/// How long a signed link works at most, and a minute less at least: links made in the same minute are the same.
const LIFETIME: TimeDelta = TimeDelta::minutes(5);
const STEP: TimeDelta = TimeDelta::minutes(1);
/// The prefix of the signed part of every media address.
const FOLDER: &str = "/i/";

/// Signs the addresses of private images, which only their owners get, and verifies them. A signature ends with the sessions that the owner
/// has now.
pub struct SignedLinks {
    key: Hmac<Sha256>,
}

/// Where an image is. A link to it works there alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Gallery,
    Trash,
}

/// The query of a signed address.
#[derive(Clone, Debug, Deserialize)]
pub struct Signature {
    exp: Option<String>,
    sig: Option<String>,
}

impl Signature {
    /// Whether there is anything to check.
    #[must_use]
    pub fn is_given(&self) -> bool {
        self.sig.is_some()
    }
}

impl SignedLinks {
    /// Derives its own key from the secret that signs sessions: neither signature can stand for the other.
    #[must_use]
    pub fn new(secret: &Secret) -> Self {
        Self {
            key: secret.key(LABEL),
        }
    }

    /// When links made now expire.
    #[must_use]
    pub fn expiry(now: DateTime<Utc>) -> DateTime<Utc> {
        now.duration_trunc(STEP).unwrap_or(now) + LIFETIME
    }

    /// This media address, signed: it works until `expires_at` or until the sessions of this version end. An image that is deleted or
    /// restored meanwhile needs another.
    #[must_use]
    pub fn sign(
        &self,
        mut url: String,
        place: Place,
        expires_at: DateTime<Utc>,
        version: i32,
    ) -> String {
        let exp = expires_at.timestamp();
        let path = url.split_once(FOLDER).map_or("", |(_, path)| path);
        let sig = self.of(path, place, exp, version).finalize().into_bytes();
        let sig = URL_SAFE_NO_PAD.encode(sig);
        let _ = write!(url, "?exp={exp}&sig={sig}");
        url
    }

    /// How long our signature of the part after `/i/`, for sessions of this version, still works, if it is valid.
    #[must_use]
    pub fn check(
        &self,
        path: &str,
        place: Place,
        signature: &Signature,
        version: i32,
        now: DateTime<Utc>,
    ) -> Option<TimeDelta> {
        let exp = signature.exp.as_ref()?.parse().ok()?;
        let sig = URL_SAFE_NO_PAD.decode(signature.sig.as_ref()?).ok()?;
        self.of(path, place, exp, version).verify_slice(&sig).ok()?;
        let left = DateTime::from_timestamp(exp, 0)? - now;
        (left > TimeDelta::zero()).then_some(left)
    }

    fn of(&self, path: &str, place: Place, exp: i64, version: i32) -> Hmac<Sha256> {
        let mut mac = self.key.clone();
        // No path has a space.
        let place = match place {
            Place::Gallery => "",
            Place::Trash => "trash ",
        };
        mac.update(format!("{exp} {version} {place}{path}").as_bytes());
        mac
    }
}

/// Makes and checks the secrets of addresses that delete an image. Nothing is kept of them: each belongs to one image and one API token.
pub struct DeleteLinks {
    key: Hmac<Sha256>,
}

impl DeleteLinks {
    /// Derives its own key, as [`SignedLinks::new`] does.
    #[must_use]
    pub fn new(secret: &Secret) -> Self {
        Self {
            key: secret.key(DELETE_LABEL),
        }
    }

    /// The secret for this image of this token.
    #[must_use]
    pub fn secret(&self, slug: &str, token: TokenId) -> String {
        let signature = self.of(slug, token).finalize().into_bytes();
        URL_SAFE_NO_PAD.encode(&signature[..SECRET])
    }

    /// Whether it is that secret.
    #[must_use]
    pub fn check(&self, slug: &str, token: TokenId, secret: &str) -> bool {
        let given = URL_SAFE_NO_PAD.decode(secret).unwrap_or_default();
        given.len() == SECRET && self.of(slug, token).verify_truncated_left(&given).is_ok()
    }

    fn of(&self, slug: &str, token: TokenId) -> Hmac<Sha256> {
        let mut mac = self.key.clone();
        mac.update(format!("{token} {slug}").as_bytes());
        mac
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn links(secret: &str) -> SignedLinks {
        SignedLinks::new(&Secret::from(secret.to_owned()))
    }

    fn read(url: &str) -> (String, Signature) {
        let (address, query) = url.split_once('?').unwrap();
        let value = |name: &str| {
            query
                .split('&')
                .find_map(|pair| pair.strip_prefix(name))
                .map(str::to_owned)
        };
        let signature = Signature {
            exp: value("exp="),
            sig: value("sig="),
        };
        (address.split_once("/i/").unwrap().1.to_owned(), signature)
    }

    #[test]
    fn a_signed_link_works_for_four_to_five_minutes_and_is_stable_within_one() {
        let links = links("secret");
        let now: DateTime<Utc> = "2026-11-24T12:00:59.5Z".parse().unwrap();
        let url = links.sign(
            "http://m/i/aB3.jpg".into(),
            Place::Gallery,
            SignedLinks::expiry(now),
            3,
        );
        assert_eq!(
            url,
            links.sign(
                "http://m/i/aB3.jpg".into(),
                Place::Gallery,
                SignedLinks::expiry(now - TimeDelta::seconds(59)),
                3
            )
        );
        let (path, signature) = read(&url);
        assert_eq!(
            links.check(&path, Place::Gallery, &signature, 3, now),
            Some(TimeDelta::milliseconds(240_500))
        );
        assert_eq!(
            links.check(
                &path,
                Place::Gallery,
                &signature,
                3,
                now + TimeDelta::minutes(5)
            ),
            None
        );
    }

    #[test]
    fn a_signature_ends_with_the_sessions() {
        let (links, now) = (links("secret"), Utc::now());
        let (path, signature) = read(&links.sign(
            "http://m/i/aB3.jpg".into(),
            Place::Gallery,
            SignedLinks::expiry(now),
            3,
        ));
        assert!(
            links
                .check(&path, Place::Gallery, &signature, 3, now)
                .is_some()
        );
        assert_eq!(
            [2, 4, 33].map(|version| links.check(&path, Place::Gallery, &signature, version, now)),
            [None; 3]
        );
    }

    #[test]
    fn a_signature_is_for_one_address_one_time_and_one_secret() {
        let now = Utc::now();
        let links = links("secret");
        let (path, good) = read(&links.sign(
            "http://m/i/aB3.jpg".into(),
            Place::Gallery,
            SignedLinks::expiry(now),
            3,
        ));
        let exp: i64 = good.exp.as_ref().unwrap().parse().unwrap();
        let other = Signature {
            exp: Some((exp + 1).to_string()),
            ..good.clone()
        };
        let (_, thumb) = read(&links.sign(
            "http://m/i/aB3/thumb.webp".into(),
            Place::Gallery,
            SignedLinks::expiry(now),
            3,
        ));
        let (_, foreign) = read(&self::links("other").sign(
            "http://m/i/aB3.jpg".into(),
            Place::Gallery,
            SignedLinks::expiry(now),
            3,
        ));
        let (cut, none) = (
            Signature {
                sig: Some(String::new()),
                ..good.clone()
            },
            Signature {
                exp: None,
                sig: None,
            },
        );
        let far = Signature {
            exp: Some(i64::MAX.to_string()),
            ..good.clone()
        };
        for (path, bad) in [
            (&*path, other),
            (&path, thumb),
            (&path, foreign),
            (&path, cut),
            (&path, none),
            (&path, far),
            ("aB3.png", good),
        ] {
            let left = links.check(path, Place::Gallery, &bad, 3, now);
            assert_eq!(left, None, "{bad:?}");
        }
    }

    #[test]
    fn a_signature_for_the_gallery_is_none_for_the_trash_and_the_other_way_round() {
        let (links, now) = (links("secret"), Utc::now());
        for (place, other) in [
            (Place::Gallery, Place::Trash),
            (Place::Trash, Place::Gallery),
        ] {
            let url = links.sign(
                "http://m/i/aB3.jpg".into(),
                place,
                SignedLinks::expiry(now),
                3,
            );
            let (path, signature) = read(&url);
            assert!(links.check(&path, place, &signature, 3, now).is_some());
            assert_eq!(links.check(&path, other, &signature, 3, now), None);
        }
    }
}
