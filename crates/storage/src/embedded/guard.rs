//! Checks on a request before `s3s` sees it.
//!
//! `s3s` verifies signatures, but a signature only covers what it names. On a presigned URL given to a stranger, an unsigned
//! `x-amz-copy-source` would turn the PUT into a copy of any object, and a chunked body could exceed the signed length. So the guard allows
//! a short list of features, all of them signed, and nothing else.

use http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderMap, Method, StatusCode, Uri};
use s3s::{S3Error, S3ErrorCode};
use url::form_urlencoded;

/// The longest life of a presigned URL, seconds: 7 days.
const LONGEST: u64 = 7 * 24 * 60 * 60;
const SIGNATURE_PARAMETERS: [&str; 6] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-Signature",
    "X-Amz-SignedHeaders",
];
const LIST_PARAMETERS: [&str; 5] = [
    "list-type",
    "prefix",
    "start-after",
    "continuation-token",
    "max-keys",
];
const UNDERSTOOD_HEADERS: [&str; 4] = [
    "x-amz-checksum-sha256",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-user-agent",
];

pub struct Guard {
    pub bucket: String,
    pub region: String,
    pub access_key_id: String,
    pub max_object_bytes: u64,
}

/// Why a request is refused: status, S3 code, message.
#[derive(Debug)]
pub struct Refusal(u16, S3ErrorCode, &'static str);

impl From<Refusal> for S3Error {
    fn from(Refusal(status, code, message): Refusal) -> Self {
        let mut error = Self::with_message(code, message);
        if let Ok(status) = StatusCode::from_u16(status) {
            error.set_status_code(status);
        }
        error
    }
}

type Checked<T = ()> = Result<T, Refusal>;

impl Guard {
    pub fn check(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Checked {
        let query = query(uri)?;
        self.check_operation(method, uri, &query)?;
        let signature = Signature::find(&query, headers)?;
        self.check_scope(&signature)?;
        check_headers(headers, &signature)?;
        self.check_body(method, headers)
    }

    /// Only objects can be written, read and deleted, and only the bucket can be listed.
    fn check_operation(&self, method: &Method, uri: &Uri, query: &[(String, String)]) -> Checked {
        let key = uri
            .path()
            .strip_prefix('/')
            .and_then(|path| path.strip_prefix(self.bucket.as_str()));
        let object = match key {
            Some("" | "/") => false,
            Some(key) if key.starts_with('/') => true,
            _ => {
                return Err(Refusal(
                    404,
                    S3ErrorCode::NoSuchBucket,
                    "There is no such bucket.",
                ));
            }
        };
        let understood = if object {
            matches!(
                *method,
                Method::PUT | Method::GET | Method::HEAD | Method::DELETE
            )
        } else {
            *method == Method::GET && value(query, "list-type") == Some("2")
        };
        let parameter = |name: &str| {
            SIGNATURE_PARAMETERS.contains(&name)
                || name == "x-id"
                || !object && LIST_PARAMETERS.contains(&name)
        };
        if understood && query.iter().all(|(name, _)| parameter(name)) {
            Ok(())
        } else {
            Err(Refusal(
                501,
                S3ErrorCode::NotImplemented,
                "This operation is not part of this store.",
            ))
        }
    }

    fn check_scope(&self, signature: &Signature) -> Checked {
        let mut parts = signature.credential.rsplitn(5, '/');
        let scope = [parts.next(), parts.next(), parts.next()];
        let (_date, key) = (parts.next(), parts.next());
        if key != Some(&self.access_key_id) {
            return Err(Refusal(
                403,
                S3ErrorCode::InvalidAccessKeyId,
                "The access key is not known.",
            ));
        }
        if scope != [Some("aws4_request"), Some("s3"), Some(&self.region)] {
            let code = S3ErrorCode::AuthorizationHeaderMalformed;
            return Err(Refusal(
                400,
                code,
                "The request is signed for another region or service.",
            ));
        }
        Ok(())
    }

    /// Only a PUT has a body, and its length is known and within the limit.
    fn check_body(&self, method: &Method, headers: &HeaderMap) -> Checked {
        const LENGTH: Refusal = Refusal(
            411,
            S3ErrorCode::MissingContentLength,
            "Content-Length is needed.",
        );
        if headers.contains_key(TRANSFER_ENCODING) {
            return Err(LENGTH);
        }
        let length = headers
            .get(CONTENT_LENGTH)
            .map(|length| length.to_str().ok().and_then(|text| text.parse().ok()));
        let streaming = |value: &http::HeaderValue| value.as_bytes().starts_with(b"STREAMING");
        let chunked = |value: &http::HeaderValue| {
            value
                .to_str()
                .is_ok_and(|text| text.contains("aws-chunked"))
        };
        if headers
            .get_all("x-amz-content-sha256")
            .iter()
            .any(streaming)
            || headers.get_all(CONTENT_ENCODING).iter().any(chunked)
        {
            return Err(Refusal(
                501,
                S3ErrorCode::NotImplemented,
                "Signed chunks are not part of this store.",
            ));
        }
        match (*method == Method::PUT, length) {
            (true, None) | (_, Some(None)) => Err(LENGTH),
            (true, Some(Some(length))) if length > self.max_object_bytes => Err(Refusal(
                413,
                S3ErrorCode::EntityTooLarge,
                "The object is larger than this store takes.",
            )),
            (false, Some(Some(1..))) => Err(Refusal(
                400,
                S3ErrorCode::InvalidRequest,
                "Only PUT has a body.",
            )),
            _ => Ok(()),
        }
    }
}

/// How a request says that it is signed.
struct Signature {
    credential: String,
    signed_headers: String,
}

impl Signature {
    fn find(query: &[(String, String)], headers: &HeaderMap) -> Checked<Self> {
        let mut authorizations = headers.get_all(AUTHORIZATION).iter();
        let authorization = authorizations.next();
        let presigned = query.iter().any(|(name, _)| name.starts_with("X-Amz-"));
        match (presigned, authorization, authorizations.next()) {
            (true, None, None) => Self::presigned(query),
            (false, Some(authorization), None) => authorization
                .to_str()
                .ok()
                .and_then(Self::in_header)
                .ok_or(Refusal(
                    400,
                    S3ErrorCode::AuthorizationHeaderMalformed,
                    "The Authorization header is not understood.",
                )),
            (false, None, None) => Err(Refusal(
                403,
                S3ErrorCode::AccessDenied,
                "The request has to be signed.",
            )),
            _ => Err(Refusal(
                400,
                S3ErrorCode::InvalidRequest,
                "The request is signed in two ways.",
            )),
        }
    }

    fn presigned(query: &[(String, String)]) -> Checked<Self> {
        let malformed =
            |message| Refusal(400, S3ErrorCode::AuthorizationQueryParametersError, message);
        let [algorithm, credential, _, expires, _, signed] =
            SIGNATURE_PARAMETERS.map(|name| value(query, name));
        if algorithm != Some("AWS4-HMAC-SHA256") {
            return Err(malformed("X-Amz-Algorithm has to be AWS4-HMAC-SHA256."));
        }
        if !expires
            .and_then(|text| text.parse().ok())
            .is_some_and(|seconds| (1..=LONGEST).contains(&seconds))
        {
            return Err(malformed("X-Amz-Expires has to be 1 to 604800 seconds."));
        }
        let (Some(credential), Some(signed)) = (credential, signed) else {
            return Err(malformed("A parameter of the signature is missing."));
        };
        Ok(Self {
            credential: credential.to_owned(),
            signed_headers: signed.to_owned(),
        })
    }

    fn in_header(text: &str) -> Option<Self> {
        let fields = text
            .strip_prefix("AWS4-HMAC-SHA256 ")?
            .split(',')
            .map(|field| field.trim().split_once('='));
        let fields: Vec<_> = fields.collect::<Option<_>>()?;
        let only = |name| {
            let mut values = fields
                .iter()
                .filter(|(other, _)| *other == name)
                .map(|(_, value)| (*value).to_owned());
            values.next().filter(|_| values.next().is_none())
        };
        Some(Self {
            credential: only("Credential")?,
            signed_headers: only("SignedHeaders")?,
        })
    }

    fn covers(&self, header: &str) -> bool {
        self.signed_headers
            .split(';')
            .any(|signed| signed == header)
    }
}

fn check_headers(headers: &HeaderMap, signature: &Signature) -> Checked {
    if !signature.covers("host") {
        return Err(Refusal(
            403,
            S3ErrorCode::AccessDenied,
            "The Host header has to be signed.",
        ));
    }
    for name in headers
        .keys()
        .map(http::HeaderName::as_str)
        .filter(|name| name.starts_with("x-amz-"))
    {
        if name != "x-amz-content-sha256" && !signature.covers(name) {
            return Err(Refusal(
                403,
                S3ErrorCode::AccessDenied,
                "There is an x-amz header that is not signed.",
            ));
        }
        if !UNDERSTOOD_HEADERS.contains(&name) {
            return Err(Refusal(
                501,
                S3ErrorCode::NotImplemented,
                "There is an x-amz header that means nothing here.",
            ));
        }
    }
    Ok(())
}

fn query(uri: &Uri) -> Checked<Vec<(String, String)>> {
    let mut query: Vec<_> = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
        .into_owned()
        .collect();
    query.sort();
    if query.windows(2).any(|pair| pair[0].0 == pair[1].0) {
        return Err(Refusal(
            400,
            S3ErrorCode::InvalidArgument,
            "A query parameter is given twice.",
        ));
    }
    Ok(query)
}

fn value<'q>(query: &'q [(String, String)], name: &str) -> Option<&'q str> {
    query
        .iter()
        .find(|(other, _)| other == name)
        .map(|(_, value)| value.as_str())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn check(query: &str, headers: &[(&'static str, &'static str)]) -> Option<(u16, String)> {
        let guard = Guard {
            bucket: "pictures".into(),
            region: "auto".into(),
            access_key_id: "tin/type".into(),
            max_object_bytes: 100,
        };
        let uri = format!("/pictures/a?{query}").parse().unwrap();
        let headers = headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect();
        guard
            .check(&Method::PUT, &uri, &headers)
            .err()
            .map(|Refusal(status, code, _)| (status, code.as_str().to_owned()))
    }

    const PRESIGNED: &str = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=tin%2Ftype%2F20260101%2Fauto%2Fs3%2Faws4_request\
         &X-Amz-Date=20260101T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=content-length%3Bhost&X-Amz-Signature=0";
    const SIGNED: &str = "AWS4-HMAC-SHA256 Credential=tin/type/20260101/auto/s3/aws4_request, \
         SignedHeaders=host;x-amz-date, Signature=0";

    #[test]
    fn requests_signed_in_either_way_pass() {
        assert_eq!(check(PRESIGNED, &[("content-length", "100")]), None);
        assert_eq!(
            check(
                "",
                &[
                    ("content-length", "0"),
                    ("authorization", SIGNED),
                    ("x-amz-date", "x")
                ]
            ),
            None
        );
    }

    #[test]
    fn a_body_without_one_known_length_is_refused() {
        for headers in [
            &[][..],
            &[("content-length", "x")],
            &[("transfer-encoding", "chunked")],
            &[("content-length", "6"), ("transfer-encoding", "chunked")],
        ] {
            assert_eq!(
                check(PRESIGNED, headers),
                Some((411, "MissingContentLength".into())),
                "{headers:?}"
            );
        }
        assert_eq!(
            check(PRESIGNED, &[("content-length", "101")]),
            Some((413, "EntityTooLarge".into()))
        );
    }

    #[test]
    fn signed_chunks_are_refused() {
        for (name, value) in [
            ("content-encoding", "gzip, aws-chunked"),
            ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
        ] {
            let refused = check(
                "",
                &[
                    ("content-length", "6"),
                    ("authorization", SIGNED),
                    (name, value),
                ],
            );
            assert_eq!(refused, Some((501, "NotImplemented".into())), "{name}");
        }
    }

    #[test]
    fn a_request_is_signed_once_and_with_its_host() {
        let length = ("content-length", "6");
        assert_eq!(check("", &[length]).unwrap().0, 403);
        assert_eq!(
            check(PRESIGNED, &[length, ("authorization", SIGNED)])
                .unwrap()
                .0,
            400
        );
        assert_eq!(
            check(
                "",
                &[length, ("authorization", SIGNED), ("authorization", SIGNED)]
            )
            .unwrap()
            .0,
            400
        );
        assert_eq!(
            check(&PRESIGNED.replace("%3Bhost", ""), &[length])
                .unwrap()
                .0,
            403
        );
        for odd in [
            "Basic dGlu",
            "AWS tin:type",
            "AWS4-HMAC-SHA256 Credential=a, Credential=b, SignedHeaders=host",
        ] {
            let refused = check("", &[length, ("authorization", odd)]);
            assert_eq!(
                refused,
                Some((400, "AuthorizationHeaderMalformed".into())),
                "{odd}"
            );
        }
    }

    #[test]
    fn parameters_that_are_not_of_a_signature_are_refused() {
        let length = [("content-length", "6")];
        for more in [
            "acl",
            "uploadId=x&partNumber=1",
            "tagging",
            "versionId=1",
            "response-content-type=text/html",
            "prefix=",
        ] {
            assert_eq!(
                check(&format!("{PRESIGNED}&{more}"), &length).unwrap().0,
                501,
                "{more}"
            );
        }
        assert_eq!(
            check(&format!("{PRESIGNED}&X-Amz-Expires=61"), &length)
                .unwrap()
                .0,
            400
        );
    }
}
