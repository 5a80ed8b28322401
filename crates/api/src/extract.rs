//! Requests on their way in: bodies, queries and ids, with our own words when they can't be read.

use axum::body::{Body, to_bytes};
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tintype_core::db::ImageId;
use tintype_dto::ProblemCode;
use uuid::Uuid;

use crate::problems::ApiError;

/// A JSON body. Not JSON: 415; broken JSON: 400; unknown or missing fields, and values of another kind than documented: 422.
pub struct ApiJson<T>(pub T);

impl<T: DeserializeOwned + Serialize, S: Send + Sync> FromRequest<S> for ApiJson<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let bytes = to_bytes(body, usize::MAX)
            .await
            .map_err(ApiError::internal)?;
        let request = Request::from_parts(parts, Body::from(bytes.clone()));
        match axum::Json::from_request(request, state).await {
            Ok(axum::Json(body)) => {
                let (given, read) = (serde_json::from_slice(&bytes), serde_json::to_value(&body));
                match odd_kind(
                    "",
                    &given.map_err(ApiError::internal)?,
                    &read.map_err(ApiError::internal)?,
                ) {
                    Some(place) => Err(ApiError::field(
                        &place,
                        "This is another kind of value than the documentation names.",
                    )),
                    None => Ok(Self(body)),
                }
            }
            Err(JsonRejection::JsonDataError(e)) => Err(ApiError::new(
                ProblemCode::ValidationFailed,
                source_text(&e),
            )),
            Err(JsonRejection::MissingJsonContentType(_)) => Err(ApiError::new(
                ProblemCode::UnsupportedContentType,
                "Send the body as application/json.",
            )),
            Err(JsonRejection::JsonSyntaxError(e)) => {
                Err(ApiError::new(ProblemCode::BadRequest, source_text(&e)))
            }
            Err(e) => Err(ApiError::new(ProblemCode::BadRequest, e.body_text())),
        }
    }
}

/// Where the kind of a value is not the one that was read from it: `serde` takes an array for an object, its fields in their order, and an
/// object for the name of a variant. Nobody is to come to rely on that.
fn odd_kind(place: &str, given: &Value, read: &Value) -> Option<String> {
    match (given, read) {
        (Value::Object(given), Value::Object(read)) => {
            let inner = |(name, read)| {
                let place = if place.is_empty() {
                    String::clone(name)
                } else {
                    format!("{place}.{name}")
                };
                odd_kind(&place, given.get(name)?, read)
            };
            read.iter().find_map(inner)
        }
        (Value::Array(given), Value::Array(read)) => {
            let mut pairs = given.iter().zip(read).enumerate();
            pairs.find_map(|(n, (given, read))| odd_kind(&format!("{place}[{n}]"), given, read))
        }
        (Value::String(_), Value::String(_))
        | (Value::Number(_), Value::Number(_))
        | (Value::Bool(_), Value::Bool(_))
        | (Value::Null, Value::Null) => None,
        _ => Some(if place.is_empty() {
            "body".into()
        } else {
            place.into()
        }),
    }
}

/// The parser's own words (field and place), which never hold a value of a secret field: strings are not quoted by it but for
/// unknown variants and field names.
fn source_text(error: &dyn std::error::Error) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}

/// Query parameters. What can't be read or is unknown: 422.
pub struct ApiQuery<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for ApiQuery<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Query(query) =
            Query::from_request_parts(parts, state)
                .await
                .map_err(|e: QueryRejection| {
                    ApiError::new(ProblemCode::ValidationFailed, source_text(&e))
                })?;
        Ok(Self(query))
    }
}

/// The id in the path. What is no id names nothing: 404.
pub struct PathId<T = ImageId>(pub T);

impl<T: From<Uuid>, S: Send + Sync> FromRequestParts<S> for PathId<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Path(id) = Path::<Uuid>::from_request_parts(parts, state)
            .await
            .map_err(|_: PathRejection| ApiError::not_found())?;
        Ok(Self(id.into()))
    }
}
