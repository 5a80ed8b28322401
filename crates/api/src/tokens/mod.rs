//! Session tokens.

mod hs256;

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use tintype_core::accounts::{By, SessionKey};
use uuid::Uuid;

use tintype_core::secret::Secret;

const AUDIENCE: &str = "tintype";
const LEEWAY_SECONDS: i64 = 5;
/// How long a session works.
pub const LIFETIME: TimeDelta = TimeDelta::days(7);

/// Makes and checks session tokens: JWT, HS256 alone, 7 days.
pub struct Tokens {
    issuer: String,
    signing: EncodingKey,
    checking: DecodingKey,
    validation: Validation,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    iss: String,
    aud: String,
    sub: Uuid,
    iat: i64,
    nbf: i64,
    exp: i64,
    jti: Uuid,
    ver: i32,
}

impl Tokens {
    /// For this issuer (the app origin), signed with this secret.
    #[must_use]
    pub fn new(issuer: String, secret: &Secret) -> Self {
        hs256::install();
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[&issuer]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp", "nbf"]);
        // Times are checked below, against our own clock.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let key = secret.expose().as_bytes();
        Self {
            issuer,
            signing: EncodingKey::from_secret(key),
            checking: DecodingKey::from_secret(key),
            validation,
        }
    }

    /// Makes a token for this user, valid from `now`, and returns when it ends.
    pub fn issue(
        &self,
        session: SessionKey,
        now: DateTime<Utc>,
    ) -> jsonwebtoken::errors::Result<(String, DateTime<Utc>)> {
        let expires_at = now + LIFETIME;
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: AUDIENCE.into(),
            sub: session.user_id.0,
            iat: now.timestamp(),
            nbf: now.timestamp(),
            exp: expires_at.timestamp(),
            jti: session.by.id(),
            ver: session.version,
        };
        let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.signing)?;
        Ok((token, expires_at))
    }

    /// The claims, if the token is ours and valid at `now`.
    #[must_use]
    pub fn check(&self, token: &str, now: DateTime<Utc>) -> Option<SessionKey> {
        let data = jsonwebtoken::decode::<Claims>(token, &self.checking, &self.validation).ok()?;
        if data.header != Header::new(Algorithm::HS256) {
            return None;
        }
        let (claims, now) = (data.claims, now.timestamp());
        let in_time = claims.nbf <= now.saturating_add(LEEWAY_SECONDS)
            && claims.iat <= now.saturating_add(LEEWAY_SECONDS)
            && now < claims.exp.saturating_add(LEEWAY_SECONDS)
            && claims.exp.checked_sub(claims.iat)? <= LIFETIME.num_seconds();
        in_time.then_some(SessionKey {
            user_id: claims.sub.into(),
            version: claims.ver,
            by: By::Session {
                id: claims.jti.into(),
            },
        })
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::{Value, json};

    use tintype_core::db::UserId;

    use super::*;

    fn tokens() -> Tokens {
        Tokens::new(
            "http://app".into(),
            &Secret::from("0123456789abcdefghijklmnopqrstuv".to_owned()),
        )
    }

    fn signed(header: &Value, claims: &Value) -> String {
        let part = |v: &Value| URL_SAFE_NO_PAD.encode(v.to_string());
        let message = format!("{}.{}", part(header), part(claims));
        hs256::install();
        let key = EncodingKey::from_secret(b"0123456789abcdefghijklmnopqrstuv");
        let signature =
            jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
        format!("{message}.{signature}")
    }

    fn claims(now: DateTime<Utc>) -> Value {
        let t = now.timestamp();
        json!({"iss": "http://app", "aud": "tintype", "sub": Uuid::nil(), "iat": t, "nbf": t, "exp": t + 60, "jti": Uuid::nil(), "ver": 3})
    }

    fn header() -> Value {
        json!({"typ": "JWT", "alg": "HS256"})
    }

    #[test]
    fn a_token_works_from_its_making_until_seven_days_later() {
        let (now, bearer) = (
            Utc::now(),
            SessionKey {
                user_id: UserId::generate(),
                version: 4,
                by: By::Session {
                    id: Uuid::nil().into(),
                },
            },
        );
        let (token, expires_at) = tokens().issue(bearer, now).unwrap();
        assert_eq!(expires_at - now, TimeDelta::days(7));
        assert_eq!(tokens().check(&token, now), Some(bearer));
        assert_eq!(
            tokens().check(&token, expires_at - TimeDelta::seconds(1)),
            Some(bearer)
        );
        assert_eq!(
            tokens().check(&token, expires_at + TimeDelta::seconds(6)),
            None
        );
        assert_eq!(tokens().check(&token, now - TimeDelta::seconds(7)), None);
    }

    #[test]
    fn a_token_in_the_exact_form_is_accepted() {
        let now = Utc::now();
        assert!(
            tokens()
                .check(&signed(&header(), &claims(now)), now)
                .is_some()
        );
    }

    /// RFC 7515, A.1: we verify what others sign, and the other way round.
    #[test]
    fn signatures_are_those_of_the_standard() {
        hs256::install();
        let secret = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
        let message = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let signature = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let secret = URL_SAFE_NO_PAD.decode(secret).unwrap();
        let key = EncodingKey::from_secret(&secret);
        assert_eq!(
            jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap(),
            signature
        );
        let key = DecodingKey::from_secret(&secret);
        let verify = |signature: &str| {
            jsonwebtoken::crypto::verify(signature, message.as_bytes(), &key, Algorithm::HS256)
                .unwrap()
        };
        assert!(verify(signature));
        for cut_short in ["", &signature[..40]] {
            assert!(!verify(cut_short), "{cut_short}");
        }
    }

    #[test]
    fn no_other_algorithm_signs_or_checks() {
        hs256::install();
        let (signing, checking) = (
            EncodingKey::from_secret(b"0123456789abcdefghijklmnopqrstuv"),
            DecodingKey::from_secret(b"0123456789abcdefghijklmnopqrstuv"),
        );
        for algorithm in [
            Algorithm::HS384,
            Algorithm::HS512,
            Algorithm::RS256,
            Algorithm::PS256,
            Algorithm::ES256,
            Algorithm::EdDSA,
        ] {
            assert!(jsonwebtoken::crypto::sign(b"x", &signing, algorithm).is_err());
            assert!(jsonwebtoken::crypto::verify("AA", b"x", &checking, algorithm).is_err());
        }
        let public = DecodingKey::from_rsa_der(b"0123456789abcdefghijklmnopqrstuv");
        assert!(jsonwebtoken::crypto::verify("AA", b"x", &public, Algorithm::HS256).is_err());
    }

    #[test]
    fn other_headers_are_refused() {
        let now = Utc::now();
        for (key, value) in [
            ("alg", json!("none")),
            ("alg", json!("HS512")),
            ("alg", json!("RS256")),
            ("kid", json!("x")),
            ("jku", json!("http://evil")),
            ("jwk", json!({"kty": "oct", "k": "AA"})),
            ("crit", json!(["exp"])),
        ] {
            let mut header = header();
            header[key] = value;
            assert_eq!(
                tokens().check(&signed(&header, &claims(now)), now),
                None,
                "{header}"
            );
        }
    }

    #[test]
    fn missing_or_odd_claims_are_refused() {
        let now = Utc::now();
        for key in ["iss", "aud", "sub", "iat", "nbf", "exp", "jti", "ver"] {
            let mut claims = claims(now);
            claims.as_object_mut().unwrap().remove(key);
            assert_eq!(
                tokens().check(&signed(&header(), &claims), now),
                None,
                "without {key}"
            );
        }
        for (key, value) in [
            ("exp", json!("9999999999")),
            ("exp", json!(i64::MAX)),
            ("exp", json!(1e300)),
            ("iat", json!(i64::MIN)),
            ("aud", json!("other")),
            ("iss", json!("http://evil")),
            ("ver", json!(1e12)),
            ("admin", json!(true)),
        ] {
            let mut claims = claims(now);
            claims[key] = value;
            assert_eq!(
                tokens().check(&signed(&header(), &claims), now),
                None,
                "{key}"
            );
        }
    }

    #[test]
    fn tampered_tokens_are_refused() {
        let now = Utc::now();
        let token = signed(&header(), &claims(now));
        for bad in [
            format!("{token}x"),
            format!("{token}."),
            format!(" {token}"),
            token[1..].into(),
            token.replace('.', ""),
            String::new(),
        ] {
            assert_eq!(tokens().check(&bad, now), None, "{bad}");
        }
    }
}
